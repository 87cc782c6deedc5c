"""What goes from step to step, as small as it can be: nothing but what rings are found by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from agoranomos.kernel.events import Event
from agoranomos.promotions.registration.farms import Entry, entry_of
from agoranomos.promotions.tracing.memory import COUPON_EVENTS
from agoranomos.promotions.tracing.model import Claim, Person

USED: Final = "used"
"""The type of rows that say that an account acted from a device; they are told by no event of that name."""
NEEDED: Final = frozenset((*COUPON_EVENTS, "account.registered", "order.placed", "session.started"))
"""The types of event that rings are found by. What becomes of an order afterwards ties nobody."""
_COUPON: Final = ("coupon_id", "campaign_id", "account_id", "device_id", "ip", "payee_id", "order_id")
_ORDER: Final = (
    "order_id", "buyer_id", "store_id", "device_id", "ip", "recipient_token", "payee_id", "payer_token", "coupon_ids",
)  # fmt: skip


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Of an event what `Memory.hear` needs; `number` is that of its line among all, by which repeats are struck out."""

    time: datetime
    source: str
    id: str
    number: int
    type: str
    data: dict[str, Any]


class Identity(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Which event a line is. Of those with one `digest` the earliest counts, then the least line."""

    digest: bytes
    time: datetime
    line: bytes
    number: int


class SignUp(msgspec.Struct, frozen=True, array_like=True):
    """A registration, with its place among all."""

    source: str
    number: int
    entry: Entry


class Sign(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a registration may share with others."""

    kind: str
    key: bytes
    time: datetime
    number: int


class Holder(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An account has `claims` claims with a key."""

    kind: str
    key: str
    account_id: str
    claims: int


class Shared(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Claims from a device that several accounts hold count for the device; `busy`: they are enough to be looked at."""

    account_id: str
    device: str
    busy: bool


class Act(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A claim as lockstep sees it."""

    account_id: str
    campaign_id: str
    listing: str
    at: datetime
    device: str


class Life(msgspec.Struct, frozen=True, array_like=True):
    """An account: its claims of the window and those before it, both in order, and who it is."""

    claims: tuple[Claim, ...]
    earlier: tuple[Claim, ...]
    person: Person


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where in its file a life ends; lives stand there in this order. `recent`: it has claims of the window."""

    account_id: str
    end: int
    recent: bool


class Counted(msgspec.Struct, frozen=True):
    """By campaign: how many accounts have so many claims of the window, and how many claims of all there were in each
    hour; the number of claims of the window.
    """

    accounts: dict[str, dict[int, int]]
    hours: dict[str, dict[int, int]]
    claims: int


class Read(msgspec.Struct):
    """Lines that were read, events of the needed types among them, those that were not taken, those that repeat
    others.
    """

    lines: int = 0
    events: int = 0
    rejected: int = 0
    repeated: int = 0


def identity_of(event: Event, line: bytes, number: int) -> Identity:
    """Which event it is."""
    identity = f"{len(event.source)}:{event.source}{event.id}".encode()
    # Cryptographic: whoever could make two identities collide could make an event disappear.
    digest = hashlib.blake2b(identity, digest_size=16).digest()
    return Identity(digest, event.time, hashlib.blake2b(line, digest_size=8).digest(), number)


def row_of(event: Event, number: int) -> Row | None:
    """What is needed of it; None of one that says nothing about buyers."""
    data = event.data
    slim = _SLIM[event.type](data)
    return None if slim is None else Row(event.time, event.source, event.id, number, event.type, slim)


def sign_up_of(event: Event, number: int) -> SignUp:
    """Of `account.registered`; how an account calls itself goes as a digest, which is enough to compare."""
    entry = entry_of(event)
    keys = {kind: digest_of(key).hex() if kind == "pattern" else key for kind, key in entry.keys.items()}
    return SignUp(event.source, number, msgspec.structs.replace(entry, keys=keys))


def digest_of(key: str) -> bytes:
    """Sixteen bytes that stand for a key."""
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


def act_of(claim: Claim) -> Act:
    """The claim without what lockstep does not look at."""
    return Act(claim.account_id, claim.campaign_id, claim.listing, claim.at, claim.device)


def claim_of(act: Act, number: int) -> Claim:
    """A claim for lockstep; `number` names it."""
    return Claim(
        account_id=act.account_id, campaign_id=act.campaign_id, coupon_id=str(number), at=act.at, device=act.device,
        listing=act.listing,
    )  # fmt: skip


def _coupon(data: Mapping[str, Any]) -> dict[str, Any]:
    slim = _only(data, _COUPON)
    return slim | {name: _money(data[name]) for name in ("face_value", "paid") if data.get(name)}


def _order(data: Mapping[str, Any]) -> dict[str, Any]:
    if not data.get("coupon_ids"):  # says only that an account bought
        return _only(data, ("buyer_id", "device_id"))
    lines = [
        {"listing_id": each["listing_id"], "quantity": each["quantity"], "price": _money(each["price"])}
        for each in data["lines"]
    ]
    return _only(data, _ORDER) | {"lines": lines, "paid": _money(data["paid"])}


def _session(data: Mapping[str, Any]) -> dict[str, Any] | None:
    if data["principal_kind"] != "buyer":
        return None
    return _only(data, ("account_id", "device_id", "principal_kind"))


def _money(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"amount": value["amount"], "currency": value["currency"]}


def _only(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := data.get(name))}


_SLIM: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any] | None]]] = {
    **dict.fromkeys(COUPON_EVENTS, _coupon), "order.placed": _order, "session.started": _session,
    "account.registered": lambda data: _only(data, ("account_id", "device_id")),
}  # fmt: skip
