"""What can be said of a campaign by itself: what it leaves out, what it was for, what its codes are worth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.lint.guessing import chance_of_guessing
from agoranomos.promotions.lint.policy import Policy
from agoranomos.promotions.lint.report import Remark

_NAMING = ("id", "name", "title", "description", "label")


def reasons(campaign: Campaign, document: dict[str, Any], policy: Policy) -> Iterator[Remark]:
    """Why it is refused, whatever else is live."""
    if campaign.benefit is None:
        yield Remark("no_benefit", "/benefit", "it does not say what it gives", "没有写明优惠内容")
    if policy.require.budget and not _has_budget(campaign):
        yield Remark("no_budget", "/budget", "it has no budget: nothing stops it", "没有预算，无法自动停止")
    if policy.require.cap_per_account and campaign.per_account is None:
        yield Remark(
            "no_cap_per_account",
            "/per_account",
            "one account can use it as often as it likes",
            "没有限制每个账号的使用次数",
        )
    if policy.require.end and campaign.ends_at is None:
        yield Remark("no_end", "/ends_at", "it has no end", "没有结束时间")
    if word := _test_word(campaign, document, policy.tests.words):
        yield Remark(
            "forgotten_test",
            "/id",
            f"it looks like a test: {word!r} stands in its name",
            f"疑似遗留的测试活动：名称中有“{word}”",
        )
    if policy.refunds.rule == "list" and campaign.benefit is not None:
        yield Remark(
            "refund_above_paid", "/benefit", "what comes back is paid out at its list price: more than was paid for it",
            "退货按原价退款，退款额高于实付额",
        )  # fmt: skip
    yield from _above_face(campaign)
    yield from _guessable(campaign, policy)


def remarks(campaign: Campaign, known: Sequence[str], now: datetime | None) -> Iterator[Remark]:
    """What is worth reading, and refuses nothing; `known` are the ids of all campaigns."""
    if now is not None and campaign.ends_at is not None and campaign.ends_at <= now:
        at = rfc3339(campaign.ends_at)
        yield Remark("over", "/ends_at", f"it was over on {at}", f"已于 {at} 结束")
    if campaign.exclusive and campaign.stacks_with:
        yield Remark(
            "says_both", "/exclusive", "it excludes all others and names some that it goes with; it excludes them",
            "既声明互斥又列出可叠加的活动，按互斥处理",
        )  # fmt: skip
    for place, other in enumerate(campaign.stacks_with or ()):
        if other not in known:
            yield Remark(
                "stacks_with_unknown", f"/stacks_with/{place}", f"it goes with {other}, which is not among these",
                f"列出的可叠加活动 {other} 不在本次检查中",
            )  # fmt: skip


def _has_budget(campaign: Campaign) -> bool:
    budget = campaign.budget
    return budget is not None and (budget.amount is not None or budget.count is not None)


def _test_word(campaign: Campaign, document: dict[str, Any], words: Sequence[str]) -> str | None:
    """The first of `words` that stands in a name by itself: not in `contest` or `latest`."""
    text = " ".join(str(document[key]) for key in _NAMING if isinstance(document.get(key), str)) or campaign.id
    found = re.split(r"[^a-z\u4e00-\u9fff]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
    latin = {part for chunk in found for part in re.split(r"[\u4e00-\u9fff]+", chunk)}
    for word in words:
        if word in latin if word.isascii() else word in text:
            return word
    return None


def _above_face(campaign: Campaign) -> Iterator[Remark]:
    """A benefit that is worth more than what it is given for."""
    benefit, goods = campaign.benefit, campaign.applies_to
    if benefit is None:
        return
    if benefit.kind == "percent" and not isinstance(benefit.value, Money) and benefit.value > 100:
        yield Remark("above_face", "/benefit/value", "it takes off more than everything", "折扣超过百分之百")
    if benefit.kind != "fixed" or not isinstance(benefit.value, Money):
        return
    value = benefit.value if benefit.cap is None else min(benefit.value, benefit.cap)
    dearest = goods.prices.max if goods and goods.prices else None
    least = campaign.min_spend.amount if campaign.min_spend else 0
    if dearest is not None and value.amount > max(dearest.amount, least):
        yield Remark(
            "above_face", "/benefit/value", f"it is worth {value}, more than the dearest of its goods, {dearest}",
            f"面值 {value} 高于最贵的适用商品 {dearest}",
        )  # fmt: skip
    elif campaign.min_spend is not None and value.amount > least:
        yield Remark(
            "above_face", "/benefit/value", f"it is worth {value}, more than the least spending, {campaign.min_spend}",
            f"面值 {value} 高于最低消费 {campaign.min_spend}",
        )  # fmt: skip


def _guessable(campaign: Campaign, policy: Policy) -> Iterator[Remark]:
    if campaign.codes is None:
        return
    live = _live_codes(campaign)
    if live is None:
        yield Remark(
            "codes_unknown", "/budget/count", "it has codes and does not say how many: nobody knows how safe they are",
            "有券码但未写明数量，无法判断是否容易被猜中",
        )  # fmt: skip
        return
    chance = chance_of_guessing(campaign.codes, live, policy.codes.tries)
    if chance > policy.codes.chance_max:
        tries = policy.codes.tries
        yield Remark(
            "codes_guessable", "/codes",
            f"of {live:,} codes one is found in {tries:,} tries with a chance of {chance:.2g}; at most "
            f"{policy.codes.chance_max:g} is allowed: make them longer",
            f"{live:,} 个券码在 {tries:,} 次尝试中被猜中的概率为 {chance:.2g}，"
            f"上限为 {policy.codes.chance_max:g}，请加长券码",
        )  # fmt: skip


def _live_codes(campaign: Campaign) -> int | None:
    """As many as may be used: the count of the budget, else how often its amount holds the benefit."""
    budget, benefit = campaign.budget, campaign.benefit
    if budget is None:
        return None
    if budget.count is not None:
        return budget.count
    if budget.amount is None or benefit is None:
        return None
    each = benefit.value if isinstance(benefit.value, Money) else benefit.cap
    return budget.amount.amount // each.amount if each is not None and each.amount > 0 else None
