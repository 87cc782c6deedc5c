"""All SQL of referrals."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.cases.referral.model import About, AboutKind, Figures, Made, Outcome, Referral, State, Step, Year
from agoranomos.cases.referral.tables import referral_custody, referral_outcomes, referral_packages, referrals
from agoranomos.kernel.calendar import ZONE
from agoranomos.kernel.dialects import insert_ignore, locked
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first

_R = referrals.c
_P = referral_packages.c
_C = referral_custody.c
_O = referral_outcomes.c
COUNTS: Final = ("cases", "suspects", "detained", "convicted")
MONEY: Final = ("involved", "recovered")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which referrals are meant; None is any."""

    state: State | None = None
    authority: str | None = None
    about_kind: AboutKind | None = None
    about_id: str | None = None
    because: str | None = None


def add(connection: sa.Connection, referral: Referral) -> bool:
    """Keeps a new one; False when it is there already."""
    return insert_ignore(connection, referrals, [_row(referral)]) == 1


def change(connection: sa.Connection, referral: Referral) -> None:
    """Keeps how far it is."""
    connection.execute(referrals.update().where(_R.referral_id == referral.referral_id).values(_row(referral)))


def get(connection: sa.Connection, referral_id: str) -> Referral:
    """The referral, locked against change when the transaction writes. Raises NotFound."""
    query = sa.select(referrals).where(_R.referral_id == referral_id)
    row = connection.execute(locked(connection, query)).one_or_none() if is_id(referral_id) else None
    if row is None:
        raise NotFound("there is no referral with this id; see `agora referrals list`")
    return _referral(row)


def listed(connection: sa.Connection, wanted: Wanted, *, after: Place | None, limit: int) -> list[Referral]:
    """At most `limit` referrals behind `after`, newest first."""
    query = sa.select(referrals)
    for name, value in msgspec.structs.asdict(wanted).items():
        if value is not None:
            query = query.where(_R[name] == value)
    rows = connection.execute(newest_first(query, _R.opened_at, _R.referral_id, after=after, limit=limit))
    return [_referral(row) for row in rows]


def add_package(connection: sa.Connection, referral_id: str, made: Made) -> None:
    """Keeps what a package holds."""
    row = {"referral_id": referral_id, "number": made.number, "document": msgspec.to_builtins(made)}
    connection.execute(referral_packages.insert(), row)


def package(connection: sa.Connection, referral_id: str, number: int) -> Made:
    """Raises NotFound."""
    query = sa.select(_P.document).where(_P.referral_id == referral_id, _P.number == number)
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound("no such package was made; `agora referrals show` lists those that were")
    return msgspec.convert(found, Made)


def packages(connection: sa.Connection, referral_id: str) -> list[Made]:
    """All that were made, the first first."""
    query = sa.select(_P.document).where(_P.referral_id == referral_id).order_by(_P.number)
    return msgspec.convert(connection.execute(query).scalars().all(), list[Made])


def add_step(connection: sa.Connection, referral_id: str, step: Step) -> None:
    """Adds a link to the chain of custody."""
    connection.execute(referral_custody.insert(), {"referral_id": referral_id, **msgspec.structs.asdict(step)})


def custody(connection: sa.Connection, referral_id: str) -> list[Step]:
    """The chain of custody, the first link first."""
    columns = [_C[name] for name in Step.__struct_fields__]
    rows = connection.execute(sa.select(*columns).where(_C.referral_id == referral_id).order_by(_C.number))
    return [Step(**row._mapping) for row in rows]


def steps(connection: sa.Connection, referral_id: str) -> int:
    """How many links the chain has."""
    query = sa.select(sa.func.coalesce(sa.func.max(_C.number), 0)).where(_C.referral_id == referral_id)
    return int(connection.execute(query).scalar_one())


def add_outcome(connection: sa.Connection, referral_id: str, outcome: Outcome) -> None:
    """Keeps a report of an authority."""
    row = {"number": outcome.number, "at": outcome.at, **msgspec.structs.asdict(outcome.figures)}
    connection.execute(referral_outcomes.insert(), {"referral_id": referral_id, **row})


def outcomes(connection: sa.Connection, referral_id: str) -> list[Outcome]:
    """All reports about a referral, the first first."""
    query = sa.select(referral_outcomes).where(_O.referral_id == referral_id).order_by(_O.number)
    return [_outcome(row) for row in connection.execute(query)]


def years(connection: sa.Connection, first: int, last: int) -> list[Year]:
    """What came of referrals in each of the years `first` to `last` of the house's calendar."""
    return [_year(connection, year) for year in range(first, last + 1)]


def _year(connection: sa.Connection, year: int) -> Year:
    begin, end = (datetime(each, 1, 1, tzinfo=ZONE) for each in (year, year + 1))
    moved = sa.select(_C.verb, sa.func.count()).where(_C.verb.in_(("send", "accept", "reject")))
    rows = connection.execute(moved.where(_C.at >= begin, _C.at < end).group_by(_C.verb))
    count: dict[str, int] = {row[0]: row[1] for row in rows}
    sums = [sa.func.coalesce(sa.func.sum(_O[name]), 0).label(name) for name in (*COUNTS, *MONEY)]
    query = sa.select(_O.currency, *sums).where(_O.at >= begin, _O.at < end)
    found = connection.execute(query.group_by(_O.currency).order_by(_O.currency)).mappings().all()
    counts = {name: sum(int(row[name]) for row in found) for name in COUNTS}
    money = {name: {row["currency"]: int(row[name]) for row in found if row[name]} for name in MONEY}
    return Year(
        year=year, sent=count.get("send", 0), accepted=count.get("accept", 0), rejected=count.get("reject", 0),
        cases=counts["cases"], suspects=counts["suspects"], detained=counts["detained"],
        convicted=counts["convicted"], involved=money["involved"], recovered=money["recovered"],
    )  # fmt: skip


def _row(referral: Referral) -> dict[str, Any]:
    row = msgspec.structs.asdict(referral)
    about: About = row.pop("about")
    return {**row, "about_kind": about.kind, "about_id": about.id}


def _referral(row: sa.Row[Any]) -> Referral:
    values = dict(row._mapping)
    about = About(values.pop("about_kind"), values.pop("about_id"))
    return Referral(about=about, **values)


def _outcome(row: sa.Row[Any]) -> Outcome:
    figures = Figures(**{name: row._mapping[name] for name in Figures.__struct_fields__})
    return Outcome(number=row.number, at=row.at, figures=figures)
