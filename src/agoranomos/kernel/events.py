"""What marketplaces tell us: CloudEvents 1.0 in JSON, one per line, each judged on its own.

A line that cannot be used becomes a `Reject` with its number, a reason and a JSON pointer. Neither
ever repeats what the line said: it may hold personal data, and rejects are read by people who may
not see it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec

from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.money import Money

_T = TypeVar("_T")
_NOT_MONEY = "money is {amount, currency}: an integer of minor units and an ISO 4217 code"
LINE_BYTES_MAX = 1 << 20
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class RegisteredBand(msgspec.Struct, frozen=True, kw_only=True):
    """What a new genuine article costs, as the brand owner says; `category` None: any."""

    low: Money
    high: Money
    category: str | None = None


class BrandRegistered(msgspec.Struct, frozen=True, kw_only=True):
    """`brand.registered`. `authorised_store_ids` None: the brand sells openly; a list, even empty:
    closed.
    """

    brand_id: Id
    names: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    aliases: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authorised_store_ids: tuple[Id, ...] | None = None
    price_bands: tuple[RegisteredBand, ...] = ()
    reference_pictures: tuple[str, ...] = ()
    features: Any = None


class ListingSubmitted(msgspec.Struct, frozen=True, kw_only=True):
    """`listing.submitted` and `listing.updated`; the latter carries the full listing as well."""

    listing_id: Id
    store_id: Id
    title: str
    price: Money
    description: str = ""
    brand: str = ""
    category: str = ""
    attributes: dict[str, Any] = {}
    pictures: tuple[str, ...] = ()
    batch_id: Id | None = None


TYPES: dict[str, type[msgspec.Struct]] = {
    "brand.registered": BrandRegistered,
    "listing.submitted": ListingSubmitted,
    "listing.updated": ListingSubmitted,
}
"""The known types of event and the form of their data."""

Body = BrandRegistered | ListingSubmitted


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `data` is as it came, unknown fields included; `body` is the same, checked and
    typed.

    `time` is in UTC; `extensions` holds the envelope's further fields, `specversion` among them.
    """

    id: str
    source: str
    type: str
    time: datetime
    subject: str | None
    data: dict[str, Any]
    body: Body
    extensions: dict[str, Any] = {}

    @property
    def identity(self) -> tuple[str, str]:
        """(source, id): a second event with the same identity is a repeat."""
        return (self.source, self.id)


class Reject(msgspec.Struct, frozen=True):
    """A line (counted from 1; 0 when the whole file is meant) that was not taken, why, and where
    in it.
    """

    line: int
    reason: str
    pointer: str = ""


def parse_line(line: bytes, what: str = "line") -> Event:
    """The event on one line; raises Invalid with a reason and a pointer that repeat nothing of the
    line, which the reason calls `what`.
    """
    if len(line) > LINE_BYTES_MAX:
        raise Invalid(f"the {what} is longer than 1 MiB")
    return parse_event(decoded(line, what))


def parse_event(raw: object) -> Event:
    """The event in a decoded JSON value; raises Invalid like `parse_line`."""
    if not isinstance(raw, dict):
        raise Invalid("an event is a JSON object")
    envelope = dict(raw)
    identity, source = (_required_text(envelope, key) for key in ("id", "source"))
    if not is_id(identity):
        raise Invalid("an id has 1 to 128 printable characters", pointer="/id")
    kind = _required_text(envelope, "type")
    if kind not in TYPES:
        raise Invalid("the type of this event is unknown", pointer="/type")
    time = _moment(_required_text(envelope, "time"))
    subject = envelope.pop("subject", None)
    if subject is not None and not isinstance(subject, str):
        raise Invalid("a string is expected", pointer="/subject")
    data = envelope.pop("data", None)
    if not isinstance(data, dict):
        raise Invalid("a JSON object is required", pointer="/data")
    return Event(
        id=identity,
        source=source,
        type=kind,
        time=time,
        subject=subject,
        data=data,
        body=typed(data, TYPES[kind], "/data"),  # type: ignore[arg-type] # TYPES holds the members of Body
        extensions=envelope,
    )


def typed(data: object, form: type[_T], pointer: str = "") -> _T:
    """`data` (decoded JSON found at `pointer`) as `form`; raises Invalid like `parse_line`."""
    try:
        body = msgspec.convert(data, form)
    except msgspec.ValidationError as error:
        reason, path = _explained(str(error))
        raise Invalid(reason, pointer=pointer + path) from error
    except AgoranomosError as error:
        # Money refuses in words that quote the currency, and without its place: look for it.
        raise Invalid(_NOT_MONEY, pointer=pointer + _bad_money(data)) from error
    _refuse_odd_ids(body, pointer)
    return body


def _required_text(envelope: dict[str, Any], key: str) -> str:
    value = envelope.pop(key, None)
    if value is None:
        raise Invalid(f"the required field {key} is missing", pointer=f"/{key}")
    if not isinstance(value, str) or not value:
        raise Invalid("a string that is not empty is expected", pointer=f"/{key}")
    return value


def _moment(text: str) -> datetime:
    try:
        return parse_rfc3339(text).astimezone(UTC)
    except (Invalid, OverflowError) as error:
        raise Invalid(
            "an RFC 3339 time with an offset is expected, such as 2026-05-01T08:00:00+08:00",
            pointer="/time",
        ) from error


def _explained(message: str) -> tuple[str, str]:
    """msgspec's message as a reason that quotes no content, and its path `$.a[0]` as a pointer."""
    reason, _, path = message.partition(" - at `$")
    missing = re.fullmatch(r"Object missing required field `(\w+)`", reason)
    pointer = re.sub(r"\.|\[(\d+|\.\.\.)\]", lambda step: f"/{(step[1] or '')}", path.rstrip("`"))
    if missing:
        return f"the required field {missing[1]} is missing", f"{pointer}/{missing[1]}"
    known = re.match(r"Expected `[^`]*`(, got `[^`]*`)?( of length [<>=\d ]+)?", reason)
    return (known[0] if known else "the value is not of the expected form"), pointer


def _bad_money(value: object, pointer: str = "") -> str:
    """The pointer of the first object below `value` that looks like money and is none; "" without
    one.
    """
    if isinstance(value, dict):
        if "currency" in value and "amount" in value:
            try:
                msgspec.convert(value, Money)
            except (AgoranomosError, msgspec.ValidationError):
                return pointer
        steps: list[tuple[str, object]] = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list):
        steps = [(str(index), item) for index, item in enumerate(value)]
    else:
        return ""
    inside = (_bad_money(item, f"{pointer}/{_escaped(key)}") for key, item in steps)
    return next((found for found in inside if found), "")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")  # RFC 6901


def _refuse_odd_ids(body: object, pointer: str) -> None:
    """Raises Invalid when a field that holds an id holds control characters."""
    for name in getattr(body, "__struct_fields__", ()):
        value = getattr(body, name)
        if name.endswith("_id") and value is not None and not is_id(value):
            raise Invalid("an id has 1 to 128 printable characters", pointer=f"{pointer}/{name}")
        if name.endswith("_ids") and not all(is_id(item) for item in value or ()):
            raise Invalid("an id has 1 to 128 printable characters", pointer=f"{pointer}/{name}")
