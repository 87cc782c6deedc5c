"""Findings gather into cases: which one, how harmful it is by now, and when it opens another one.

New findings are noted in the transaction that keeps them (`judgements`), and gathered behind it, by one process at a
time, in the order of their ids; so nothing is lost when a process dies, and nothing is gathered twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record_all
from agoranomos.audit.model import Entry
from agoranomos.cases.desk import queries
from agoranomos.cases.desk.model import MEMBERS_SHOWN, Case, Harm, case_id
from agoranomos.cases.desk.queries import Joined
from agoranomos.cases.desk.tools import Tools, stepped, whose
from agoranomos.cases.policy import By, CasePolicy, Kind
from agoranomos.judgements import queries as judgements
from agoranomos.judgements.actions import forget_news
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.dialects import take_turn
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.kernel.ids import is_id
from agoranomos.rules.policy import fits
from agoranomos.rules.queues import exposures

AT_A_TIME: Final = 200
OTHERS: Final = "others"
"""The queue of findings that no queue shows."""
_GATHERING: Final = 0x6361736573  # "cases"
Calibrated = Mapping[str, Sequence[tuple[float, float]]]
"""Code → (score, probability) points that people have agreed to; see `calibration`."""


def gather(
    connection: sa.Connection, tools: Tools, calibrated: Calibrated, *, now: datetime, limit: int = AT_A_TIME
) -> int:  # fmt: skip
    """Gathers the next findings; returns how many there were. Shadows are never among them."""
    take_turn(connection, _GATHERING)
    news = judgements.news(connection, limit)
    known = exposures(connection, [each.id for each in news], tools.queues.currency)
    trail: list[Entry] = []
    for finding in news:
        if finding.score >= tools.policy.score_min and finding.code not in tools.policy.leaves_out:
            harm = harm_of(finding, tools, known.get(finding.id), calibrated)
            _join(connection, tools, finding, harm, now, trail)
    forget_news(connection, news)
    record_all(connection, trail)
    return len(news)


def harm_of(finding: Finding, tools: Tools, exposure: int | None, calibrated: Calibrated) -> Harm:
    """What is to be expected of a finding that nobody looks at; `exposure` in minor units, where its events say so."""
    money = tools.queues.exposure_of(finding.code) if exposure is None else exposure
    lasting = tools.policy.irreversibility_of(finding.code)
    curve = calibrated.get(finding.code)
    probability = finding.score if curve is None else on_curve(curve, finding.score)
    return Harm(
        harm=round(probability * money * lasting), finding_id=finding.id, code=finding.code,
        probability=round(probability, 6), calibrated=curve is not None, exposure=money,
        exposure_known=exposure is not None, irreversibility=lasting,
    )  # fmt: skip


def on_curve(curve: Sequence[tuple[float, float]], score: float) -> float:
    """The probability at `score` on a curve of points with rising scores: straight between them, flat beyond."""
    if score <= curve[0][0]:
        return curve[0][1]
    for (left, low), (right, high) in pairwise(curve):
        if score <= right:
            return high if right == left else low + (high - low) * (score - left) / (right - left)
    return curve[-1][1]


def gather_key(finding: Finding, policy: CasePolicy, seller_id: str | None, store_id: str | None) -> str:
    """What a finding gathers by, by the first line of the policy that fits and of which the finding names one."""
    for line in policy.gather:
        if any(fits(finding.code, pattern) for pattern in line.codes):
            found = _key(finding, line.by, seller_id, store_id)
            if found is not None:
                return found
    raise AssertionError("the last line of the policy takes every finding")


def _key(finding: Finding, by: By, seller_id: str | None, store_id: str | None) -> str | None:
    match by:
        case "ring":
            return f"ring:{finding.ring_id}" if finding.ring_id else None
        case "batch":
            batches = [each.id for each in finding.related if each.kind == "batch"]
            name = finding.subject.id if finding.subject.kind == "batch" else batches[0] if batches else None
            return f"batch:{name}" if name else None
        case "seller":
            return f"seller:{seller_id}" if seller_id else None
        case "store":
            return f"store:{store_id}" if store_id else None
        case "subject":
            return f"{finding.subject.kind}:{finding.subject.id}"


def _join(
    connection: sa.Connection, tools: Tools, finding: Finding, harm: Harm, now: datetime, trail: list[Entry]
) -> None:  # fmt: skip
    seller_id, store_id = whose(connection, finding.subject)
    key = gather_key(finding, tools.policy, seller_id, store_id)
    case = queries.open_for(connection, key)
    if case is None:
        last = queries.last_for(connection, key)
        if last is not None and not _opens_again(connection, tools.policy, last, finding):
            return
        case = _opened(finding, key, last, tools, harm, (seller_id, store_id), now)
        queries.put(connection, case)
    before = queries.in_case(connection, case.case_id, finding.id)
    if before is not None and before.revision >= finding.revision:
        return
    if before is None and case.findings >= tools.policy.findings_max:
        _put(connection, msgspec.structs.replace(case, revision=case.revision + 1), "grow", finding, now, trail)
        return
    found = Joined(
        finding_id=finding.id, code=finding.code, revision=finding.revision, score=finding.score,
        subject=finding.subject, harm=harm.harm, added_at=now,
    )  # fmt: skip
    queries.put_finding(connection, case.case_id, found)
    _put(connection, _with(connection, case, found, harm, new=before is None), "join", finding, now, trail)


def _opens_again(connection: sa.Connection, policy: CasePolicy, last: Case, finding: Finding) -> bool:
    """Whether a finding opens another case after the last one: it is new, or much surer than when that was decided."""
    decided_on = queries.in_case(connection, last.case_id, finding.id)
    return decided_on is None or finding.score >= decided_on.score + policy.reopens_by


def _with(connection: sa.Connection, case: Case, found: Joined, harm: Harm, *, new: bool) -> Case:
    """`case` with one more finding, or a new revision of it."""
    first = case.steps == 0
    worst = harm if first or harm.harm >= case.priority else case.harm
    if not new and found.finding_id == case.harm.finding_id and harm.harm < case.priority:
        # The finding that counted most counts less now: another one may.
        most = queries.joined(connection, case.case_id, 1)[0]
        worst = harm if most.finding_id == found.finding_id else _as_kept(most)
    members, codes = case.members, case.codes
    if new and len(members) < MEMBERS_SHOWN:
        members = tuple(queries.members(connection, case.case_id, MEMBERS_SHOWN))
    if found.code not in codes:
        codes = tuple(sorted({*codes, found.code}))
    return msgspec.structs.replace(
        case, priority=worst.harm, harm=worst, members=members, codes=codes, findings=case.findings + new,
        revision=case.revision + (not first),
    )  # fmt: skip


def _as_kept(most: Joined) -> Harm:
    """Of a finding that was joined before only the sum is kept, and its score."""
    return Harm(harm=most.harm, finding_id=most.finding_id, code=most.code, probability=most.score)


def _opened(
    finding: Finding, key: str, last: Case | None, tools: Tools, harm: Harm,
    whose_it_is: tuple[str | None, str | None], now: datetime,
) -> Case:  # fmt: skip
    queue = tools.queues.queue_of(finding.code) or OTHERS
    kind, _, name = key.partition(":")
    subject = Subject("batch", name) if kind == "batch" else finding.subject
    number = 1 if last is None else last.number + 1
    seller_id, store_id = whose_it_is
    return Case(
        case_id=case_id(key, number), kind="finding", queue=queue, priority=harm.harm, currency=tools.queues.currency,
        harm=harm, subject=subject, seller_id=seller_id, store_id=store_id, ring_id=finding.ring_id, gather_key=key,
        number=number, earlier=None if last is None else last.case_id, opened_at=now, changed_at=now,
        due_at=now + tools.policy.within("finding", queue),
    )  # fmt: skip


def _put(
    connection: sa.Connection, case: Case, verb: str, finding: Finding, now: datetime, trail: list[Entry]
) -> None:  # fmt: skip
    verb = "open" if case.steps == 0 else verb
    params = {"finding_id": finding.id, "revision": finding.revision, "code": finding.code}
    stepped(connection, case, verb, by=SYSTEM, now=now, params=params, trail=trail)


def open_case(
    connection: sa.Connection, tools: Tools, kind: Kind, ref: str, subject: Subject, *, by: Actor, now: datetime,
    about: Case | None = None, due_at: datetime | None = None, harm: int | None = None, level: int = 0,
    not_by: Sequence[str] = (),
) -> Case:  # fmt: skip
    """Opens a case that comes from no finding: an appeal, an inspection, a report; of one `ref` there is one.

    `about`: the case that it looks at again; `not_by`: who shall not work on it. Raises Invalid for what is no id.
    """
    known = queries.by_ref(connection, ref)
    if known is not None:
        return known
    entry = tools.policy.kinds[kind]
    queue = entry.queue or OTHERS
    seller_id, store_id = (about.seller_id, about.store_id) if about else whose(connection, subject)
    expected = Harm(harm=entry.harm if harm is None else harm)
    case = Case(
        case_id=case_id(ref, 1), kind=kind, queue=queue, level=level, priority=expected.harm,
        currency=tools.queues.currency, harm=expected, subject=subject, seller_id=seller_id, store_id=store_id,
        gather_key=ref, members=(subject,), ref=ref, about=None if about is None else about.case_id, opened_at=now,
        changed_at=now, due_at=max(due_at, now) if due_at else now + tools.policy.within(kind, queue),
    )  # fmt: skip
    queries.put(connection, case)
    for actor in not_by:
        queries.exclude(connection, case.case_id, actor, "decided")
    return stepped(connection, case, "open", by=by, now=now, params={"ref": ref} if is_id(ref) else {})
