"""The steps from files of events to what rings are made of, each done for all parts before the next.

*Reading* takes pieces of files apart and sends what is needed to where it belongs. *Repeats* has all lines of an
identity, and says which do not count. *Coupons* has all that happened to a coupon, *orders* all orders of an id, with
the coupons that they belong to; *accounts* has all claims of an account and what else it did. *Keys* has all holders of
a key, and sends devices that several hold back to those; *acts* has what lockstep looks at. *Signs* has all
registrations that share something. Whoever is first in time is so by (time, source, id), as in a replay.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from agoranomos.engine.replay.parts import Part
from agoranomos.engine.stream.lines import lines
from agoranomos.kernel.calendar import after
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import parse_line
from agoranomos.promotions.registration.policy import Policy as SignUpPolicy
from agoranomos.promotions.tracing.bulk import rows
from agoranomos.promotions.tracing.bulk.dealing import Dealt, dealt_to
from agoranomos.promotions.tracing.conduct import CLAIMS_MIN, crowds_of
from agoranomos.promotions.tracing.judging import SHARED
from agoranomos.promotions.tracing.memory import Memory
from agoranomos.promotions.tracing.model import Claim, Coupon, Person
from agoranomos.promotions.tracing.policy import Policy

Verb = Literal["read", "repeats", "signs", "coupons", "orders", "accounts", "keys", "acts"]
_R = TypeVar("_R", rows.Row, rows.SignUp)
_NUMBERED: Final = 1 << 32
"""Lines of a piece are numbered from its number times this."""
REPEATED: Final = "repeated.npy"
LIVES, PLACES, COUNTS, TIES, ACTS, TELLING = "lives", "places", "counts", "ties", "acts", "telling"


class _Typed(msgspec.Struct):
    type: str


_TYPED: Final = msgspec.json.Decoder(_Typed)


class Step(msgspec.Struct, frozen=True):
    """A step, for whoever does it: `pieces` are the tasks of reading, `parts` of each other step, and their results lie
    in folders of `scratch`. Events after `as_of` do not count (None: all do, until it is known which is the last).
    """

    verb: Verb
    scratch: str
    pieces: int
    parts: int
    policy: Policy
    sign_ups: SignUpPolicy
    as_of: datetime | None

    def do(self, number: int, task: Sequence[Part], folder: Path) -> None:
        """Does the task with this number and leaves what comes of it in `folder`, which is empty. `task` is what
        reading reads, and nothing for the others.
        """
        if self.verb == "read":
            _read(self, number, task, folder)
        else:
            _VERBS[self.verb](self, number, folder)

    def files(self, verb: Verb, name: str) -> list[Path]:
        """The files of this name that a step before left, in order."""
        count = self.pieces if verb == "read" else self.parts
        return [folder_of(Path(self.scratch), verb, number) / name for number in range(count)]

    @property
    def moment(self) -> datetime:
        """The moment of which rings are told."""
        assert self.as_of is not None, "it is known when repeats are"
        return self.as_of

    @property
    def since(self) -> datetime:
        """From when on claims are of the window."""
        return after(self.moment, -timedelta(days=self.policy.window_days))

    @property
    def earlier(self) -> datetime:
        """From when on claims say who acts together."""
        return after(self.moment, -timedelta(days=max(self.policy.sharing_days, self.policy.window_days)))


def folder_of(scratch: Path, verb: Verb, number: int) -> Path:
    """Where the results of a task lie."""
    return scratch / verb / f"{number:07d}"


def written(path: Path, value: Any) -> None:
    """Leaves a value for `read_back`."""
    path.write_bytes(msgspec.msgpack.encode(value))


_V = TypeVar("_V")


def read_back(path: Path, form: type[_V]) -> _V:
    """See `written`."""
    return msgspec.msgpack.decode(path.read_bytes(), type=form)


def counting(step: Step, kept: Iterable[_R]) -> Iterator[_R]:
    """Without those that repeat others."""
    found = list(kept)
    repeated: NDArray[np.int64] = np.load(Path(step.scratch) / REPEATED)
    if not len(repeated) or not found:
        return iter(found)
    numbers = np.fromiter((each.number for each in found), np.int64, len(found))
    places = np.minimum(np.searchsorted(repeated, numbers), len(repeated) - 1)
    return (each for each, gone in zip(found, repeated[places] == numbers, strict=True) if not gone)


def _read(step: Step, piece: int, parts: Sequence[Part], folder: Path) -> None:
    names = ("identities", "coupons", "orders", "accounts", "signs", "sign-ups")
    dealt: dict[str, Dealt[Any]] = {name: Dealt(step.parts) for name in names}
    read, number = rows.Read(), piece * _NUMBERED
    for part in parts:
        try:
            for _, line in lines(part.source, start=part.start, end=part.end):
                read.lines += 1
                number += 1
                _deal(step, line, number, dealt, read)
        except Invalid:  # the file itself, behind what was read of it
            read.rejected += 1
    for name, each in dealt.items():
        each.write(folder / name)
    written(folder / COUNTS, read)


def _deal(step: Step, line: bytes, number: int, dealt: dict[str, Dealt[Any]], read: rows.Read) -> None:
    try:
        if _TYPED.decode(line).type not in rows.NEEDED:
            return
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # what is wrong with it `parse_line` knows
    try:
        event = parse_line(line)
    except Invalid:
        read.rejected += 1
        return
    if event.type not in rows.NEEDED or (step.as_of is not None and event.time > step.as_of):
        return
    row = rows.row_of(event, number)
    if row is None:
        return
    read.events += 1
    identity = rows.identity_of(event, line, number)
    dealt["identities"].add(identity.digest.hex(), identity)
    data = row.data
    match event.type:
        case "account.registered":
            dealt["accounts"].add(data["account_id"], row)
            sign_up = rows.sign_up_of(event, number)
            dealt["sign-ups"].add("", sign_up)
            for kind, key in sign_up.entry.keys.items():
                digest = rows.digest_of(f"{kind}:{key}")
                dealt["signs"].add(digest.hex(), rows.Sign(kind, digest, event.time, number))
        case "session.started":
            dealt["accounts"].add(data["account_id"], row)
        case "order.placed" if not data.get("coupon_ids"):
            dealt["accounts"].add(data["buyer_id"], row)
        case "order.placed":
            dealt["orders"].add(data["order_id"], row)
            dealt["coupons"].add_to_all(data["coupon_ids"], row)
            if device := data.get("device_id"):
                dealt["accounts"].add(data["buyer_id"], _used(row, data["buyer_id"], device))
        case _:
            dealt["coupons"].add(data["coupon_id"], row)


def _repeats(step: Step, part: int, folder: Path) -> None:
    first: dict[bytes, rows.Identity] = {}
    later = list[int]()
    for block in dealt_to(part, step.files("read", "identities"), rows.Identity):
        for each in block:
            known = first.get(each.digest)
            first[each.digest] = each if known is None else min(known, each, key=_rank)
            if known is not None:
                later.append(max(known, each, key=_rank).number)
    np.save(folder / REPEATED, np.array(sorted(later), np.int64))
    written(folder / COUNTS, max((each.time for each in first.values()), default=None))


def _rank(identity: rows.Identity) -> tuple[datetime, bytes, int]:
    return identity.time, identity.line, identity.number


def _signs(step: Step, part: int, folder: Path) -> None:
    """The registrations that share something with so many others within the window that it says something."""
    by_key: dict[bytes, list[rows.Sign]] = defaultdict(list)
    for block in dealt_to(part, step.files("read", "signs"), rows.Sign):
        for each in block:
            by_key[each.key].append(each)
    window, telling = timedelta(days=step.sign_ups.window_days), set[int]()
    for signs in by_key.values():
        least = int(getattr(step.sign_ups.accounts_min, signs[0].kind))
        signs.sort(key=lambda each: each.time)
        for at in range(len(signs) - least + 1):
            if signs[at + least - 1].time - signs[at].time < window:
                telling.update(each.number for each in signs[at : at + least])
    np.save(folder / f"{TELLING}.npy", np.array(sorted(telling), np.int64))


def _coupons(step: Step, part: int, folder: Path) -> None:
    memory = Memory({}, {}, {})
    accounts, orders = Dealt[rows.Row](step.parts), Dealt[Coupon](step.parts)
    for row in _in_order(step, "coupons", part):
        account = memory.hear(row)
        if account is not None and row.type != "order.placed":
            device = memory.coupons[row.data["coupon_id"]].device_id
            if device:
                accounts.add(account, _used(row, account, device))
    for coupon in memory.coupons.values():
        if coupon.at is not None and coupon.at >= step.earlier:
            orders.add(coupon.order_id or coupon.coupon_id, coupon)
    accounts.write(folder / "accounts")
    orders.write(folder / "orders")


def _orders(step: Step, part: int, folder: Path) -> None:
    memory = Memory({}, {}, {})
    for row in _in_order(step, "orders", part):
        memory.hear(row)
    claims = Dealt[Claim](step.parts)
    for block in dealt_to(part, step.files("coupons", "orders"), Coupon):
        for claim in memory.claims(coupons=block):
            claims.add(claim.account_id, claim)
    claims.write(folder / "claims")


def _accounts(step: Step, part: int, folder: Path) -> None:
    of: dict[str, list[Claim]] = defaultdict(list)
    for block in dealt_to(part, step.files("orders", "claims"), Claim):
        for claim in block:
            of[claim.account_id].append(claim)
    people = _people(step, part, of)
    holders, shares = Dealt[rows.Holder](step.parts), list[rows.Place]()
    accounts: dict[str, Counter[int]] = defaultdict(Counter)
    taken = 0
    with (folder / LIVES).open("wb") as file:
        for account in sorted(of):
            claims = sorted(of[account], key=lambda each: (each.at, each.coupon_id))
            recent = tuple(each for each in claims if each.at >= step.since)
            earlier = tuple(each for each in claims if each.at < step.since)
            person = people.get(account) or Person(account_id=account)
            file.write(msgspec.msgpack.encode(rows.Life(recent, earlier, person)))
            shares.append(rows.Place(account, file.tell(), bool(recent)))
            taken += len(recent)
            for kind in SHARED:
                for key, many in Counter(key for claim in recent if (key := getattr(claim, kind))).items():
                    holders.add(f"{kind}:{key}", rows.Holder(kind, key, account, many))
            for campaign, many in Counter(claim.campaign_id for claim in recent).items():
                accounts[campaign][many] += 1
    holders.write(folder / "holders")
    written(folder / PLACES, shares)
    hours = crowds_of(claim for claims in of.values() for claim in claims).hours
    written(folder / COUNTS, rows.Counted({name: dict(counts) for name, counts in accounts.items()}, hours, taken))


def _people(step: Step, part: int, of: dict[str, list[Claim]]) -> dict[str, Person]:
    """Who those are that have claims."""
    memory = Memory({}, {}, {})
    read = list(counting(step, _rows(step, "read", "accounts", part)))
    heard = [*read, *_rows(step, "coupons", "accounts", part)]  # of these repeats are struck out already
    heard = [row for row in heard if row.data.get("account_id", row.data.get("buyer_id")) in of]
    for row in sorted(heard, key=_moment):
        if row.type == rows.USED:
            memory.used(row.data["account_id"], row.data["device_id"], row.time)
        else:
            memory.hear(row)
    return memory.people


def _keys(step: Step, part: int, folder: Path) -> None:
    by_key: dict[tuple[str, str], list[rows.Holder]] = defaultdict(list)
    for block in dealt_to(part, step.files("accounts", "holders"), rows.Holder):
        for each in block:
            by_key[each.kind, each.key].append(each)
    shared, ties = Dealt[rows.Shared](step.parts), list[tuple[str, str, list[str]]]()
    for (kind, key), holders in sorted(by_key.items()):
        if len(holders) < 2:
            continue
        if len(holders) <= getattr(step.policy.holders_max, kind):
            ties.append((kind, key, sorted(each.account_id for each in holders)))
        if kind == "device":
            busy = sum(each.claims for each in holders) >= CLAIMS_MIN
            for each in holders:
                shared.add(each.account_id, rows.Shared(each.account_id, key, busy))
    written(folder / TIES, ties)
    shared.write(folder / "shared")


def _acts(step: Step, part: int, folder: Path) -> None:
    """The claims of whoever has enough of them: a device for those who share it, else an account."""
    shared: dict[tuple[str, str], bool] = {}
    for block in dealt_to(part, step.files("keys", "shared"), rows.Shared):
        shared.update(((each.account_id, each.device), each.busy) for each in block)
    found = list[rows.Act]()
    places = read_back(folder_of(Path(step.scratch), "accounts", part) / PLACES, list[rows.Place])
    with (folder_of(Path(step.scratch), "accounts", part) / LIVES).open("rb") as file:
        for place in places:
            life = _LIFE.decode(file.read(place.end - file.tell()))
            own = [each for each in life.claims if (each.account_id, each.device) not in shared]
            theirs = [each for each in life.claims if shared.get((each.account_id, each.device))]
            found += map(rows.act_of, [*theirs, *(own if len(own) >= CLAIMS_MIN else ())])
    written(folder / ACTS, found)


_LIFE: Final = msgspec.msgpack.Decoder(rows.Life)


def _in_order(step: Step, name: str, part: int) -> list[rows.Row]:
    """What was read for one part, in the order of a replay."""
    return sorted(counting(step, _rows(step, "read", name, part)), key=_moment)


def _rows(step: Step, verb: Verb, name: str, part: int) -> Iterator[rows.Row]:
    for block in dealt_to(part, step.files(verb, name), rows.Row):
        yield from block


def _moment(row: rows.Row) -> tuple[datetime, str, str]:
    return row.time, row.source, row.id


def _used(row: rows.Row, account: str, device: str) -> rows.Row:
    data = {"account_id": account, "device_id": device}
    return rows.Row(row.time, row.source, row.id, row.number, rows.USED, data)


_VERBS: Final[dict[Verb, Callable[[Step, int, Path], None]]] = {
    "repeats": _repeats, "signs": _signs, "coupons": _coupons, "orders": _orders, "accounts": _accounts,
    "keys": _keys, "acts": _acts,
}  # fmt: skip
