"""All SQL of calibration: what was decided about findings, and the curves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from agoranomos.cases.calibration.fitting import Curve, Fit, Labelled
from agoranomos.cases.calibration.tables import case_calibrations
from agoranomos.cases.desk.model import Case
from agoranomos.cases.desk.tables import case_findings, cases
from agoranomos.cases.quality.queries import seeds
from agoranomos.kernel.dialects import locked
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first

_K, _F, _C = case_calibrations.c, case_findings.c, cases.c
State = Literal["proposed", "applied", "ended"]


class Calibrated(msgspec.Struct, frozen=True, kw_only=True):
    """A curve for the scores of a code, and what it was fitted to."""

    calibration_id: str
    code: str
    state: State
    made_at: datetime
    made_by: str
    applied_at: datetime | None = None
    fit: Fit


def labelled(connection: sa.Connection, since: datetime) -> dict[str, list[Labelled]]:
    """By code, the findings of cases that people decided since then, without known cases: a finding was right when the
    case was upheld about its subject, and that stands.
    """
    query = sa.select(
        _F.code, _F.finding_id, _F.score, _F.subject_kind, _F.subject_id, _F.case_id, _C.document
    ).join(cases, _C.case_id == _F.case_id).where(
        _C.state == "decided", _C.decided_at >= since, _C.kind == "finding", _C.case_id.not_in(seeds())
    )  # fmt: skip
    found: dict[str, list[Labelled]] = {}
    upheld: dict[str, set[tuple[str, str]]] = {}
    for row in connection.execute(query.order_by(_F.case_id, _F.finding_id)):
        if row.case_id not in upheld:
            upheld[row.case_id] = _upheld(msgspec.convert(row.document, Case))
        right = (row.subject_kind, row.subject_id) in upheld[row.case_id]
        found.setdefault(row.code, []).append(Labelled(f"{row.case_id}:{row.finding_id}", row.score, right))
    return found


def _upheld(case: Case) -> set[tuple[str, str]]:
    decision = case.decision
    if decision is None or decision.outcome != "upheld":
        return set()
    return {(part.subject.kind, part.subject.id) for part in decision.parts if part.overturned_by is None}


def curves(connection: sa.Connection) -> dict[str, Curve]:
    """The curves that are applied, by code."""
    query = sa.select(_K.code, _K.document).where(_K.applied_code.is_not(None))
    return {row.code: msgspec.convert(row.document, Fit).curve for row in connection.execute(query)}


def get(connection: sa.Connection, calibration_id: str) -> Calibrated:
    """Locked when the transaction writes. Raises NotFound."""
    query = sa.select(case_calibrations).where(_K.calibration_id == calibration_id)
    row = connection.execute(locked(connection, query)).first() if is_id(calibration_id) else None
    if row is None:
        raise NotFound("there is no curve with this id; see `agora cases curves`")
    return _calibrated(row)


def listed(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Calibrated]:
    """At most `limit` behind `after`, newest first."""
    query = newest_first(sa.select(case_calibrations), _K.made_at, _K.calibration_id, after=after, limit=limit)
    return [_calibrated(row) for row in connection.execute(query)]


def put(connection: sa.Connection, found: Calibrated) -> None:
    """Keeps a curve that is new."""
    row = {
        "calibration_id": found.calibration_id, "code": found.code, "state": found.state, "made_at": found.made_at,
        "made_by": found.made_by, "applied_at": found.applied_at, "applied_code": None,
        "document": msgspec.to_builtins(found.fit),
    }  # fmt: skip
    connection.execute(case_calibrations.insert(), [row])


def end_applied(connection: sa.Connection, code: str) -> None:
    """Whatever is applied of a code no longer is."""
    query = sa.update(case_calibrations).where(_K.applied_code == code)
    connection.execute(query.values(state="ended", applied_code=None))


def mark_applied(connection: sa.Connection, found: Calibrated, now: datetime) -> None:
    """This one is applied from now on."""
    query = sa.update(case_calibrations).where(_K.calibration_id == found.calibration_id)
    connection.execute(query.values(state="applied", applied_code=found.code, applied_at=now))


def _calibrated(row: sa.Row[Any]) -> Calibrated:
    return Calibrated(
        calibration_id=row.calibration_id, code=row.code, state=row.state, made_at=row.made_at, made_by=row.made_by,
        applied_at=row.applied_at, fit=msgspec.convert(row.document, Fit),
    )  # fmt: skip
