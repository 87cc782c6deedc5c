"""From a read to a decision: pure, so that the check and a replay decide alike.

A read is declined when its reader is suspended or throttled, leaves with a file that nobody approved, goes beyond its
contract, or would be shown more different people than it may. A declined read is not counted, as it is not shown;
should it be shown all the same, the log tells of it, and it counts.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, cast

import msgspec

from agoranomos.access.exposure.model import (
    DAYS,
    HOURS,
    Buckets,
    Reader,
    Seen,
    hour_begins,
    note,
    within,
)
from agoranomos.access.exposure.policy import Policy
from agoranomos.access.exposure.shelf import PLATFORM, Shelf, reader_of
from agoranomos.kernel.calendar import day_of, hour_of
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import LIVE, NO_RULES, Consultant, scores_of, with_rules
from agoranomos.kernel.decisions import Decision, Hit, Outcome
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Reason, Subject
from agoranomos.kernel.ids import derived_at
from agoranomos.kernel.schema.access import DataRead

CHECK: Final = "data-read"
BUDGET: Final = "access.budget"
STOPPING: Final = frozenset({Outcome.DECLINE, Outcome.HOLD})
"""Outcomes with which nobody is shown."""
_ERRORS_FROM: Final = 400


class ReadDecision(Decision, frozen=True):
    """A decision on a read; `retry_after`: in how many seconds asking again may help, null when waiting will not."""

    retry_after: int | None = None


class Barred(msgspec.Struct, frozen=True):
    """Why a reader is shown nobody at all, or not this; `until` when it ends by itself."""

    code: str
    message: str
    message_zh: str
    until: datetime | None = None


class Shown(msgspec.Struct, frozen=True):
    """Who a read shows: `subjects` each once, those of them who are `strangers`, and how many go `unnamed`; what is
    unnamed is known by its event (`key`), so that it counts once.
    """

    subjects: tuple[str, ...]
    strangers: frozenset[str]
    unnamed: int
    key: str

    @property
    def asked(self) -> tuple[str, ...]:
        """What to look up of what was shown before."""
        return (*self.subjects, self.key) if self.unnamed else self.subjects


def was_shown(body: DataRead) -> bool:
    """Whether the answer showed anybody: an error does not."""
    status = body.status
    if isinstance(status, str):
        status = int(status) if status.isascii() and status.isdecimal() and len(status) <= 3 else None
    return status is None or status < _ERRORS_FROM


def shown_by(shelf: Shelf, reader: Reader, event: Event, policy: Policy) -> Shown:
    """Who `event` shows to `reader`. Where no business was ever told, and for buyers, nobody is a stranger."""
    body, at = event.body, event.time
    assert isinstance(body, DataRead)
    key = f"\t{event.source}\t{event.id}"
    subjects = tuple(dict.fromkeys(body.subject_ids or ()))
    unnamed = 0 if body.subject_ids is not None else body.subject_count or 0
    if reader.kind == "buyer" or not subjects:
        return Shown(subjects, frozenset(), unnamed, key)
    staff = reader.kind == "staff"
    owners: Collection[str] = (PLATFORM,) if staff else reader.owners(at)
    since = day_of(at) - (policy.contact_days if staff else policy.business_days)
    known = shelf.customers(owners, subjects, since)
    strangers = frozenset(subjects) - known if known or shelf.knows_business() else frozenset[str]()
    return Shown(subjects, strangers, unnamed, key)


def decide(
    shelf: Shelf, event: Event, policy: Policy, barred: Sequence[Barred] = (), *, agreed: bool = False,
    rules: Consultant = NO_RULES,
) -> ReadDecision:  # fmt: skip
    """Decides on the read that `event` (data.read) tells of, and counts it when it is approved.

    `barred` are reasons from elsewhere: a throttle, an export without approval. `agreed`: it is an export that others
    have agreed to, which no budget holds up. `rules` are those of this check.
    """
    body = event.body
    assert isinstance(body, DataRead)
    reader = reader_of(shelf, event.data)
    if not was_shown(body):  # an error shows nobody
        return _ruled(_decision(event, policy, [], {}, None), event, rules)
    shown = shown_by(shelf, reader, event, policy)
    seen = shelf.seen(body.principal_id, shown.asked)
    now = hour_of(event.time)
    values = _values(reader, shown, seen, now)
    over = [] if agreed else _over(reader, values, policy, event.time, now)
    refusing = [*barred, *beyond_contract(reader, body, event.time), *over]
    decision = _ruled(_decision(event, policy, refusing, values, reader), event, rules)
    if decision.outcome not in STOPPING:
        count(shelf, body.principal_id, reader, shown, seen, now)
    return decision


def _ruled(decision: ReadDecision, event: Event, rules: Consultant) -> ReadDecision:
    """With what the rules of this check say. Where a rule stops a read, waiting does not help."""
    if rules is NO_RULES:
        return decision
    found = cast("ReadDecision", with_rules(decision, rules.ask(CHECK, event, scores_of(decision))))
    ruled = any(hit.status == LIVE and hit.outcome in STOPPING for hit in found.hits[len(decision.hits) :])
    return msgspec.structs.replace(found, retry_after=None) if ruled else found


def count_shown(shelf: Shelf, event: Event, policy: Policy) -> None:
    """Counts a read that was shown, as the log tells it; one that was counted when it was asked for changes nothing."""
    body = event.body
    assert isinstance(body, DataRead)
    if was_shown(body):
        reader = reader_of(shelf, event.data)
        shown = shown_by(shelf, reader, event, policy)
        known = shelf.seen(body.principal_id, shown.asked)
        count(shelf, body.principal_id, reader, shown, known, hour_of(event.time))


def count(shelf: Shelf, principal_id: str, reader: Reader, shown: Shown, known: Mapping[str, Seen], now: int) -> None:
    """Counts that `shown` was shown; `known` says whom the reader was shown before."""
    if not reader.since:
        reader.since = now // HOURS
    news = note(reader, known, shown.subjects, set(shown.strangers), now)
    if shown.unnamed and shown.key not in known:
        reader.people[now] = reader.people.get(now, 0) + shown.unnamed
        news.append(shown.key)
    shelf.put_seen(principal_id, {each: Seen(now, each in shown.strangers) for each in news})
    shelf.put_reader(principal_id, reader)


def _values(reader: Reader, shown: Shown, known: Mapping[str, Seen], now: int) -> dict[str, int]:
    """What the counts would be after this read."""
    day, month = now // HOURS * HOURS, (now // HOURS - DAYS + 1) * HOURS
    evening = day + HOURS - 1  # to the end of the day: what a clock that is ahead has counted today counts today
    unnamed = 0 if shown.key in known else shown.unnamed
    in_hour = in_day = in_month = unnamed
    for hour, count in reader.people.items():
        if month <= hour <= evening:
            in_month += count
            if hour >= day:
                in_day += count
                in_hour += count if hour == now else 0
    for each in shown.subjects:
        last = known[each].hour if each in known else -1
        in_month += last < month
        in_day += last < day
        in_hour += last < now
    strange_day = strange_month = 0
    for hour, count in reader.strangers.items():
        if month <= hour <= evening:
            strange_month += count
            strange_day += count if hour >= day else 0
    for each in shown.strangers:
        seen = known.get(each)
        news = seen is None or not seen.stranger
        strange_month += news or known[each].hour < month
        strange_day += news or known[each].hour < day
    return {
        "people_per_hour": in_hour,
        "people_per_day": in_day,
        "people_per_30_days": in_month,
        "strangers_per_day": strange_day,
        "strangers_per_30_days": strange_month,
    }


_WINDOWS_ZH: Final = {
    "people_per_hour": "本小时人数", "people_per_day": "当日人数", "people_per_30_days": "30 天人数",
    "strangers_per_day": "当日无业务关系人数", "strangers_per_30_days": "30 天无业务关系人数",
}  # fmt: skip


def _over(reader: Reader, values: dict[str, int], policy: Policy, at: datetime, now: int) -> list[Barred]:
    limits = reader.limits(policy.kinds, at)
    found = []
    for name, value in values.items():
        limit = getattr(limits, name)
        if value <= limit:
            continue
        buckets = reader.people if name.startswith("people") else reader.strangers
        until = _frees(buckets, name, value - limit, now)
        words = f"This read would make {value:,} {name.replace('_', ' ')}; the limit is {limit:,}."
        found.append(Barred(BUDGET, words, f"{_WINDOWS_ZH[name]}将达 {value}，上限为 {limit}。", until))
    return found


def _frees(buckets: Buckets, name: str, surplus: int, now: int) -> datetime | None:
    """When `surplus` people have fallen out of the window; None when the read alone is too large."""
    today = now // HOURS
    if name.endswith("hour"):
        return hour_begins(now + 1) if within(buckets, now, now) >= surplus else None
    if name.endswith("day"):
        held = within(buckets, today * HOURS, today * HOURS + HOURS - 1)
        return hour_begins((today + 1) * HOURS) if held >= surplus else None
    for day in range(today - DAYS + 1, today + 1):
        surplus -= within(buckets, day * HOURS, day * HOURS + HOURS - 1)
        if surplus <= 0:
            return hour_begins((day + DAYS) * HOURS)
    return None


def beyond_contract(reader: Reader, body: DataRead, at: datetime) -> list[Barred]:
    """What of a read a contract does not cover; without one there is nothing to go beyond."""
    contract = reader.contract
    if contract is None:
        return []
    if at >= contract.ends_at:
        return [Barred("access.contract_ended", "The contract of this partner has ended.", "该合作方合同已到期。")]
    beyond = sorted(set(body.fields) - set(contract.fields))
    if beyond:
        names = ", ".join(name[:40] for name in beyond[:5])
        return [
            Barred(
                "access.outside_contract",
                f"The contract does not cover the fields {names}.",
                f"合同不含字段：{names}。",
            )
        ]
    if body.purpose is not None and body.purpose not in contract.purposes:
        return [Barred("access.outside_contract", "The contract does not cover this purpose.", "合同不含该用途。")]
    return []


def _decision(
    event: Event, policy: Policy, refusing: Sequence[Barred], values: dict[str, int], reader: Reader | None
) -> ReadDecision:
    if not refusing:  # nearly all are: nothing is gathered for them
        return ReadDecision(
            id=derived_at(event.time, "d", CHECK, event.source, event.id),
            at=rfc3339(event.time),
            check=CHECK,
            subject=Subject("principal", event.data["principal_id"]),
            outcome=Outcome.APPROVE,
            score=0.0,
            reasons=(),
            hits=(),
            policy_version=policy.version,
        )
    # The longest wait counts; what does not end by itself cannot be waited for.
    waits = [None if each.until is None else each.until - event.time for each in refusing]
    ends = [each for each in waits if each is not None]
    retry = math.ceil(max(ends).total_seconds()) if ends and len(ends) == len(waits) else None
    hits = tuple(
        Hit(
            each.code,
            Outcome.DECLINE,
            1.0,
            LIVE,
            {**values, "kind": reader.kind if reader else "", "retry_after": retry},
        )
        for each in refusing[:1]
    )
    reasons = tuple(
        Reason(each.code, each.message, {"message_zh": each.message_zh, "retry_after": retry}) for each in refusing
    )
    return ReadDecision(
        id=derived_at(event.time, "d", CHECK, event.source, event.id),
        at=rfc3339(event.time),
        check=CHECK,
        subject=Subject("principal", event.data["principal_id"]),
        outcome=Outcome.DECLINE,
        score=1.0,
        reasons=reasons,
        hits=hits,
        policy_version=policy.version,
        retry_after=retry,
    )
