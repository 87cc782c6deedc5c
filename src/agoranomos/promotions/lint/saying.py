"""Receipts in words, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from agoranomos.kernel.money import MINOR_DIGITS, Money
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.campaigns.showing import benefit
from agoranomos.promotions.lint.realising import Found
from agoranomos.promotions.lint.report import ShownLine, ShownReceipt, ShownStep


def receipt(found: Found) -> ShownReceipt:
    """The counter-example as a receipt."""
    currency, told = found.basket.currency, {each.id: each for each in found.campaigns}
    lines = tuple(
        ShownLine(line.listing_id, line.category, line.quantity, Money(line.price, currency), Money(paid, currency))
        for line, paid in zip(found.basket.lines, found.receipt.by_line, strict=True)
    )
    steps = tuple(
        ShownStep(step.campaign_id, benefit(told[step.campaign_id]), Money(step.taken, currency),
                  Money(step.after, currency))
        for step in found.receipt.steps
    )  # fmt: skip
    order = [told[step.campaign_id] for step in found.receipt.steps]
    paid, listed = plain(found.receipt.paid, currency), plain(found.receipt.listed, currency)
    names = [each.id for each in order]
    en = f"pay {paid} for {listed} {currency}: {' then '.join(names)}{_because_en(order)}"
    zh = f"{listed} {currency} 的商品只付 {paid}：先后使用 {'、'.join(names)}{_because_zh(order)}"
    return ShownReceipt(
        Money(found.receipt.paid, currency), Money(found.receipt.listed, currency), float(found.ratio), lines, steps,
        en, zh,
    )  # fmt: skip


def plain(amount: int, currency: str) -> str:
    """An amount without its currency: 0.40."""
    return str(Money(amount, currency)).rpartition(" ")[0] if MINOR_DIGITS[currency] else f"{amount:,}"


def _because_en(order: Sequence[Campaign]) -> str:
    if len(order) < 2:
        return ""
    if all(each.stacks_with is None for each in order):
        return f", because {'neither' if len(order) == 2 else 'none of them'} excludes the other{'s'[: len(order) > 2]}"
    return ", because they name each other in stacks_with" if _all_named(order) else (
        ", because those that name others in stacks_with name these, and the rest exclude nobody")  # fmt: skip


def _because_zh(order: Sequence[Campaign]) -> str:
    if len(order) < 2:
        return ""
    if all(each.stacks_with is None for each in order):
        return "，因为它们互不排斥"
    return (
        "，因为它们在 stacks_with 中互相列出"
        if _all_named(order)
        else "，因为有限制的活动允许它们叠加，其余活动不排斥任何活动"
    )


def _all_named(order: Sequence[Campaign]) -> bool:
    return all(each.stacks_with is not None for each in order)
