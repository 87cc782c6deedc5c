"""What the pages of the console work with."""

from __future__ import annotations

from dataclasses import dataclass

from agoranomos.access.rooms import Access
from agoranomos.cases.referral.rooms import Referrals
from agoranomos.cases.rooms import Cases
from agoranomos.enforcement.service import ActionService
from agoranomos.goods.rooms import Rooms
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.promotions.rooms import Promotions
from agoranomos.reports.service import ReportService
from agoranomos.retention.rooms import Retention
from agoranomos.reviews.rooms import Reviews
from agoranomos.rules.service import RuleService
from agoranomos.sellers.rooms import Sellers
from agoranomos.staff.service import StaffService


@dataclass(frozen=True)
class Console:
    """The services whose verbs and queries pages ask; None: that desk is not here, and its pages say so."""

    store: Store
    clock: Clock
    acting: ActionService
    staff: StaffService
    sellers: Sellers | None = None
    promotions: Promotions | None = None
    cases: Cases | None = None
    rules: RuleService | None = None
    access: Access | None = None
    goods: Rooms | None = None
    reviews: Reviews | None = None
    reports: ReportService | None = None
    referrals: Referrals | None = None
    retention: Retention | None = None
    guided: bool = False  # a demonstration, whose overview leads through it
