"""What marketplaces tell us: CloudEvents 1.0 in JSON, one per line, each judged on its own.

A line that cannot be used becomes a `Reject` with its number, a reason and a JSON pointer. Neither
ever repeats what the line said: it may hold personal data, and rejects are read by people who may
not see it.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated, Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema import TYPES
from agoranomos.kernel.schema.base import Body, Id, Moment
from agoranomos.kernel.schema.checking import check, has_either

_T = TypeVar("_T", bound=msgspec.Struct)
_NOT_MONEY = "money is {amount, currency}: an integer of minor units and an ISO 4217 code"
_NOT_A_TIME = "an RFC 3339 time with an offset is expected, such as 2026-05-01T08:00:00+08:00"
_NOT_A_PICTURE = "a picture is a path, a URL, or phash: with 16 hex digits"
_NOT_ONE_OF_THE_VALUES = "the value is none of those that this field may have; docs/events.md lists them"
LINE_BYTES_MAX: Final = 1 << 20
Source = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class _Envelope(msgspec.Struct, frozen=True):
    """The context of an event (CloudEvents 1.0, section 3), and its data as it came."""

    id: Id
    source: Source
    type: Annotated[str, msgspec.Meta(min_length=1)]
    time: Moment
    data: dict[str, Any]
    subject: Source | None = None
    specversion: str = "1.0"


class _PlainEnvelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An envelope without further fields, as most are."""

    id: Id
    source: Source
    type: str
    time: Moment
    data: dict[str, Any]
    subject: Source | None = None
    specversion: str | UnsetType = UNSET


class _KnownEnvelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same of an event whose head is known: what is not needed again is passed over."""

    data: dict[str, Any]
    id: msgspec.Raw
    source: msgspec.Raw
    type: msgspec.Raw
    time: msgspec.Raw
    subject: str | None = None
    specversion: str | UnsetType = UNSET


_PLAIN = msgspec.json.Decoder(_PlainEnvelope)
_KNOWN = msgspec.json.Decoder(_KnownEnvelope)
_encoded = msgspec.json.Encoder().encode
_ENVELOPE = frozenset(("id", "source", "type", "time", "data", "subject"))


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


class Head(NamedTuple):
    """Which event it is, of which type, and when (with whatever offset)."""

    id: str
    source: str
    type: str
    time: datetime


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


def check_line(line: bytes, what: str = "line") -> Head:
    """The head of the event on one line, all of which is checked as by `parse_line`; raises Invalid like it."""
    if len(line) > LINE_BYTES_MAX:
        raise Invalid(f"the {what} is longer than 1 MiB")
    head = _plainly_right(line)
    if head is not None:
        return head
    envelope, _ = _checked(decoded(line, what))
    return Head(envelope.id, envelope.source, envelope.type, _in_utc(envelope.time))


def _plainly_right(line: bytes) -> Head | None:
    """The head of an event with which nothing can be wrong, found in a third of the time; None when it must be looked
    at closely. Nearly all events of a history are plainly right.
    """
    try:
        # Where all characters can be printed and none is written as another, all ids can be printed.
        if b"\\" in line or not _printable(line):
            return None
        head = _PLAIN.decode(line)
        # Where a key stands twice, one is dropped with its quotes (see `json_text`); so is a subject that is null.
        if line.count(b'"') != _encoded(head).count(b'"'):
            return None
        form = TYPES[head.type]
        data = head.data
        body = msgspec.convert(_present(data) if None in data.values() else data, form)
    except (AgoranomosError, KeyError, RecursionError, ValueError):  # msgspec's and Unicode's are ValueErrors
        return None
    # The first and the last day of the calendar are not the same everywhere.
    if (head.specversion is not UNSET and head.specversion != "1.0") or not MINYEAR < head.time.year < MAXYEAR:
        return None
    if form.either and not has_either(body):
        return None
    return Head(head.id, head.source, head.type, head.time)


def _printable(line: bytes) -> bool:
    """Whether the strings in a line of JSON can be printed, apart from control characters that JSON forbids."""
    return b"\x7f" not in line if line.isascii() else line.decode().isprintable()


def parse_again(line: bytes, identity: str, source: str, kind: str, time: datetime) -> Event:
    """The same as `parse_line`, in a quarter of the time, of a line that was taken before: nothing is checked. The id,
    the source, the type and the time (in UTC) are the event's.
    """
    try:
        known = _KNOWN.decode(line)
    except msgspec.ValidationError:  # further fields
        raw = msgspec.json.decode(line)
        envelope = msgspec.convert(raw, _Envelope)
        return _event(envelope, raw, msgspec.convert(_present(envelope.data), TYPES[envelope.type]))
    # Calls that are spared here are spared millions of times.
    data = known.data
    return Event(
        id=identity,
        source=source,
        type=kind,
        time=time,
        subject=known.subject,
        data=data,
        body=msgspec.convert(_present(data) if None in data.values() else data, TYPES[kind]),
        extensions={} if known.specversion is UNSET else {"specversion": known.specversion},
    )


def items(body: bytes) -> list[bytes]:
    """The values of the JSON array in `body`, each as it stands, unparsed; of another value that value.

    Raises Invalid when `body` is not JSON.
    """
    if body.lstrip()[:1] != b"[":
        decoded(body, "body")
        return [body]
    try:
        return [bytes(item) for item in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        decoded(body, "body")  # says where
        raise


def parse_event(raw: Any) -> Event:
    """The event in a decoded JSON value; raises Invalid like `parse_line`."""
    envelope, body = _checked(raw)
    return _event(envelope, raw, body)


def _checked(raw: Any) -> tuple[_Envelope, Body]:
    if not isinstance(raw, dict):
        raise Invalid("an event is a JSON object")
    try:
        envelope = msgspec.convert(raw, _Envelope)
    except msgspec.ValidationError as error:
        reason, path = _explained(str(error))
        raise Invalid(reason, pointer=path) from error
    check(envelope)
    form = TYPES.get(envelope.type)
    if form is None:
        raise Invalid("the type of this event is unknown", pointer="/type")
    for name in ("source", "subject"):
        if not (getattr(envelope, name) or "").isprintable():
            raise Invalid("printable characters are expected", pointer=f"/{name}")
    if envelope.specversion != "1.0":
        raise Invalid("the specversion of an event is 1.0", pointer="/specversion")
    return envelope, typed(envelope.data, form, "/data")


def _event(envelope: _Envelope, raw: dict[str, Any], body: Body) -> Event:
    return Event(
        id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        time=_in_utc(envelope.time),
        subject=envelope.subject,
        data=envelope.data,
        body=body,
        extensions={key: value for key, value in raw.items() if key not in _ENVELOPE},
    )


def typed(data: object, form: type[_T], pointer: str = "") -> _T:
    """`data` (decoded JSON found at `pointer`) as `form`; raises Invalid like `parse_line`.

    A field that is null is one that is absent.
    """
    data = _present(data)
    try:
        body = msgspec.convert(data, form)
    except msgspec.ValidationError as error:
        reason, path = _explained(str(error))
        raise Invalid(reason, pointer=pointer + path) from error
    except AgoranomosError as error:
        # Money refuses in words that quote the currency, and without its place: look for it.
        raise Invalid(_NOT_MONEY, pointer=pointer + _bad_money(data)) from error
    check(body, pointer)
    return body


def _present(data: object) -> object:
    if isinstance(data, dict) and None in data.values():
        return {key: value for key, value in data.items() if value is not None}
    return data


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first and the last day of the calendar
        raise Invalid(_NOT_A_TIME, pointer="/time") from error


def _explained(message: str) -> tuple[str, str]:
    """msgspec's message as a reason that quotes no content, and its path `$.a[0]` as a pointer."""
    reason, _, path = message.partition(" - at `$")
    missing = re.fullmatch(r"Object missing required field `(\w+)`", reason)
    pointer = re.sub(r"\.|\[(\d+|\.\.\.)\]", lambda step: f"/{(step[1] or '')}", path.rstrip("`"))
    if missing:
        return f"the required field {missing[1]} is missing", f"{pointer}/{missing[1]}"
    if reason.startswith("Invalid enum value"):
        return _NOT_ONE_OF_THE_VALUES, pointer
    if "datetime" in reason or "RFC3339" in reason:
        return _NOT_A_TIME, pointer
    if "matching regex" in reason:
        return _NOT_A_PICTURE, pointer
    known = re.match(r"Expected `[^`]*`(, got `[^`]*`)?( of length [<>=\d ]+| [<>]=? [\d.]+)?", reason)
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
