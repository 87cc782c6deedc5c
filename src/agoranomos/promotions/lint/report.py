"""What the lint says: refusals with their reasons, the worst baskets as receipts, and what may be lost."""

from __future__ import annotations

import msgspec

from agoranomos.kernel.money import Money
from agoranomos.promotions.lint.losing import Loss


class Remark(msgspec.Struct, frozen=True):
    """Something about a campaign: `code`, the JSON pointer below its entry, and words in two languages."""

    code: str
    pointer: str
    en: str
    zh: str


class ShownLine(msgspec.Struct, frozen=True):
    """A line of a receipt: so many pieces at a list price, and what is paid for them."""

    goods: str
    category: str | None
    quantity: int
    price: Money
    paid: Money


class ShownStep(msgspec.Struct, frozen=True):
    """A benefit of a receipt, and what is left to pay after it."""

    campaign_id: str
    takes: str
    taken: Money
    left: Money


class ShownReceipt(msgspec.Struct, frozen=True):
    """A counter-example: `en` and `zh` say it in a sentence."""

    paid: Money
    listed: Money
    paid_to_face: float
    lines: tuple[ShownLine, ...]
    steps: tuple[ShownStep, ...]
    en: str
    zh: str


class Verdict(msgspec.Struct, frozen=True):
    """A campaign: refused when there is a reason; remarks are worth reading and refuse nothing."""

    campaign_id: str
    refused: bool
    reasons: tuple[Remark, ...]
    remarks: tuple[Remark, ...] = ()


class Combination(msgspec.Struct, frozen=True):
    """Campaigns that must not be live together, or one that must not be live at all, as the receipt shows."""

    campaign_ids: tuple[str, ...]
    floor: float
    cash_equivalent: bool
    receipt: ShownReceipt


class Worst(msgspec.Struct, frozen=True):
    """The lowest paid-to-face ratio in one currency, of goods as good as cash or of others. No basket is below `bound`;
    `proven`: that is no more than `gap` below the receipt.
    """

    currency: str
    cash_equivalent: bool
    floor: float
    bound: float
    proven: bool
    gap: float
    receipt: ShownReceipt


class LargestLoss(msgspec.Struct, frozen=True):
    """What the platform may lose in one currency: in one order (no order loses more than `bound`), by one account, by
    `accounts` of them. Null is without bound.
    """

    currency: str
    one_order: Money
    bound: Money
    proven: bool
    receipt: ShownReceipt | None
    accounts: int
    one_account: Money | None
    all_accounts: Money | None
    by_campaign: tuple[Loss, ...]


class Report(msgspec.Struct, frozen=True):
    """All of it. `complete`: no other combination is refused."""

    refused: bool
    complete: bool
    policy: str
    campaigns: tuple[Verdict, ...]
    combinations: tuple[Combination, ...]
    lowest: tuple[Worst, ...]
    losses: tuple[LargestLoss, ...]
