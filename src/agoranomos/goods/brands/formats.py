"""Files of brands in the forms people have: events, JSON objects, tables, the
name-suggestion-index.

The form is told by the content, never by the name. A row that cannot be used is a counted reject
with its line and a pointer, and never stops the rest.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import zstandard
from msgspec.structs import replace

from agoranomos.goods.brands import nsi, tabular
from agoranomos.goods.brands.model import NAME_KINDS, Brand, PriceBand, clean_name, slug, unique
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.kernel.events import (
    LINE_BYTES_MAX,
    Event,
    Reject,
    parse_event,
    typed,
)
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.json_text import TWICE, decoded, repeated_keys
from agoranomos.kernel.schema.goods import BrandRegistered

FILE_BYTES_MAX = 1 << 30
"""A larger file, also when unpacked, is no list of brands."""


class FileReject(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a file that was not taken; `line` counts from 1."""

    file: str
    line: int
    reason: str
    pointer: str = ""


class Parsed(msgspec.Struct):
    """The brands of one or more files in order, what was refused, and how many items are no brands
    of goods.
    """

    brands: list[Brand] = []
    rejects: list[FileReject] = []
    skipped: int = 0


class _Row(NamedTuple):
    """What stood on `line`: a brand, an event (put in order later), a reject, or None for
    something else.
    """

    line: int
    content: Brand | Event | Reject | None


def read_brands(path: Path) -> Parsed:
    """The brands in the file or folder `path`. Raises Invalid when it cannot be read at all."""
    if path.is_dir():
        files = sorted(path.rglob("*.json"))
        if not files:
            raise Invalid(f"{path.name}: the folder holds no .json file; give a table or JSON lines by their own names")
        parts = [_parse(file, file.relative_to(path).as_posix()) for file in files]
        brands = nsi.combined(brand for part in parts for brand in part.brands)
        rejects = [reject for part in parts for reject in part.rejects]
        return Parsed(brands, rejects, sum(part.skipped for part in parts))
    parsed = _parse(path, path.name)
    if not (parsed.brands or parsed.rejects or parsed.skipped):
        raise Invalid(f"{path.name}: there is no brand in it")
    return parsed


def _parse(path: Path, name: str) -> Parsed:
    try:
        rows = list(_rows(_unpacked(path)))
    except Invalid as error:
        raise Invalid(f"{name}: {error.message}") from error
    parsed = Parsed(skipped=sum(row.content is None for row in rows))
    events = [row.content for row in rows if isinstance(row.content, Event)]
    events.sort(key=lambda event: (event.time, event.source, event.id))
    unrepeated = {event.identity: event for event in reversed(events)}
    ordered = [event for event in events if unrepeated.get(event.identity) is event]
    for row in rows:
        if isinstance(row.content, Reject):
            reject = FileReject(file=name, line=row.line, reason=row.content.reason, pointer=row.content.pointer)
            parsed.rejects.append(reject)
        elif isinstance(row.content, Brand):
            parsed.brands.append(row.content)
    parsed.brands += [of_event(event) for event in ordered]
    return parsed


def _rows(data: bytes) -> Iterator[_Row]:
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Invalid("the file is empty")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return _table(data)
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _lines(data)
    if nsi.is_nsi(document):
        return _index(document)
    if isinstance(document, list):
        return _array(document, repeated_keys(data))
    return _lines(data)


def _lines(data: bytes) -> Iterator[_Row]:
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if len(line) > LINE_BYTES_MAX:
            yield _Row(number, Reject(number, "the line is longer than 1 MiB"))
        elif line.strip():
            try:
                item = decoded(line, "line")
            except Invalid as error:
                yield _Row(number, Reject(number, error.message, error.pointer))
            else:
                yield _guarded(number, item)


def _array(items: list[Any], twice: list[str]) -> Iterator[_Row]:
    """The `items` of a JSON array; `twice` are the pointers of keys that stand twice in an object."""
    bad = {int(pointer.split("/")[1]): pointer for pointer in reversed(twice)}
    for number, item in enumerate(items, start=1):
        if number - 1 in bad:
            yield _Row(number, Reject(number, TWICE, bad[number - 1]))
        else:
            yield _guarded(number, item, f"/{number - 1}")


def _index(document: dict[str, Any]) -> Iterator[_Row]:
    for item in nsi.read_document(document):
        if isinstance(item, str):
            yield _Row(1, Reject(1, "the item has no usable name or form", item))
        else:
            yield _Row(1, item)


def _table(data: bytes) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(_decoded(data), newline=""))
    header = [str(name).strip().lower() for name in reader.fieldnames or ()]
    if not {"names", "name"} & set(header):
        raise Invalid("not a list of brands: neither JSON nor a table with a column `names`")
    reader.fieldnames = header
    try:
        for cells in reader:
            try:
                yield _Row(reader.line_num, of_object(tabular.as_object(cells)))
            except AgoranomosError as error:
                yield _Row(reader.line_num, Reject(reader.line_num, error.message, error.pointer))
    except csv.Error:
        yield _Row(
            reader.line_num,
            Reject(reader.line_num, "the table is broken here; the rest was not read"),
        )


def _guarded(number: int, item: Any, pointer: str = "") -> _Row:
    """What `item` is, as a row; a refusal becomes a reject."""
    try:
        if not isinstance(item, dict):
            raise Invalid("a brand or event is a JSON object")
        if "benefit" in item and "names" not in item:
            return _Row(number, None)  # a campaign, which may stand in the same file
        if "specversion" not in item and not {"type", "data"} <= set(item):
            return _Row(number, of_object(item))
        event = parse_event(item)
        if not isinstance(event.body, BrandRegistered):
            return _Row(number, None)
        of_event(event)
    except AgoranomosError as error:
        return _Row(number, Reject(number, error.message, pointer + error.pointer))
    return _Row(number, event)


def of_event(event: Event) -> Brand:
    """The brand that a `brand.registered` event tells of; raises Invalid for names that cannot be
    shown.
    """
    body = event.body
    assert isinstance(body, BrandRegistered)
    bands = (
        PriceBand(
            low=band.low,
            high=band.high,
            category=band.category,
            provenance=f"stated by {event.source}",
            at=rfc3339(event.time),
        )
        for band in body.price_bands
    )
    return _checked(
        Brand(
            brand_id=body.brand_id,
            names=body.names,
            aliases=body.aliases,
            categories=body.categories,
            sold="open" if body.authorised_store_ids is None else "selective",
            authorised_store_ids=body.authorised_store_ids,
            price_bands=tuple(bands),
            features=body.features,
            reference_pictures=body.reference_pictures,
            source=event.source,
        ),
        "/data",
    )


def of_object(item: dict[str, Any]) -> Brand:
    """The brand in a JSON object with the fields of `Brand`; without `brand_id` it is made from
    the first name.

    Raises Invalid with the pointer of what is wrong, quoting nothing.
    """
    names = item.get("names")
    if not isinstance(names, list) or not names:
        raise Invalid("a brand has a list of at least one name", pointer="/names")
    if not item.get("brand_id") and isinstance(names[0], str):
        item = {**item, "brand_id": slug(names[0])}
    return _checked(typed(item, Brand))


def _checked(brand: Brand, pointer: str = "") -> Brand:
    """`brand` with its names cleaned; raises Invalid for what the registry cannot hold."""
    if not is_id(brand.brand_id):
        raise Invalid("an id has 1 to 128 printable characters", pointer=f"{pointer}/brand_id")
    if (brand.status == "merged_into") != (brand.merged_into is not None):
        raise Invalid("merged_into goes with the status merged_into", pointer=f"{pointer}/merged_into")
    for index, band in enumerate(brand.price_bands):
        if band.low.currency != band.high.currency or not 0 < band.low.amount <= band.high.amount:
            reason = "a price band goes from a low above zero to a high, in one currency"
            raise Invalid(reason, pointer=f"{pointer}/price_bands/{index}")
    cleaned = {
        kind: _cleaned(getattr(brand, kind), f"{pointer}/{kind}") for kind in (*NAME_KINDS, "ordinary", "unverified")
    }
    return replace(brand, **cleaned)


def _cleaned(names: tuple[str, ...], pointer: str) -> tuple[str, ...]:
    cleaned = []
    for index, given in enumerate(names):
        name = clean_name(given)
        if name is None:
            raise Invalid("a name has 1 to 200 printable characters", pointer=f"{pointer}/{index}")
        cleaned.append(name)
    return unique(cleaned)


def _unpacked(path: Path) -> bytes:
    """The bytes of `path`, unpacked when they are gzip or Zstandard."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            file.seek(0)
            stream: Any = file
            if magic[:2] == b"\x1f\x8b":
                stream = gzip.GzipFile(fileobj=file)
            elif magic == b"\x28\xb5\x2f\xfd":
                stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            data: bytes = stream.read(FILE_BYTES_MAX + 1)
    except (OSError, EOFError, zstandard.ZstdError) as error:
        raise Invalid(f"it cannot be read ({type(error).__name__})") from error
    if len(data) > FILE_BYTES_MAX:
        raise Invalid("it is larger than 1 GiB; no list of brands is")
    return data


def _decoded(data: bytes) -> str:
    """The text of a table: UTF-8, UTF-16 with its mark, or GB18030 as Chinese spreadsheets write
    it.
    """
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("the table is neither UTF-8, UTF-16 nor GB18030 text")
