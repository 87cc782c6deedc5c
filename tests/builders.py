"""One `make_…` per thing: a whole valid value, of which a test states only what it is about."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import msgspec.inspect as shapes
import pyarrow as pa

from agoranomos.access.rooms import Access
from agoranomos.audit.notes import SigningKey
from agoranomos.cases.referral.rooms import Referrals
from agoranomos.cases.rooms import Cases
from agoranomos.enforcement.policy import load_policy as load_action_policy
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.rooms import Rooms
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import NO_RULES
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema import TYPES
from agoranomos.kernel.store import Store
from agoranomos.promotions.rooms import Promotions
from agoranomos.reports.service import ReportService
from agoranomos.retained import FORGETS, KEPT, covers, stands
from agoranomos.retention.rooms import Retention
from agoranomos.reviews.rooms import Reviews
from agoranomos.rules.lists import Draw
from agoranomos.rules.policy import load_queues
from agoranomos.sellers.rooms import Sellers
from agoranomos.vault.keys import KeyRing, Vault

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
"""The moment at which tests happen unless they say otherwise."""


def make_brand(brand_id: str = "nike", **fields: Any) -> Brand:
    """A brand of the registry, called as its id when no names are given."""
    names = tuple(fields.pop("names", (brand_id.replace("-", " ").title(),)))
    return Brand(brand_id=brand_id, names=names, **fields)


def make_listing(listing_id: str = "l1", **fields: Any) -> Listing:
    """An innocent listing of a shoe for 599 yuan."""
    given = {
        "store_id": "s1",
        "title": "Canvas shoes, white, size 42",
        "price": make_money(59900),
        "category": "shoes",
        **fields,
    }
    return Listing(listing_id=listing_id, **given)


def make_money(amount: int, currency: str = "CNY") -> Money:
    """`amount` minor units, fen unless told otherwise."""
    return Money(amount, currency)


def make_event(kind: str = "brand.registered", **fields: Any) -> dict[str, Any]:
    """An event as decoded JSON; `data` defaults to the least that `kind` needs."""
    return {
        "specversion": "1.0",
        "id": "e1",
        "source": "brand-portal",
        "type": kind,
        "time": "2026-05-01T16:00:00+08:00",
        "data": _DATA.get(kind) or make_data(kind),
        **fields,
    }


def make_data(kind: str, *, full: bool = False) -> dict[str, Any]:
    """Data that an event of this type may have: required fields only, or all (`full`)."""
    form = TYPES[kind]
    wanted = {group[0] for group in form.either}
    structure = shapes.type_info(form)
    assert isinstance(structure, shapes.StructType)
    return _example_fields(structure, full=full, wanted=frozenset(wanted))


def _example_fields(
    structure: shapes.StructType, *, full: bool, wanted: frozenset[str] = frozenset()
) -> dict[str, Any]:
    return {
        field.encode_name: _example(field.encode_name, field.type, full=full)
        for field in structure.fields
        if full or field.required or field.encode_name in wanted
    }


def _example(name: str, kind: shapes.Type, *, full: bool) -> Any:
    match kind:
        case shapes.Metadata():
            return f"{name}-1"
        case shapes.UnionType():
            return _example(name, kind.types[0], full=full)
        case shapes.VarTupleType():
            return [_example(name, kind.item_type, full=full)]
        case shapes.StructType(cls=cls) if cls is Money:
            return {"amount": 1050, "currency": "CNY"}
        case shapes.StructType():
            return _example_fields(kind, full=full)
        case shapes.LiteralType():
            return kind.values[0]
        case shapes.DateTimeType():
            return "2026-06-01T00:00:00+08:00"
        case shapes.IntType():
            return 3
        case shapes.FloatType():
            return 1.5
        case shapes.BoolType():
            return True
        case shapes.DictType():
            return {"colour": "white"}
        case _:
            return f"{name} as text"


def make_vault(*masters: bytes, draw: Draw = os.urandom) -> Vault:
    """A vault of one master key unless told otherwise, whose random bytes are really random unless told otherwise."""
    return Vault(KeyRing(masters or (b"k" * 32,)), draw)


def make_sellers(
    store: Store, clock: Clock = lambda: NOW, draw: Draw = os.urandom, pictures_root: Path | None = None
) -> Sellers:
    """The sellers desk over `store`, with shipped policies; photos lie under `pictures_root`."""
    vault = make_vault(draw=draw)
    nowhere = Path("there is no such folder")
    return Sellers(
        lambda: store, lambda: vault, {}, load_action_policy(), nowhere, lambda: nowhere, clock, draw,
        lambda: NO_RULES, pictures_root,
    )  # fmt: skip


def make_promotions(
    store: Store, clock: Clock = lambda: NOW, draw: Callable[[int], bytes] = os.urandom
) -> Promotions:  # fmt: skip
    """The promotions desk over `store`, with shipped policies."""
    return Promotions(lambda: store, load_action_policy(), clock, draws=draw)


def make_reviews(store: Store, clock: Clock = lambda: NOW) -> Reviews:
    """The reviews desk over `store`, with shipped policies."""
    vault = make_vault()
    return Reviews(lambda: store, lambda: vault, {}, load_action_policy(), clock)


def make_cases(
    store: Store, sellers: Sellers, rooms: Rooms, clock: Clock = lambda: NOW, draw: Draw = os.urandom
) -> Cases:  # fmt: skip
    """The rooms of cases over `store` and two desks, with shipped policies."""
    actions = load_action_policy()
    return Cases(
        lambda: store, sellers.open_vault, {}, rooms, sellers, actions, load_queues(), clock, draws=draw
    )  # fmt: skip


def make_access(store: Store, clock: Clock = lambda: NOW) -> Access:
    """The access desk over `store`, with shipped policies."""
    vault, key = make_vault(), SigningKey("log.example", b"k" * 32)
    return Access(lambda: store, lambda: vault, {}, load_action_policy(), clock, lambda: key)


def make_referrals(store: Store, cases: Cases, clock: Clock = lambda: NOW) -> Referrals:
    """The rooms of referrals and inspections beside `cases`; packages go with the store."""
    home = Path(tempfile.mkdtemp(prefix="agora-referrals-"))
    weakref.finalize(store, shutil.rmtree, home, ignore_errors=True)
    vault, key = make_vault(), SigningKey("log.example", b"k" * 32)
    traces = make_promotions(store, clock).traces
    return Referrals(
        lambda: store, lambda: vault, lambda: traces, lambda: key, lambda: cases.tools, cases.goods.batches.follow,
        clock, home, draws=bytes,
    )  # fmt: skip


def make_reports(store: Store, cases: Cases, clock: Clock = lambda: NOW) -> ReportService:
    """Integrity reports beside `cases`; their files go with the store."""
    home = Path(tempfile.mkdtemp(prefix="agora-reports-"))
    weakref.finalize(store, shutil.rmtree, home, ignore_errors=True)
    return ReportService(store, lambda: cases.tools, clock, home)


def make_retention(store: Store, clock: Clock = lambda: NOW) -> Retention:
    """The room of retention over `store`, with the shipped schedule."""
    return Retention(lambda: store, clock, KEPT, covers, stands, FORGETS, draws=bytes)


def make_lines(values: Sequence[Any]) -> bytes:
    """JSON lines; bytes among `values` go in as they are."""
    lines = (value if isinstance(value, bytes) else msgspec.json.encode(value) for value in values)
    return b"\n".join(lines) + b"\n"


def make_batch(**columns: Sequence[Any]) -> pa.RecordBatch:
    """An Arrow batch of listings with just these columns."""
    return pa.RecordBatch.from_pydict({name: list(values) for name, values in columns.items()})


_LISTING_DATA = {
    "listing_id": "l1",
    "store_id": "s1",
    "title": "Canvas shoes",
    "price": {"amount": 59900, "currency": "CNY"},
}
_DATA: dict[str, dict[str, Any]] = {
    "brand.registered": {"brand_id": "nike", "names": ["Nike"]},
    "listing.submitted": _LISTING_DATA,
    "listing.updated": _LISTING_DATA,
}
