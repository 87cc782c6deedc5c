"""All rooms and desks as one web application.

Apart from `wiring`, so that a command that serves nothing need not wait for the web to be imported.
"""

from __future__ import annotations

import secrets

from agoranomos.access.exposure.deciding import CHECK as READ_CHECK
from agoranomos.access.rooms import Access
from agoranomos.access.routers import routers as access_routers
from agoranomos.audit import api as audit
from agoranomos.audit.service import AuditService
from agoranomos.cases.referral.rooms import Referrals
from agoranomos.cases.referral.routers import routers as referral_routers
from agoranomos.cases.rooms import Cases
from agoranomos.cases.routers import routers as case_routers
from agoranomos.console import routers as console_routers
from agoranomos.console.rooms import Console
from agoranomos.enforcement import api as enforcement
from agoranomos.enforcement import webhooks_api
from agoranomos.enforcement.observing import WaitingActions
from agoranomos.enforcement.service import ActionService
from agoranomos.goods.listings import app as listings_app
from agoranomos.goods.listings.actions import ListingJudge
from agoranomos.goods.listings.deciding import CHECK
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.service import CheckService, approvals_behind
from agoranomos.goods.rooms import Rooms
from agoranomos.goods.routers import routers
from agoranomos.intake import api as intake
from agoranomos.intake.actions import NOBODY, Hearers
from agoranomos.intake.noting import NOTHING
from agoranomos.intake.service import EventService
from agoranomos.judgements import api as judgements
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter
from agoranomos.promotions.budgets.telling import CLAIM as COUPON_CLAIM
from agoranomos.promotions.budgets.telling import REDEEM as COUPON_USE
from agoranomos.promotions.rooms import Promotions
from agoranomos.promotions.routers import routers as promotion_routers
from agoranomos.reports import api as reports_api
from agoranomos.reports.service import ReportService
from agoranomos.retention import api as retention_api
from agoranomos.retention.rooms import Retention
from agoranomos.reviews.rooms import Reviews
from agoranomos.reviews.routers import routers as review_routers
from agoranomos.rules import api as rules_api
from agoranomos.rules import lists_api
from agoranomos.rules.backtest import api as backtests_api
from agoranomos.rules.holders.elsewhere import Elsewhere
from agoranomos.rules.holders.observing import HolderMetrics
from agoranomos.rules.policy import load_queues
from agoranomos.rules.service import RuleService
from agoranomos.sellers.identity.deciding import CHECK as APPLICATION_CHECK
from agoranomos.sellers.rooms import Sellers
from agoranomos.sellers.routers import routers as seller_routers
from agoranomos.staff import api as staff_api
from agoranomos.staff import pages as staff_pages
from agoranomos.staff.browsers import SIGN_IN
from agoranomos.staff.company import Vouching
from agoranomos.staff.service import StaffService
from agoranomos.vault import api as vault_api
from agoranomos.vault.keys import Vault
from agoranomos.vault.revealing import api as revealing_api
from agoranomos.vault.revealing.policy import load_policy as load_vault_policy
from agoranomos.vault.revealing.service import RevealService
from agoranomos.web import app
from agoranomos.web.auth import Authenticator
from agoranomos.web.observing import Application


def create_app(
    judge: ListingJudge,
    store: Store,
    policy: ListingPolicy,
    clock: Clock,
    *,
    vault: Vault,
    authenticate: Authenticator,
    rules: RuleService | None = None,
    rooms: Rooms | None = None,
    sellers: Sellers | None = None,
    reviews: Reviews | None = None,
    access: Access | None = None,
    referrals: Referrals | None = None,
    reports: ReportService | None = None,
    retention: Retention | None = None,
    promotions: Promotions | None = None,
    cases: Cases | None = None,
    revealing: RevealService | None = None,
    consultant: Consultant = NO_RULES,
    hearers: Hearers | None = None,
    csrf_secret: str | None = None,
    staff: StaffService | None = None,
    provider: Vouching | None = None,
    secure: bool = False,
    guided: bool = False,
) -> Application:
    """All rooms and desks as one application; `authenticate`, `csrf_secret`, `secure`: see `web.app`.

    `rules` is the rule book, `consultant` knows the rules of checks in this process; `rooms` are those of the goods
    desk beside listings, with the policies of all (None: as shipped, and nobody hears events), `sellers`, `promotions`
    and `access` those of these desks, `cases` those of cases (None: it has no addresses). `revealing` is who reads
    personal data back.
    `hearers` hear the events that come in (None: those of `rooms`). `staff` tells the authenticator of changes, when
    they belong together; `provider` vouches for company accounts."""
    staff = staff or StaffService(store, clock, secrets.token_bytes)
    writer = GroupWriter(store)
    rooms = rooms or Rooms(store, vault, NOBODY, clock, secrets.token_bytes)
    acting = ActionService(store, vault, rooms.policies.actions, clock)
    rules = rules or RuleService(store, clock, secrets.token_bytes, load_queues())
    behind = approvals_behind(writer, clock, consultant)
    checks = CheckService(judge, store, writer, behind, policy, clock, consultant)
    presenters: dict[str, judgements.Presenter] = {CHECK: checks.full_decision}
    if sellers:
        presenters[APPLICATION_CHECK] = sellers.applications.full_decision
    if access:
        presenters[READ_CHECK] = access.service.full_decision
    guard = promotions.guard if promotions else None
    if guard:
        presenters |= dict.fromkeys((COUPON_CLAIM, COUPON_USE), guard.full_decision)

    def settle() -> None:
        """Waits until all that was answered is in the store."""
        behind.settle()
        if guard:
            guard.settle()

    console = Console(
        store, clock, acting, staff, sellers, promotions, cases, rules, access, rooms, reviews, reports, referrals,
        retention, guided,
    )  # fmt: skip
    holders = consultant.holders if isinstance(consultant, Elsewhere) else None
    application = app.create_app(
        [
            audit.api_router(AuditService(store)),
            enforcement.api_router(acting),
            webhooks_api.api_router(acting),
            *routers(rooms),
            *(seller_routers(sellers) if sellers else ()),
            *(review_routers(reviews) if reviews else ()),
            *(access_routers(access) if access else ()),
            *(promotion_routers(promotions) if promotions else ()),
            *(referral_routers(referrals) if referrals else ()),
            *(case_routers(cases) if cases else ()),
            *([reports_api.api_router(reports)] if reports else ()),
            intake.api_router(
                EventService(writer, vault, clock, hearers or rooms.hearers, sellers.notings if sellers else NOTHING)
            ),
            rules_api.api_router(rules),
            backtests_api.api_router(rules),
            *lists_api.routers(rules),
            judgements.api_router(store, presenters, settle=settle),
            staff_api.api_router(staff),
            vault_api.api_router(
                store, clock, *((retention.service.held, retention.service.forget) if retention else ())
            ),
            *([retention_api.api_router(retention.service)] if retention else ()),
            revealing_api.api_router(revealing or RevealService(store, vault, load_vault_policy(), clock)),
            staff_pages.pages_router(staff, provider, secure=secure),
            *listings_app.routers(checks),
            *console_routers.routers(console),
        ],
        home=console_routers.START,
        authenticate=authenticate,
        templates=[listings_app.TEMPLATES, staff_pages.TEMPLATES, console_routers.TEMPLATES],
        ready=checks.ready,
        csrf_secret=csrf_secret,
        sign_in=SIGN_IN,
        secure=secure,
        lacks=lambda: [f"features {part}" for part in holders.missing()] if holders else [],
        # In this order: the first writes through the second.
        on_shutdown=[behind.close, writer.close, *([guard.close] if guard else [])],
    )
    application.state["guided"] = guided
    application.metrics.gauge(
        "agora_decisions_waiting", "Approvals that were answered and are not in the store yet", lambda: behind.waiting
    )
    application.metrics.registry.register(WaitingActions(store, acting.policy))
    if holders:
        application.metrics.registry.register(HolderMetrics(holders))
    return application
