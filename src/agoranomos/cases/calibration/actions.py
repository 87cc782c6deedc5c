"""The verbs of calibration, given an open transaction: propose a curve, apply it when two agree, end it.

A curve changes what is shown first and nothing else: the finding keeps the score that its detector gave it, and no
policy acts on the fitted one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.cases.calibration import queries
from agoranomos.cases.calibration.fitting import Fit, fit
from agoranomos.cases.calibration.queries import Calibrated
from agoranomos.cases.desk.tools import Tools
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.ids import derived
from agoranomos.staff import approving

APPLY: Final = "calibration.apply"


def fits(connection: sa.Connection, tools: Tools, now: datetime) -> list[Fit]:
    """How the scores of every code fare on what was decided, those that drifted first."""
    found = queries.labelled(connection, now - timedelta(days=tools.policy.calibration.days))
    made = [fit(code, cases, tools.policy.calibration) for code, cases in sorted(found.items())]
    return sorted(made, key=lambda each: (not each.drifted, each.code))


def propose(connection: sa.Connection, tools: Tools, code: str, *, by: Actor, now: datetime) -> Calibrated:
    """Keeps the curve of a code as it is fitted now. Raises Conflict, saying why, when there is none."""
    found = queries.labelled(connection, now - timedelta(days=tools.policy.calibration.days)).get(code, [])
    made = fit(code, found, tools.policy.calibration)
    if made.why_not is not None:
        raise Conflict(f"there is no curve for this code: {made.why_not}")
    curve = Calibrated(
        calibration_id=derived("k", code, str(by), rfc3339(now)), code=code, state="proposed", made_at=now,
        made_by=str(by), fit=made,
    )  # fmt: skip
    queries.put(connection, curve)
    _record(connection, curve, "calibration.propose", by, now, {"code": code, "cases": made.count})
    return curve


def apply(
    connection: sa.Connection, calibration_id: str, *, by: Actor, now: datetime, approval_id: str | None = None
) -> Calibrated | Approval:  # fmt: skip
    """Applies a proposed curve in the place of the one before; an approval to ask for, unless it is given. Raises
    NotFound, Conflict.
    """
    curve = queries.get(connection, calibration_id)
    if curve.state != "proposed":
        raise Conflict(f"this curve is {curve.state}; propose another one")
    wanted = Wanted(
        kind=APPLY, subject_kind="calibration", subject_id=calibration_id, params={"code": curve.code},
        beneficiaries=(curve.made_by,),
    )  # fmt: skip
    if approval_id is None:
        return approving.request(connection, wanted, by=by, now=now)
    approving.spend(connection, approval_id, wanted, by=by, now=now)
    queries.end_applied(connection, curve.code)
    queries.mark_applied(connection, curve, now)
    _record(connection, curve, APPLY, by, now, {"code": curve.code})
    return queries.get(connection, calibration_id)


def end(connection: sa.Connection, code: str, *, by: Actor, now: datetime) -> bool:
    """The scores of a code count as their detector gives them again; whether a curve was applied."""
    if code not in queries.curves(connection):
        return False
    queries.end_applied(connection, code)
    entry = Entry(at=now, actor=by, verb="calibration.end", subject_kind="finding_code", subject_id=code)
    record(connection, entry)
    return True


def _record(
    connection: sa.Connection, curve: Calibrated, verb: str, by: Actor, now: datetime, params: dict[str, str | int]
) -> None:  # fmt: skip
    name = curve.calibration_id
    record(connection, Entry(at=now, actor=by, verb=verb, subject_kind="calibration", subject_id=name, params=params))
