"""All SQL of second opinions and known cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk.model import Outcome
from agoranomos.cases.quality.tables import case_opinions, case_seeds
from agoranomos.kernel.dialects import insert_ignore, locked
from agoranomos.kernel.findings import Finding

_O, _S = case_opinions.c, case_seeds.c


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """A second look at a decided case; `second_…` are None until it is given."""

    case_id: str
    queue: str
    first_by: str
    first_outcome: Outcome
    first_clause: str
    asked_at: datetime
    holder: str | None = None
    claim_until: datetime | None = None
    second_by: str | None = None
    second_outcome: Outcome | None = None
    second_clause: str | None = None
    given_at: datetime | None = None


class Seed(msgspec.Struct, frozen=True, kw_only=True):
    """A case of which the truth is known, and what somebody decided about it."""

    case_id: str
    truth_outcome: Outcome
    truth_clause: str
    planted_by: str
    planted_at: datetime
    by: str | None = None
    outcome: Outcome | None = None
    clause: str | None = None
    decided_at: datetime | None = None


def add_opinion(connection: sa.Connection, opinion: Opinion) -> None:
    """Keeps that a second person is to look at a case; once."""
    insert_ignore(connection, case_opinions, [msgspec.structs.asdict(opinion)])


def opinion(connection: sa.Connection, case_id: str) -> Opinion | None:
    """The second look at a case, locked when the transaction writes."""
    row = connection.execute(locked(connection, sa.select(case_opinions).where(_O.case_id == case_id))).first()
    return None if row is None else Opinion(**row._mapping)


def next_opinion(connection: sa.Connection, actor: str, now: datetime) -> Opinion | None:
    """The oldest that waits, that nobody else holds, and of which `actor` was not the first; one's own first."""
    free = sa.or_(_O.claim_until.is_(None), _O.claim_until <= now, _O.holder == actor)
    query = sa.select(case_opinions).where(_O.given_at.is_(None), _O.first_by != actor, free)
    query = query.order_by(_O.asked_at, _O.case_id).limit(1).with_for_update(skip_locked=True)
    row = connection.execute(query).first()
    return None if row is None else Opinion(**row._mapping)


def put_opinion(connection: sa.Connection, found: Opinion) -> None:
    """Keeps who holds it, or what was said."""
    values = msgspec.structs.asdict(found)
    connection.execute(sa.update(case_opinions).where(_O.case_id == found.case_id).values(**values))


def opinions_since(connection: sa.Connection, since: datetime) -> list[Opinion]:
    """Those that were given since then."""
    rows = connection.execute(sa.select(case_opinions).where(_O.given_at >= since).order_by(_O.given_at, _O.case_id))
    return [Opinion(**row._mapping) for row in rows]


def count_waiting(connection: sa.Connection) -> int:
    """How many second looks wait."""
    query = sa.select(sa.func.count()).select_from(case_opinions).where(_O.given_at.is_(None))
    return connection.execute(query).scalar_one()


def add_seed(connection: sa.Connection, seed: Seed, found: Sequence[Finding]) -> None:
    """Keeps that a case is known, with the findings that are shown of it."""
    row = {**msgspec.structs.asdict(seed), "findings": msgspec.to_builtins(list(found))}
    connection.execute(case_seeds.insert(), [row])


def is_seed(connection: sa.Connection, case_id: str) -> bool:
    """Whether the truth of a case is known."""
    return connection.execute(sa.select(_S.case_id).where(_S.case_id == case_id)).first() is not None


def findings_of_seed(connection: sa.Connection, case_id: str) -> list[Finding]:
    """What is shown of a known case; nothing of others."""
    found: Any = connection.execute(sa.select(_S.findings).where(_S.case_id == case_id)).scalar()
    return [] if found is None else msgspec.convert(found, list[Finding])


def end_seed(connection: sa.Connection, case_id: str, by: str, outcome: str, clause: str, now: datetime) -> None:
    """Keeps what somebody decided about a known case."""
    query = sa.update(case_seeds).where(_S.case_id == case_id)
    connection.execute(query.values(by=by, outcome=outcome, clause=clause, decided_at=now))


def seeds_since(connection: sa.Connection, since: datetime) -> list[Seed]:
    """Known cases that were decided since then."""
    columns = [each for each in case_seeds.c if each.name != "findings"]
    rows = connection.execute(sa.select(*columns).where(_S.decided_at >= since).order_by(_S.decided_at, _S.case_id))
    return [Seed(**row._mapping) for row in rows]


def seeds() -> sa.Select[Any]:
    """The ids of all known cases, for queries that leave them out."""
    return sa.select(_S.case_id)
