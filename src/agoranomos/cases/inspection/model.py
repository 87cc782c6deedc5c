"""An inspection that an authority reports, and the form about a factory or supplier that one is given."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, get_args

import msgspec

from agoranomos.goods.batches.model import Batch
from agoranomos.kernel.schema.base import Id, Moment

Kind = Literal["batch", "listing", "store", "seller", "factory", "supplier"]
Maker = Literal["factory", "supplier"]
MAKERS: Final[tuple[Maker, ...]] = get_args(Maker)
Result = Literal["passed", "failed"]


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was inspected."""

    kind: Kind
    id: Id


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an authority reports: its own number, what it inspected when, and what came of it, with words of its own."""

    authority: Id
    reference: Id
    about: Subject
    result: Result
    inspected_at: Moment
    statement: Annotated[str, msgspec.Meta(max_length=4_000)] = ""


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is kept, and the cases that it became."""

    authority: str
    reference: str
    about: Subject
    result: Result
    inspected_at: datetime
    received_at: datetime
    received_by: str
    case_ids: tuple[str, ...]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A factory or supplier as the marketplace knows it: what it delivered, where that is sold, what was said of it.
    `cut`: there are more batches than are told.
    """

    maker: Maker
    id: str
    batches: tuple[Batch, ...]
    stores: tuple[str, ...]
    sellers: tuple[str, ...]
    listings: tuple[str, ...]
    brands: tuple[str, ...]
    pieces: int
    spoken_against: int
    inspections: tuple[Inspection, ...]
    cut: bool
