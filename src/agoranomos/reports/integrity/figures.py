"""The figures of the report, in the order in which they stand; their words are in `wording`."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agoranomos.cases.desk.tables import cases
from agoranomos.cases.referral.tables import referral_custody, referral_outcomes, referrals
from agoranomos.enforcement.tables import action_reasons, actions
from agoranomos.goods.notices.tables import notice_cases, notice_targets, notices
from agoranomos.goods.redress.tables import redress_bookings, redress_recalls
from agoranomos.goods.testbuys.tables import testbuy_appraisals, testbuys
from agoranomos.goods.trade.tables import trade_lines
from agoranomos.intake.tables import intake_events
from agoranomos.judgements.tables import findings
from agoranomos.kernel.dialects import json_text
from agoranomos.kernel.ledger.tables import ledger_accounts, ledger_transfers
from agoranomos.reports.integrity.measures import Against, Counted, Figure, Lasted, microseconds
from agoranomos.reports.integrity.prevalence import Missed
from agoranomos.reports.model import Number
from agoranomos.reports.numbers import number_of
from agoranomos.rules.tables import decided_cases
from agoranomos.sellers.appeals.tables import appeals

PERMISSION: Final = "reports.read"
"""The one that the report itself needs, with all its rows."""
CHAPTERS: Final = ("goods", "sellers", "answers", "money", "guards")
WORTH_A_LOOK: Final = 0.5
"""From this score on a finding is worth a person's time, as everywhere."""
_SAID_BY_OTHERS: Final = ("goods.confirmed_fake", "goods.programme_relapse", "goods.warned_before")
"""Findings that repeat what was decided; those of notices begin with `goods.notice`."""
_act, _event, _notice = actions.c, intake_events.c, notices.c
_VALID: Final = _notice.state.not_in(("incomplete", "merged"))


def _fake_returns() -> Number:
    reason = json_text(_event.data, "reason_code")
    return Number(
        "fake_returns", "share", PERMISSION, intake_events, _event.time, _event.id,
        (sa.literal("order"), json_text(_event.data, "order_id")), reason, (_event.type == "return.requested",),
        counts=reason == "suspected_fake",
    )  # fmt: skip


def _stores_closed() -> Number:
    reason = json_text(_event.data, "reason")
    return Number(
        "stores_closed", "count", PERMISSION, intake_events, _event.time, _event.id,
        (sa.literal("store"), json_text(_event.data, "store_id")), reason,
        (_event.type == "store.closed", reason == "violation"),
    )  # fmt: skip


def _removed_before_sale() -> Number:
    asked = sa.select(action_reasons.c.action_id)
    for_holders = sa.union_all(
        asked.join(notices, action_reasons.c.reason == _notice.notice_id),
        asked.join(notice_cases, action_reasons.c.reason == notice_cases.c.case_id),
    )
    sold = sa.exists().where(trade_lines.c.listing_id == _act.subject_id, trade_lines.c.placed_at < _act.at)
    return Number(
        "removed_before_sale", "share", PERMISSION, actions, _act.at, _act.action_id,
        (_act.subject_kind, _act.subject_id), _act.kind,
        (_act.kind == "listing.remove", _act.status.in_(("pending", "done")), _act.action_id.not_in(for_holders)),
        counts=~sold,
    )  # fmt: skip


def _found_ourselves() -> Number:
    table = findings.c
    first = (
        sa.select(
            table.subject_id.label("listing_id"), sa.func.min(table.at).label("at"),
            sa.func.min(table.code).label("code"),
        )
        .where(
            table.code >= "goods.", table.code < "goods/", table.code.not_in(_SAID_BY_OTHERS),
            table.code.not_like("goods.notice%"), table.status == "live", table.score >= WORTH_A_LOOK,
            table.subject_kind == "listing",
        )
        .group_by(table.subject_id)
        .subquery("found_first")
    )  # fmt: skip
    told = sa.exists().where(
        notice_targets.c.listing_id == first.c.listing_id, notice_targets.c.notice_id == _notice.notice_id, _VALID,
        _notice.filed_at <= first.c.at,
    )  # fmt: skip
    return Number(
        "found_ourselves", "count", PERMISSION, first, first.c.at, first.c.listing_id,
        (sa.literal("listing"), first.c.listing_id), first.c.code, (~told,),
    )  # fmt: skip


def _reported_by_holders() -> Number:
    first = (
        sa.select(
            notice_targets.c.listing_id, sa.func.min(_notice.filed_at).label("at"),
            sa.func.min(_notice.notice_id).label("notice_id"),
        )
        .join(notices)
        .where(_VALID)
        .group_by(notice_targets.c.listing_id)
        .subquery("reported_first")
    )  # fmt: skip
    return Number(
        "reported_by_holders", "count", PERMISSION, first, first.c.at, first.c.listing_id,
        (sa.literal("listing"), first.c.listing_id), first.c.notice_id,
    )  # fmt: skip


def _testbuy_cost() -> Number:
    """What our own purchases were booked with, and what appraisals of others' purchases say that those cost."""
    ours = sa.select(
        testbuys.c.changed_at.label("at"), testbuys.c.testbuy_id, testbuys.c.listing_id.label("subject_id"),
        sa.literal("listing").label("subject_kind"), testbuys.c.state.label("what"), testbuys.c.cost,
        testbuys.c.currency,
    ).where(testbuys.c.state.in_(("booked", "lost")), testbuys.c.cost.is_not(None))  # fmt: skip
    said = testbuy_appraisals.c
    others = (
        sa.select(
            sa.func.min(said.at), said.testbuy_id, said.testbuy_id, sa.literal("testbuy"), sa.func.min(said.verdict),
            sa.func.max(said.cost), said.currency,
        )
        .where(said.testbuy_id.not_in(sa.select(testbuys.c.testbuy_id)))
        .group_by(said.testbuy_id, said.currency)
    )  # fmt: skip
    paid = sa.union_all(ours, others).subquery("paid")
    return Number(
        "testbuy_cost", "money", PERMISSION, paid, paid.c.at, paid.c.testbuy_id,
        (paid.c.subject_kind, paid.c.subject_id), paid.c.what, amount=paid.c.cost, currency=paid.c.currency,
    )  # fmt: skip


def _referred(name: str, verb: str) -> Number:
    step = referral_custody.c
    return Number(
        name, "count", PERMISSION, referral_custody.join(referrals), step.at, step.referral_id,
        (referrals.c.about_kind, referrals.c.about_id), referrals.c.authority, (step.verb == verb,),
    )  # fmt: skip


def _reported_back(name: str, figure: str, *, money: bool = False) -> Number:
    told, added = referral_outcomes.c, referral_outcomes.c[figure]
    return Number(
        name, "money" if money else "sum", PERMISSION, referral_outcomes.join(referrals), told.at, told.referral_id,
        (referrals.c.about_kind, referrals.c.about_id), referrals.c.authority, (added != 0,), amount=added,
        currency=told.currency if money else None,
    )  # fmt: skip


def _answered() -> Number:
    """Whoever turned to the marketplace: rights holders, sellers who appeal, people and authorities who report."""
    asked = sa.union_all(
        sa.select(
            _notice.filed_at.label("at"), _notice.notice_id.label("id"), sa.literal("brand").label("subject_kind"),
            _notice.brand_id.label("subject_id"), sa.literal("notice").label("what"),
            (sa.case((_notice.state == "decided", 1), else_=0)).label("answered"),
        ).where(_VALID),
        sa.select(
            appeals.c.filed_at, appeals.c.appeal_id, sa.literal("case"), appeals.c.case_id, sa.literal("appeal"),
            sa.case((appeals.c.state != "filed", 1), else_=0),
        ),
        sa.select(
            cases.c.opened_at, cases.c.case_id, cases.c.subject_kind, cases.c.subject_id, cases.c.kind,
            sa.case((cases.c.state == "decided", 1), else_=0),
        ).where(cases.c.kind.in_(("report", "inspection"))),
    ).subquery("asked")  # fmt: skip
    return Number(
        "complaints_answered", "share", PERMISSION, asked, asked.c.at, asked.c.id,
        (asked.c.subject_kind, asked.c.subject_id), asked.c.what, counts=asked.c.answered == 1,
    )  # fmt: skip


def _decided() -> Number:
    took = (microseconds(cases.c.decided_at) - microseconds(cases.c.opened_at)).op("/", precedence=8)(1_000_000)
    at: sa.ColumnElement[int] = sa.type_coerce(took, sa.BigInteger)
    return Number(
        "decision_time", "count", PERMISSION, cases, cases.c.decided_at, cases.c.case_id,
        (cases.c.subject_kind, cases.c.subject_id), cases.c.queue, (cases.c.decided_at.is_not(None),), amount=at,
    )  # fmt: skip


def _overturned() -> Number:
    table = decided_cases.c
    other = decided_cases.alias("later")
    back = table.case_id.in_(sa.select(other.c.overturns).where(other.c.overturns.is_not(None)))
    return Number(
        "overturned", "share", PERMISSION, decided_cases, table.at, table.case_id,
        (table.subject_kind, table.subject_id), table.outcome, (table.outcome == "upheld",), counts=back,
    )  # fmt: skip


def _at_risk() -> Number:
    table = cases.c
    return Number(
        "money_at_risk", "money", PERMISSION, cases, table.opened_at, table.case_id,
        (table.subject_kind, table.subject_id), table.queue, (table.priority > 0,), amount=table.priority,
        currency=json_text(table.document, "currency"),
    )  # fmt: skip


def _frozen() -> Number:
    debit, credit, moved = ledger_accounts.alias("debit"), ledger_accounts.alias("credit"), ledger_transfers.c
    joined = ledger_transfers.join(debit, moved.debit == debit.c.id).join(credit, moved.credit == credit.c.id)
    return Number(
        "money_frozen", "money", PERMISSION, joined, moved.at, moved.id, (sa.literal("freeze"), moved.credit),
        moved.reason, (credit.c.kind == "frozen:held", debit.c.kind == "frozen:owed"), amount=moved.amount,
        currency=credit.c.unit,
    )  # fmt: skip


def _charged() -> Number:
    booked = redress_bookings.c
    return Number(
        "charged_to_stores", "money", PERMISSION, redress_bookings.join(redress_recalls), redress_recalls.c.began_at,
        booked.action_id, (sa.literal("store"), booked.store_id), booked.charged, (booked.charged == "settled",),
        amount=booked.amount, currency=booked.currency,
    )  # fmt: skip


def _counted(chapter: str, number: Number, better: str = "") -> Figure:
    unit = "count" if number.unit == "sum" else number.unit
    return Figure(number.name, chapter, unit, Counted(number), better=better or number.better)  # type: ignore[arg-type]


_OURS, _THEIRS = _found_ourselves(), _reported_by_holders()
_TIMES: Final = _decided()
FIGURES: Final = (
    Figure("fake_returns", "goods", "per_10k", Counted(_fake_returns(), per=10_000), "less"),
    _counted("goods", _removed_before_sale(), "more"),
    _counted("goods", _OURS),
    _counted("goods", _THEIRS),
    Figure("found_first", "goods", "share", Against(_OURS, _THEIRS), "more"),
    Figure("missed", "goods", "estimate", Missed(), "less"),
    _counted("goods", _testbuy_cost()),
    _counted("sellers", _stores_closed()),
    _counted("sellers", _referred("referrals_sent", "send")),
    _counted("sellers", _referred("referrals_accepted", "accept")),
    _counted("sellers", _reported_back("authorities_cases", "cases")),
    _counted("sellers", _reported_back("suspects", "suspects")),
    _counted("sellers", _reported_back("convicted", "convicted")),
    _counted("answers", _answered(), "more"),
    Figure("decision_time", "answers", "hours", Lasted(_TIMES, cases.c.opened_at), "less"),
    _counted("answers", _overturned(), "less"),
    _counted("money", _at_risk()),
    _counted("money", _frozen()),
    _counted("money", number_of("money_returned")),
    _counted("money", _charged()),
    _counted("money", _reported_back("money_recovered", "recovered", money=True), "more"),
    _counted("guards", number_of("checks_stopped")),
    _counted("guards", number_of("campaigns_stopped")),
    _counted("guards", number_of("readers_stopped")),
    _counted("guards", number_of("reviews_held")),
)
"""All of them."""
