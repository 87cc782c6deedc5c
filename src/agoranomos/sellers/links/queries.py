"""All SQL of links: reads what is known beyond a position, and writes what a step has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.engine.links.parameters import Parameters
from agoranomos.engine.links.slots import packed, unpacked
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import upsert
from agoranomos.sellers.links.memory import Changes, Memory
from agoranomos.sellers.links.model import Seller, Store
from agoranomos.sellers.links.tables import link_progress, link_sellers, link_stores

_NAME: Final = "links"
_AT_A_TIME: Final = 5_000
FOLLOWING: Final = 0x6C696E6B7301  # "links": the advisory lock of whoever follows


class Progress(msgspec.Struct, frozen=True):
    """How often the tables were written, up to which position of the log they are, and with how many sellers the model
    was fitted.
    """

    step: int
    position: int
    fitted_at: int


def progress(connection: sa.Connection) -> Progress:
    """Where the tables are; at 0 while nothing was heard."""
    table = link_progress.c
    row = connection.execute(sa.select(table.step, table.position, table.fitted_at).where(table.name == _NAME)).first()
    return Progress(*row) if row else Progress(0, 0, 0)


def load(connection: sa.Connection, memory: Memory, after: int) -> None:
    """Brings `memory`, which knows all up to the step `after`, up to what the tables say."""
    memory.put_sellers(_sellers(connection, after))
    for row in _beyond(connection, link_stores, after):
        memory.stores[row.store_id] = Store(
            row.store_id, row.seller_id, row.state, row.told_at, row.revision, row.sources
        )
    table = link_progress.c
    told = connection.execute(sa.select(table.model, table.fitted_at).where(table.name == _NAME)).one()
    if told.model is not None:
        memory.use(msgspec.convert(told.model, Parameters), told.fitted_at)


def write(connection: sa.Connection, memory: Memory, changed: Changes, reached: Progress) -> None:
    """Writes what was `changed`, and how far the tables are now."""
    step = reached.step
    sellers = [_seller_row(memory, name, step) for name in sorted(changed.sellers | changed.rows)]
    for part in _parts(sellers):
        upsert(connection, link_sellers, part, ["seller_id"])
    stores = [
        {**msgspec.structs.asdict(memory.stores[name]), "step": step} for name in sorted(changed.stores)
    ]  # fmt: skip
    for part in _parts(stores):
        upsert(connection, link_stores, part, ["store_id"])
    keep = () if changed.model else ("model",)
    model = msgspec.to_builtins(memory.index.parameters) if memory.fitted_at else None
    row = {"name": _NAME, **msgspec.structs.asdict(reached), "model": model}
    upsert(connection, link_progress, [row], ["name"], keep=keep)


def forget(connection: sa.Connection, seller_id: str) -> int:
    """Takes away all that a seller has said, as digests; that there was one, and how it ended, stays. How many rows.

    It counts as a step, so that every process that follows takes it out of its memory.
    """
    dialects.take_turn(connection, FOLLOWING)
    table, step = link_sellers.c, progress(connection).step + 1
    nothing = msgspec.msgpack.encode([])
    mine = (table.seller_id == seller_id, table.facts != nothing)
    found = connection.execute(sa.select(table.seller_id).where(*mine)).first()
    if found is None:
        return 0
    connection.execute(link_sellers.update().where(*mine).values(facts=nothing, step=step))
    connection.execute(link_progress.update().where(link_progress.c.name == _NAME).values(step=step))
    return 1


def _sellers(connection: sa.Connection, after: int) -> Iterator[tuple[Seller, list[Any]]]:
    for row in _beyond(connection, link_sellers, after):
        facts = msgspec.msgpack.decode(row.facts, type=list[bytes])
        seller = Seller(
            row.seller_id, row.state, row.closed_at, row.because, row.returns, row.returned_with, row.stores,
            bool(row.let_in), bool(row.alone),
        )  # fmt: skip
        yield seller, [unpacked(each) for each in facts]


def _seller_row(memory: Memory, seller_id: str, step: int) -> dict[str, Any]:
    seller = memory.sellers.get(seller_id) or Seller(seller_id)
    facts = msgspec.msgpack.encode([packed(row) for row in memory.rows(seller_id)])
    return {**msgspec.structs.asdict(seller), "facts": facts, "step": step}


def _beyond(connection: sa.Connection, table: sa.Table, after: int) -> Iterable[Any]:
    """All that changed after a step, in the order of the key: a cursor, as it may be a million."""
    query = sa.select(table).where(table.c.step > after).order_by(*table.primary_key.columns)
    return connection.execute(query, execution_options={"yield_per": _AT_A_TIME})


def _parts(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _AT_A_TIME):
        yield rows[start : start + _AT_A_TIME]
