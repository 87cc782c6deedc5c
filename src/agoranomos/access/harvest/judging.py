"""How sure it is that a reader harvests: pure, in log-odds, each part with its words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from agoranomos.access.exposure.model import HOURS, Reader, within
from agoranomos.access.harvest.policy import Policy
from agoranomos.kernel.findings import Reason

CODE: Final = "access.harvest"
WINDOWS: Final = (1, 7, 30)


class Judged(msgspec.Struct, frozen=True):
    """How sure, and why."""

    score: float
    reasons: tuple[Reason, ...]


class Counts(msgspec.Struct, frozen=True):
    """Of one window: days, reads, different people, and those of them who are strangers."""

    days: int
    reads: int
    people: int
    strangers: int

    @property
    def coverage(self) -> float:
        """Different people over reads: near 1 for whoever never comes back to anybody."""
        return self.people / max(self.reads, 1)


def counts_of(reader: Reader, now: int) -> list[Counts]:
    """What `reader` was shown in the windows that end with the hour `now`."""
    found = []
    for days in WINDOWS:
        first = (now // HOURS - days + 1) * HOURS
        shown = [within(each, first, now) for each in (reader.reads, reader.people, reader.strangers)]
        found.append(Counts(days, *shown))
    return found


def by_business(reader: Reader, counts: Sequence[Counts], policy: Policy, *, business_known: bool) -> Judged:
    """A reader who should have business with whom it reads.

    Two shares of strangers are held against each other, that of honest readers of its kind and that of a harvester, by
    the window that says most (the log of a likelihood ratio, Wald 1945); a fraction of it counts, since the reads of
    one task stand or fall together.
    """
    rules = policy.strangers
    usual, wrong = rules.usual_share.get(reader.kind, 0.2), rules.harvest_share
    logit, reasons = rules.prior, list[Reason]()
    if business_known:
        most = max(counts, key=lambda each: _ratio(each, usual, wrong))
        gain = rules.per_nat * _ratio(most, usual, wrong)
        logit += gain
        if most.strangers:
            reasons.append(_strangers(most, usual, gain))
    week = counts[1]
    share = week.strangers / max(week.people, 1)
    many = week.people >= rules.coverage_people_min and week.coverage >= rules.coverage_line
    if many and (share > usual or not business_known):
        logit += rules.coverage_weight
        reasons.append(_coverage(week, rules.coverage_weight))
    return Judged(_probability(logit), tuple(reasons))


def _ratio(counts: Counts, usual: float, wrong: float) -> float:
    known = counts.people - counts.strangers
    return counts.strangers * math.log(wrong / usual) + known * math.log((1 - wrong) / (1 - usual))


def of_visitor(row: Mapping[str, Any], policy: Policy) -> Judged:
    """A reader who needs no business: by how seldom others read the same people, and whether its fellows share work.

    `row` holds the features of `reach.windows` over the last day and the last seven.
    """
    rules = policy.visitors
    logit, reasons = rules.prior, list[Reason]()
    days = max((1, 7), key=lambda each: row[f"excess_{each}"] if row[f"people_{each}"] >= rules.people_min else -99.0)
    people, excess = row[f"people_{days}"], row[f"excess_{days}"]
    if people < rules.people_min:
        return Judged(0.0, ())
    gain = min(rules.excess_max, rules.per_excess * max(0.0, excess - rules.excess_from))
    if gain > 0:
        logit += gain
        reasons.append(_seldom(row, days, gain))
    overlap, fellows = row[f"group_overlap_{days}"], row[f"group_readers_{days}"]
    if overlap is not None and fellows >= rules.group_readers_min and overlap < rules.group_overlap_line and gain > 0:
        more = rules.group_weight * (1 - overlap / rules.group_overlap_line)
        logit += more
        reasons.append(_fellows(fellows, overlap, days, more))
    if row["writes_7"]:
        logit += rules.writes_weight
    elif (together := _together(row, policy)) is not None:
        logit += together[0]
        reasons.append(together[1])
    return Judged(_probability(logit), tuple(reasons))


def _together(row: Mapping[str, Any], policy: Policy) -> tuple[float, Reason] | None:
    """What the readers of one client are as one: each looks nearly as people do, all of them do not. None where nothing
    is to be said.

    Clients differ by themselves, by `group_spread` deviations (a random effect, DerSimonian and Laird 1986); beyond
    that half of the square counts, the log of the largest likelihood ratio. That none of many ever orders or writes
    counts as well.
    """
    rules = policy.visitors
    readers, overlap = row["group_readers_7"], row["group_overlap_7"]
    if readers < rules.group_readers_min or overlap is None or overlap >= rules.group_repeat_line:
        return None
    excess = row["group_excess_7"] / math.sqrt(1 + rules.group_spread**2 * readers)
    if excess < rules.group_excess_from:
        return None
    share, usual = row["group_writers_7"], row["others_writers_7"]
    quiet = readers * math.log(max(1 - share, 1e-9) / max(1 - usual, 1e-9)) if share < usual else 0.0
    gain = min(rules.group_excess_max, excess**2 / 2) + min(rules.quiet_max, rules.quiet_per_nat * quiet)
    return gain, _as_one(row, excess, gain)


def _strangers(counts: Counts, usual: float, gain: float) -> Reason:
    share = counts.strangers / counts.people
    words = (
        f"Within {_days(counts.days)} it read {counts.people:,} people and has business with "
        f"{counts.people - counts.strangers:,} of them; {share:.0%} are strangers, where {usual:.0%} is usual."
    )
    zh = f"{counts.days} 天内读取 {counts.people} 人，其中 {counts.strangers} 人与其无业务关系（通常约 {usual:.0%}）。"
    return Reason("access.no_business", words, {
        "days": counts.days, "people": counts.people, "strangers": counts.strangers, "reads": counts.reads,
        "coverage": round(counts.coverage, 4), "weight": round(gain, 3), "message_zh": zh,
    })  # fmt: skip


def _coverage(counts: Counts, gain: float) -> Reason:
    words = (
        f"Within {_days(counts.days)} it read {counts.people:,} different people in {counts.reads:,} reads: it goes "
        f"through them, and does not come back to anybody."
    )
    zh = f"{counts.days} 天内 {counts.reads} 次读取涉及 {counts.people} 个不同的人：逐个遍历，几乎不重复。"
    return Reason("access.goes_through", words, {
        "days": counts.days, "people": counts.people, "reads": counts.reads, "coverage": round(counts.coverage, 4),
        "weight": round(gain, 3), "message_zh": zh,
    })  # fmt: skip


def _seldom(row: Mapping[str, Any], days: int, gain: float) -> Reason:
    people, alone, excess = row[f"people_{days}"], row[f"alone_{days}"], row[f"excess_{days}"]
    words = (
        f"Within {_days(days)} it read {people:,} people whom others seldom read ({alone:,} nobody else): "
        f"{excess:.1f} deviations from what readers usually look at."
    )
    zh = f"{days} 天内读取的 {people} 人很少有他人查看（{alone} 人无他人查看），偏离常态 {excess:.1f} 个标准差。"
    return Reason("access.seldom_read", words, {
        "days": days, "people": people, "alone": alone, "excess": round(excess, 2),
        "coverage": round(row[f"coverage_{days}"], 4), "weight": round(gain, 3), "message_zh": zh,
    })  # fmt: skip


def _fellows(fellows: int, overlap: float, days: int, gain: float) -> Reason:
    words = (
        f"{fellows:,} readers use the same client and read different people, as if they shared the work: they repeat "
        f"each other {overlap:.0%} as often as strangers would."
    )
    zh = f"{fellows} 个读取者使用同一客户端，却几乎不看同样的人（重复率为陌生人之间的 {overlap:.0%}），像是分工抓取。"
    return Reason("access.shared_work", words, {
        "days": days, "readers": fellows, "overlap": round(overlap, 4), "weight": round(gain, 3), "message_zh": zh,
    })  # fmt: skip


def _as_one(row: Mapping[str, Any], excess: float, gain: float) -> Reason:
    readers, share, usual = row["group_readers_7"], row["group_writers_7"], row["others_writers_7"]
    words = (
        f"{readers:,} readers use the same client; together they read people whom others seldom read, by "
        f"{excess:.1f} deviations of what clients differ by, and {share:.0%} of them ever did anything else, where "
        f"{usual:.0%} is usual."
    )
    zh = (
        f"{readers} 个读取者使用同一客户端，合起来明显偏向很少有人查看的人（偏离 {excess:.1f} 个标准差），"
        f"其中 {share:.0%} 有过其他行为（通常 {usual:.0%}）。"
    )
    return Reason("access.seldom_together", words, {
        "days": 7, "readers": readers, "excess": round(excess, 2), "writers": round(share, 4),
        "usual_writers": round(usual, 4), "weight": round(gain, 3), "message_zh": zh,
    })  # fmt: skip


def _days(days: int) -> str:
    return "a day" if days == 1 else f"{days} days"


def _probability(logit: float) -> float:
    return round(1.0 / (1.0 + math.exp(-max(-30.0, min(logit, 4.6)))), 4)
