"""The numbers that the overview shows and whoever asks can follow down to rows."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agoranomos.enforcement.tables import actions
from agoranomos.goods.notices.tables import notices
from agoranomos.goods.redress.tables import redress_bookings, redress_recalls
from agoranomos.goods.trade.tables import trade_lines
from agoranomos.judgements.tables import STOPPED, SURE, decision_days, decisions, finding_days, findings
from agoranomos.kernel.approvals.tables import approvals
from agoranomos.kernel.errors import NotFound
from agoranomos.reports.model import Better, Number, Tally, require_distinct
from agoranomos.sellers.freeze.tables import freeze_parts

_DONE: Final = ("pending", "done")  # asked of the marketplace, and not taken back
_act, _found, _made = actions.c, findings.c, decisions.c


def _actions(name: str, *where: sa.ColumnElement[bool], better: Better = "", now: bool = False) -> Number:
    return Number(
        name, "count", "actions.read", actions, _act.at, _act.action_id, (_act.subject_kind, _act.subject_id),
        _act.kind, where, now=now, better=better,
    )  # fmt: skip


def _of_kind(name: str, *kinds: str) -> Number:
    return _actions(name, _act.kind.in_(kinds), _act.status.in_(_DONE))


def _findings(name: str, kept: sa.Column[int], *where: sa.ColumnElement[bool]) -> Number:
    return Number(
        name, "count", "findings.read", findings, _found.at, _found.finding_id,
        (_found.subject_kind, _found.subject_id), _found.code, (_found.status == "live", *where),
        tally=Tally(finding_days.c.day, kept),
    )  # fmt: skip


_SOLD_BEFORE: Final = sa.exists().where(
    trade_lines.c.listing_id == _act.subject_id, trade_lines.c.placed_at < _act.at
)  # fmt: skip

NUMBERS: Final = require_distinct(
    (
        Number(
            "money_held", "money", "conduct.read", freeze_parts, freeze_parts.c.placed_at, freeze_parts.c.order_id,
            (sa.literal("store"), freeze_parts.c.store_id), freeze_parts.c.freeze_id, (freeze_parts.c.held > 0,),
            amount=freeze_parts.c.held, currency=freeze_parts.c.currency, now=True,
        ),
        Number(
            "money_returned", "money", "redress.read", redress_bookings.join(redress_recalls),
            redress_recalls.c.began_at, redress_bookings.c.action_id,
            (sa.literal("store"), redress_bookings.c.store_id), redress_bookings.c.paid,
            (redress_bookings.c.paid == "settled",), amount=redress_bookings.c.amount,
            currency=redress_bookings.c.currency,
        ),
        Number(
            "removed_before_sale", "share", "actions.read", actions, _act.at, _act.action_id,
            (_act.subject_kind, _act.subject_id), _act.kind,
            (_act.kind == "listing.remove", _act.status.in_((*_DONE, "approved", "proposed"))), counts=~_SOLD_BEFORE,
            better="more",
        ),
        Number(
            "checks_stopped", "share", "decisions.read", decisions, _made.at, _made.decision_id,
            (_made.subject_kind, _made.subject_id), _made.outcome,
            counts=_made.outcome.in_(STOPPED),
            tally=Tally(decision_days.c.day, decision_days.c.stopped, decision_days.c.made),
        ),
        _findings("findings", finding_days.c.found),
        # As text, so that the index of those that are sure answers.
        _findings("findings_sure", finding_days.c.sure, _found.score >= sa.literal_column(str(SURE), sa.Double)),
        _actions("actions_waiting", _act.status == "proposed", now=True, better="less"),
        _of_kind("stores_closed", "store.close"),
        _of_kind("campaigns_stopped", "campaign.stop"),
        _of_kind("readers_stopped", "principal.suspend", "principal.throttle"),
        _of_kind("reviews_held", "review.hold"),
        Number(
            "approvals_waiting", "count", "approvals.read", approvals, approvals.c.requested_at,
            approvals.c.approval_id, (approvals.c.subject_kind, approvals.c.subject_id), approvals.c.kind,
            (approvals.c.status == "pending",), now=True, until=approvals.c.expires_at, better="less",
        ),
        Number(
            "notices_waiting", "count", "notices.read", notices, notices.c.filed_at, notices.c.notice_id,
            (sa.literal("brand"), notices.c.brand_id), notices.c.state, (notices.c.state.in_(("open", "countered")),),
            now=True, better="less",
        ),
    )
)  # fmt: skip
"""All of them, in the order in which they are shown."""
_BY_NAME: Final = {number.name: number for number in NUMBERS}


def number_of(name: str) -> Number:
    """The number called `name`. Raises NotFound."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise NotFound(f"there is no such number; there are {', '.join(_BY_NAME)}") from None
