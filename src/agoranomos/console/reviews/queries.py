"""What pages show of reviews, from findings and actions: stores at risk, rings, and what is held or shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement.queries import About as AboutActions
from agoranomos.enforcement.queries import Kept, listed
from agoranomos.enforcement.tables import actions
from agoranomos.judgements import queries as judgements
from agoranomos.kernel.beta import jeffreys
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.lists import Place
from agoranomos.reviews.anonymity.telling import HOLD, RELEASE
from agoranomos.reviews.extortion.telling import NAME as EXTORTION
from agoranomos.reviews.praise.telling import NAME as PRAISE
from agoranomos.reviews.pressure.telling import HARASSMENT, PRESSURE

LOOKED_AT: Final = 500
"""So many of the newest findings of a kind are put together on one page."""
RISKS: Final = (PRESSURE, HARASSMENT)
RINGS: Final = (PRAISE, EXTORTION)


class Pressed(msgspec.Struct, frozen=True, kw_only=True):
    """Of `reached` people whom a store spoke to after a bad review, `taken_back` gave in: `rate`, between `low` and
    `high` with 95 % certainty (Jeffreys); `usual` is what happens at other stores.
    """

    reached: int
    taken_back: int
    usual: float
    rate: float
    low: float
    high: float


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """A store, what was found about it by code, newest first, and how far it presses beyond what is usual."""

    store_id: str
    score: float
    findings: dict[str, Finding]
    pressed: Pressed | None


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that act together: `finding` is the newest on one of them, `stores` those they praised or extorted."""

    ring_id: str
    code: str
    score: float
    accounts: tuple[str, ...]
    stores: tuple[str, ...]
    kinds: tuple[str, ...]
    finding: Finding


class Held(msgspec.Struct, frozen=True):
    """A review that is or was held back, and the action that showed it (None: it waits)."""

    hold: Kept
    release: Kept | None


def at_risk(connection: sa.Connection) -> list[Risk]:
    """Stores by the newest findings on them, the highest score first."""
    found: dict[str, dict[str, Finding]] = {}
    for code in RISKS:
        about = judgements.About(code=code, subject_kind="store", status="live")
        for each in judgements.list_findings(connection, about, after=None, limit=LOOKED_AT):
            found.setdefault(each.subject.id, {}).setdefault(code, each)
    risks = [_risk(store_id, by_code) for store_id, by_code in found.items()]
    return sorted(risks, key=lambda each: (-each.score, each.store_id))


def of_store(connection: sa.Connection, store_id: str) -> Risk | None:
    """The same of one store; None when nothing was found."""
    found = judgements.told_of(connection, RISKS, "store", [store_id])
    return _risk(store_id, {each.code: each for each in found}) if found else None


def rings(connection: sa.Connection) -> list[Ring]:
    """The rings that the newest findings are about, the highest score first."""
    found: dict[str, list[Finding]] = {}
    for code in RINGS:
        about = judgements.About(code=code, subject_kind="account", status="live")
        for each in judgements.list_findings(connection, about, after=None, limit=LOOKED_AT):
            found.setdefault(each.ring_id or each.id, []).append(each)
    made = [_ring(ring_id, members) for ring_id, members in found.items()]
    return sorted(made, key=lambda each: (-each.score, each.ring_id))


def held(connection: sa.Connection, *, since: datetime, after: Place | None, limit: int) -> list[Held]:
    """At most `limit` reviews behind `after` that were held since then, newest first, and what became of each."""
    about = AboutActions(kind=HOLD, subject_kind="review")
    bounded = [each for each in listed(connection, about, after=after, limit=limit) if parse_rfc3339(each.at) >= since]
    shown = _releases(connection, [each.subject.id for each in bounded])
    return [Held(each, shown.get(each.subject.id)) for each in bounded]


def _releases(connection: sa.Connection, review_ids: Sequence[str]) -> dict[str, Kept]:
    """The last action that showed each of these reviews."""
    found: dict[str, Kept] = {}
    table = actions.c
    where = (table.subject_kind == "review", table.subject_id.in_(sorted(set(review_ids))), table.kind == RELEASE)
    query = sa.select(table.subject_id).where(*where).distinct()
    for review_id in connection.execute(query).scalars().all():
        about = AboutActions(kind=RELEASE, subject_kind="review", subject_id=review_id)
        found[review_id] = listed(connection, about, after=None, limit=1)[0]
    return found


def _risk(store_id: str, found: dict[str, Finding]) -> Risk:
    score = max(each.score for each in found.values())
    return Risk(store_id=store_id, score=score, findings=found, pressed=_pressed(found.get(PRESSURE)))


def _pressed(finding: Finding | None) -> Pressed | None:
    if finding is None:
        return None
    told = finding.reasons[0].evidence
    reached, taken_back, usual = told.get("reached"), told.get("taken_back"), told.get("usual")
    if not isinstance(reached, int) or not isinstance(taken_back, int) or not reached:
        return None
    rate = min(1.0, taken_back / reached)
    low, high = jeffreys(rate, reached)
    return Pressed(
        reached=reached, taken_back=taken_back, usual=float(usual or 0), rate=rate, low=low, high=high
    )  # fmt: skip


def _ring(ring_id: str, found: Sequence[Finding]) -> Ring:
    accounts = {each.subject.id for each in found}
    accounts |= {other.id for each in found for other in each.related if other.kind == "account"}
    stores = {other.id for each in found for other in each.related if other.kind == "store"}
    kinds = found[0].reasons[0].evidence.get("kinds", ())
    return Ring(
        ring_id=ring_id, code=found[0].code, score=max(each.score for each in found), accounts=tuple(sorted(accounts)),
        stores=tuple(sorted(stores)), kinds=tuple(map(str, kinds)) if isinstance(kinds, (list, tuple)) else (),
        finding=found[0],
    )  # fmt: skip
