"""A house in which every desk has something to show, named as a hostile outsider would name it; and every page of it.

Told once for a module: pages are looked at in a browser, and for texts of outsiders that are more than text.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agoranomos.audit.actions import checkpoint
from agoranomos.audit.notes import SigningKey
from agoranomos.cases.referral.model import About
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import endpoints
from agoranomos.enforcement.model import Want
from agoranomos.goods.brands import actions as brands
from agoranomos.goods.testbuys import queries as testbuys
from agoranomos.intake.noting import noted_and_veiled
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.events import parse_line
from agoranomos.kernel.findings import Reason, Related, Subject
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.money import Money
from agoranomos.reports.numbers import NUMBERS
from agoranomos.reviews.pressure.telling import HARASSMENT, PRESSURE
from agoranomos.sellers.links.noting import ROOM, note
from agoranomos.staff.roles import Role
from tests.builders import make_brand, make_money
from tests.console.desk import EVIL, Desk
from tests.engine.links.people import person
from tests.goods.brands.test_actions import make_proposal
from tests.goods.testbuys.builders import ANA, make_candidates
from tests.goods.trade.builders import FORM
from tests.promotions.remedies.scene import VAULT, history, take
from tests.promotions.scenes import campaign
from tests.promotions.tracing.events import told
from tests.reviews.score.test_service import EVENTS
from tests.sellers.conduct import builders as conduct
from tests.sellers.links import events as links

LOG_KEY = SigningKey("log.example", b"k" * 32)
"""What the audit log of the house is signed with."""
TURNED = "\u202egnihtemos\u200f"
"""Marks that turn the direction of writing, as somebody uses them who wants to be read as another."""
ALWAYS = (
    "/overview", "/findings", "/findings/f_1", "/subjects/listing?id=l-1", "/subjects/seller?id=seller-1",
    "/subjects/store?id=s-1", "/actions", "/approvals", "/search?id=nothing", f"/numbers/{NUMBERS[0].name}",
    "/numbers/findings", "/numbers/checks_stopped", "/promotions", "/promotions/campaign?id=c1",
    "/promotions/lint?live=1", "/promotions/incident?id=c1", "/cases", "/cases/queue?name=goods",
    "/rules", "/rules/new", "/access", "/access/exports", "/audit-log", "/report",
    "/brands", "/brands?id=qxa", "/brands/proposals", "/notices", "/notices?id=n-1", "/notices/strikes", "/testbuys",
    "/reviews", "/reviews/store?id=s0", "/reviews/held",
    "/sellers", "/sellers?id=u1", "/sellers?id=v-1", "/subjects/seller?id=v-1", "/sellers/applications",
    "/sellers/applications?id=d_application", "/referrals", "/insiders", "/insiders?id=f_staff", "/people", "/keys",
    "/deliveries", "/system", "/retention", "/sellers/freezes", "/sellers/appeals", "/sellers/certification",
)  # fmt: skip


def furnish(desk: Desk) -> tuple[str, ...]:
    """Fills the house; the addresses of all kinds of pages."""
    for number in range(5):
        desk.found(f"f_{number}", ring_id="r", code="goods.counterfeit_suspected")
    desk.decided("d_1", Outcome.WARN)
    desk.asked("listing.remove", Subject("listing", "l-1"))
    desk.asked("store.suspend", Subject("store", "s-1"))
    desk.told(told("campaign.declared", "e1", 0, campaign=campaign("c1", budget={"count": 100})))
    take(desk.house.store, history())
    desk.house.promotions.traces.follow()
    desk.house.cases.service.gather()
    case = desk.house.cases.service.page("goods", after=None, limit=1)[0]
    plan_id, testbuy_id = _goods(desk)
    _reviews(desk)
    freeze_id = _sellers(desk)
    referral_id = _house(desk)
    return (
        *ALWAYS, f"/cases?id={case.case_id}", f"/testbuys?id={plan_id}", f"/testbuys/estimate?id={plan_id}",
        f"/testbuys/buy?id={testbuy_id}", f"/sellers/freezes?id={freeze_id}", f"/referrals?id={referral_id}",
    )  # fmt: skip


def _goods(desk: Desk) -> tuple[str, str]:
    """Brands, a proposal, a notice that was answered, a plan that was drawn."""
    evil = make_brand(
        "qxa", names=(EVIL[:60],), aliases=("Qxa 牌",), features={EVIL: [EVIL]}, floors={"shoes": make_money(9_900)},
        authorised_store_ids=("s-1", EVIL[:50]), sold="selective", reference_pictures=(f"{EVIL}.jpg",),
        categories=("shoes", EVIL[:30]), source=EVIL,
    )  # fmt: skip
    with desk.house.store.transaction() as connection:
        brands.register(connection, [evil], desk.now)
        brands.propose(connection, [make_proposal("alisha", 0.9), make_proposal("bexa", 0.4)], desk.now)
    notices = desk.house.rooms.notices
    data = {
        "notice_id": "n-1", "rights_holder_id": EVIL[:40], "brand_id": "qxa", "listing_ids": ["l-1", EVIL[:50]],
        "kind": "counterfeit", "statement": f"{EVIL}{TURNED}", **FORM, "work": EVIL, "evidence": [{EVIL: TURNED}],
    }  # fmt: skip
    notices.file(data, by=desk.someone)
    notices.counter("n-1", f"No. {EVIL}{TURNED}", by=desk.someone)
    service = desk.house.rooms.testbuys
    service.add_shopper(EVIL[:30], ["a-1", "a-2", "a-3"], by=ANA)
    plan = service.plan(Money(500_000, "CNY"), candidates=make_candidates(store_id=EVIL[:50]), by=ANA)
    with desk.house.store.transaction() as connection:
        checkpoint(connection, LOG_KEY, desk.house.clock())
    service.draw(plan.plan_id, by=ANA)
    with desk.house.store.reading() as connection:
        bought = testbuys.of_plan(connection, plan.plan_id)
    return plan.plan_id, bought[0].testbuy_id


def _reviews(desk: Desk) -> None:
    """A store that presses its critics, one that people report, a ring, a review that is held and one that is shown."""
    desk.told(*EVENTS)
    desk.house.reviews.scores.follow()
    sequence = {
        "review_id": EVIL[:60], "how": "deleted", "at": rfc3339(desk.now), "event_id": "e", "hours": 3.5,
        "contacts": [{"kind": "call", "at": rfc3339(desk.now), "event_id": "c"}],
    }  # fmt: skip
    pressed: dict[str, Any] = {"reached": 12, "taken_back": 10, "usual": 0.05, "sequences": [sequence]}
    reported = {"reporters": 4, "message_zh": TURNED}
    for code, store_id, score, evidence in (
        (PRESSURE, "s0", 0.93, pressed), (HARASSMENT, EVIL[:100], 0.6, reported)
    ):  # fmt: skip
        reasons = (Reason(code, f"{EVIL}{TURNED}", evidence),)
        desk.found(f"f_{code}", code=code, subject=Subject("store", store_id), reasons=reasons, score=score)
    tied = (Reason("reviews.bought_praise", EVIL, {"kinds": ["device", "text"]}),)
    related = (Related("store", "s0", "reference"), Related("account", "a-2", "member"))
    for account in ("a-1", "a-2"):
        desk.found(
            f"f_{account}", code="reviews.bought_praise", subject=Subject("account", account), ring_id="ring_1",
            reasons=tied, related=related, score=0.8,
        )  # fmt: skip
    until = rfc3339(desk.now + timedelta(days=7))
    for number in range(51):
        act(desk, "review.hold", Subject("review", f"r-{number}"), {"until": until})
    act(desk, "review.release", Subject("review", "r-50"), {"form": "text", "item": "category", "period": "2026-W18"})
    act(desk, "review.release", Subject("review", "r-49"), {"form": "score"})


def _sellers(desk: Desk) -> str:
    """Offences, frozen money (its id is the answer), an appeal, an appointment, an application, two who are one."""
    stores = conduct.opened(), conduct.opened(EVIL[:50], EVIL[:60])
    desk.told(
        *stores,
        conduct.case("case-1", 54),
        conduct.case("case-2", 55, clause=EVIL[:30]),
        conduct.case("case-3", 55, seller=EVIL[:60], store=EVIL[:50]),
        conduct.order("o1", 56),
        conduct.returned("o1", 57),
        conduct.told("appeal.filed", "ap-1", 58, appeal_id="ap-1", case_id="case-1", statement=EVIL),
    )
    one = person(0)
    lines = [links.plain("seller.applied", links.application(f"v-{number}", one)) for number in (1, 2)]
    desk.told(*(noted_and_veiled({"seller.applied": {ROOM: note}}, VAULT.keys, parse_line(line)) for line in lines))
    desk.told(links.opened("vs-2", "v-2"), links.closed("vs-2"))
    rooms = desk.house.sellers
    rooms.hear()
    rooms.offices.certification.book("u1", EVIL[:30], desk.now + timedelta(days=9), by=desk.someone)
    reasons = (Reason("sellers.x", f"{EVIL}{TURNED}", {"a": EVIL, "message_zh": EVIL}),)
    desk.decided(
        "d_application", Outcome.HOLD, check="application", subject=Subject("application", EVIL[:60]), reasons=reasons
    )
    return next(each for each in rooms.offices.freezes.listed() if each.sums).freeze_id


def _house(desk: Desk) -> str:
    """A referral with a package (its id is the answer), a finding on staff, a person, a key, a job, a hold."""
    about = About("campaign", "c1")
    service = desk.house.referrals.service
    authority = next(iter(service.policy.authorities))
    referral_id = service.open(about, authority, because=None, by=desk.someone).referral_id
    service.make(referral_id, by=desk.someone)
    reasons = (Reason("access.insider", f"{EVIL}{TURNED}", {"usual": EVIL}),)
    related = (Related("seller", EVIL[:60], "reference"),)
    staff = Subject("staff", EVIL[:60])
    desk.found("f_staff", code="access.insider", subject=staff, reasons=reasons, related=related)
    desk.house.add("eve", Role.ANALYST)
    desk.house.staff.create_key(name=EVIL[:60], permissions=["checks.run"], by=desk.someone)
    desk.house.retention.service.place("store", EVIL[:60], why="litigation", note=f"{EVIL}{TURNED}", by=desk.someone)
    with desk.house.store.transaction() as connection:
        queue.recur(connection, "actions.settle", 5, now=desk.now)
        endpoints.add(
            connection, VAULT, "https://market.example/hook", allow_private=True, by=desk.someone, now=desk.now
        )
    act(desk, "review.hold", Subject("review", "r-99"), {})
    return referral_id


def act(desk: Desk, kind: str, subject: Subject, params: dict[str, Any]) -> None:
    """An action that somebody asked for."""
    with desk.house.store.transaction() as connection:
        enforcing.request(
            connection, [Want(kind, subject, params)], by=desk.someone, because=["f_1"], policy=desk.policy,
            now=desk.house.clock(),
        )  # fmt: skip
