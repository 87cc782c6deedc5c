"""The pages of the goods desk: the brand registry, notices of rights holders, test buys."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from agoranomos.audit.actions import checkpoint
from agoranomos.audit.notes import SigningKey
from agoranomos.goods.brands import actions
from agoranomos.kernel.money import Money
from agoranomos.staff.roles import Role
from tests.builders import make_brand, make_money
from tests.console.desk import EVIL, Desk
from tests.goods.brands.test_actions import make_proposal
from tests.goods.testbuys.builders import ANA, make_candidates
from tests.goods.trade.builders import FORM
from tests.staff.house import Client, hidden
from tests.stores import make_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    yield Desk(store)
    store.close()


@pytest.fixture
def officer(desk: Desk) -> Client:
    return desk.reader(Role.BRAND_PROTECTION)


def form(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the first form on the page that goes to `action`, as `hidden` has those of the last."""
    start = page.index(f'action="{action}"')
    return hidden("<form " + page[start : page.index("</form>", start)])


def notice(desk: Desk, *, listings: tuple[str, ...] = ("l-1",), notice_id: str = "n-1") -> None:
    """A notice whose form is complete, in words that try to be more than words."""
    data = {
        "notice_id": notice_id, "rights_holder_id": "h-1", "brand_id": "qxa", "listing_ids": list(listings),
        "kind": "counterfeit", "statement": f"{EVIL} \u202e not ours", **FORM,
    }  # fmt: skip
    desk.house.rooms.notices.file(data, by=desk.someone)


def test_the_registry_is_searched(desk: Desk, officer: Client) -> None:
    with desk.house.store.transaction() as connection:
        actions.register(connection, [make_brand("qxa", names=(EVIL[:60],), aliases=("Qxa 牌",))], desk.now)
    page = officer.get("/brands", params={"q": "qxa牌"}).text
    assert page.count("data-row ") == 1
    assert EVIL[:60] not in page
    assert "No brand is called that." in officer.get("/brands?q=nothing-is-called-this").text
    first = officer.get("/brands")
    older = unescape(first.text.split('rel="next" href="')[1].split('"')[0])
    assert first.text.count("data-row ") == 50
    assert officer.get(older).text.count("data-row ") == 50
    assert officer.get("/brands?cursor=nonsense").status_code == 400
    assert officer.get("/brands?id=no-such-brand").status_code == 404
    assert desk.reader(Role.ADMIN).get("/brands").status_code == 403


def test_a_proposal_is_accepted_rejected_and_merged(desk: Desk, officer: Client) -> None:
    assert "No name waits" in officer.get("/brands/proposals").text
    with desk.house.store.transaction() as connection:
        actions.propose(
            connection,
            [make_proposal(name, score) for name, score in zip("abc", (0.9, 0.8, 0.7), strict=True)],
            desk.now,
        )
        actions.register(connection, [make_brand("qxa")], desk.now)
    page = officer.get("/brands/proposals").text
    assert page.index(">A</bdi>") < page.index(">B</bdi>") < page.index(">C</bdi>")
    given = form(page, "/brands/decide")
    own = form(officer.get("/brands?id=a").text, "/brands/decide")
    nowhere = officer.post("/brands/decide", data=own | {"answer": "merge", "into": "nobody"})
    assert nowhere.status_code == 409
    assert 'role="alert"' in nowhere.text
    assert officer.post("/brands/decide", data=given | {"answer": "accept"}).url.path == "/brands/proposals"
    assert officer.post("/brands/decide", data=given | {"answer": "whatever"}).status_code == 422
    for brand_id, answer, into in (("b", "reject", ""), ("c", "merge", "qxa")):
        data = form(page, "/brands/decide") | {"id": brand_id, "answer": answer, "into": into}
        assert officer.post("/brands/decide", data=data).status_code == 200
    assert "No name waits" in officer.get("/brands/proposals").text
    assert "in the registry" in officer.get("/brands?id=a").text
    rejected = officer.get("/brands?id=b").text
    assert "Take this out" not in rejected
    assert (
        officer.post("/brands/decide", data=form(rejected, "/brands/decide") | {"answer": "accept"}).status_code == 200
    )
    assert "C" in officer.get("/brands?id=qxa").text
    assert "It is part of" in officer.get("/brands?id=c").text
    assert officer.get("/brands?status=merged_into").text.count("data-row ") == 1
    log = desk.reader(Role.AUDITOR).get("/audit-log?subject=brand:b").text
    assert "brand.reject" in log
    assert "brand.accept" in log


def test_stores_are_authorised_and_taken_off(desk: Desk, officer: Client) -> None:
    with desk.house.store.transaction() as connection:
        floors = {"shoes": make_money(10_000)}
        actions.register(connection, [make_brand("qxa", features={"seam": EVIL}, floors=floors)], desk.now)
    page = officer.get("/brands?id=qxa").text
    assert "Every store may sell it." in page
    assert "100.00 CNY" in page
    assert EVIL not in page
    given = form(page, "/brands/stores")
    closed = officer.post("/brands/stores", data=given | {"store_ids": "s-1 s-2", "answer": "add"}).text
    assert closed.count('name="answer" value="remove"') == 2
    one = officer.post("/brands/stores", data=given | {"store_ids": "s-1", "answer": "remove"}).text
    assert one.count('name="answer" value="remove"') == 1
    again = officer.post("/brands/stores", data=given | {"store_ids": "s-1", "answer": "remove"})
    assert again.status_code == 409
    assert "Every store may sell it." in officer.post("/brands/stores", data=given | {"answer": "open"}).text
    assert officer.post("/brands/stores", data=given | {"answer": "maybe"}).status_code == 422
    only_reads = desk.reader(Role.AUDITOR)
    assert "/brands/stores" not in only_reads.get("/brands?id=qxa").text
    assert only_reads.post("/brands/stores", data=given | {"answer": "open"}).status_code == 403


def test_a_notice_is_answered_and_decided(desk: Desk, officer: Client) -> None:
    assert "No notice waits" in officer.get("/notices").text
    notice(desk, listings=("l-1", "l-2"))
    listed = officer.get("/notices").text
    assert "n-1" in listed
    assert "left</span>" in listed
    page = officer.get("/notices?id=n-1").text
    assert EVIL not in page
    assert "U+202E" in page
    assert "Li Na" not in page
    assert "The seller has not answered." in page
    given = form(page, "/notices/decide") | {"outcome": "upheld", "reason": "Seams are glued.", "except": "l-2"}
    early = officer.post("/notices/decide", data=given)
    assert early.status_code == 409
    assert "the seller may answer until" in early.text
    assert "Seams are glued." in early.text
    answered = officer.post("/notices/answer", data=form(page, "/notices/answer") | {"statement": f"We bought {EVIL}"})
    assert "We bought" in answered.text
    assert EVIL not in answered.text
    assert officer.post("/notices/answer", data=form(page, "/notices/answer") | {"statement": " "}).status_code == 409
    asked = officer.post("/notices/decide", data=given)
    if asked.url.path == "/approvals":  # nobody is registered for the brand: two persons decide
        approval_id = dict(asked.url.params)["id"]
        head = desk.reader(Role.HEAD_OF_GOVERNANCE)
        agreed = form(head.get(f"/approvals?id={approval_id}").text, f"/approvals/{approval_id}")
        head.post(f"/approvals/{approval_id}", data=agreed | {"answer": "approve"})
        again = form(officer.get("/notices?id=n-1").text, "/notices/decide")
        asked = officer.post("/notices/decide", data=given | again)
    assert asked.status_code == 200
    assert asked.text.count("upheld</span>") == 1
    assert asked.text.count("rejected</span>") == 1
    assert "Seams are glued." in asked.text
    assert "Statement of reasons" in asked.text
    assert "处理决定说明" in officer.get("/notices?id=n-1&lang=zh").text


def test_notices_are_filtered(desk: Desk) -> None:
    service = desk.reader(Role.CUSTOMER_SERVICE)
    for number in range(51):
        notice(desk, listings=(f"l-{number}",), notice_id=f"n-{number:02}")
    assert service.get("/notices?brand_id=none").text.count("data-row ") == 0
    first = service.get("/notices?status=open").text
    assert first.count("data-row ") == 50
    assert service.get(unescape(first.split('rel="next" href="')[1].split('"')[0])).text.count("data-row ") == 1
    assert "Decide it" not in service.get("/notices?id=n-00").text
    assert service.get("/notices?id=none").status_code == 404


def drawn(desk: Desk) -> str:
    """A plan that was drawn; its id."""
    service = desk.house.rooms.testbuys
    service.add_shopper("sh-1", ["a-1", "a-2"], by=ANA)
    plan = service.plan(Money(500_000, "CNY"), candidates=make_candidates(), by=ANA)
    with desk.house.store.transaction() as connection:
        checkpoint(connection, SigningKey("example.org/log", bytes(range(32))), desk.house.clock())
    return service.draw(plan.plan_id, by=ANA).plan_id


def test_a_plan_is_made_and_drawn(desk: Desk, officer: Client) -> None:
    page = officer.get("/testbuys").text
    assert "There is no plan yet." in page
    given = form(page, "/testbuys/plan")
    wrong = officer.post("/testbuys/plan", data=given | {"budget": "much", "categories": EVIL})
    assert wrong.status_code == 422
    assert EVIL not in wrong.text
    plan_id = drawn(desk)
    assert plan_id in officer.get("/testbuys").text
    one = officer.get(f"/testbuys?id={plan_id}").text
    assert "bags" in one
    assert "data-row " in one
    estimate = officer.get(f"/testbuys/estimate?id={plan_id}").text
    assert "No verdict is clear yet." in estimate
    assert "Drawn again from commitment and log: the same." in estimate
    assert officer.post("/testbuys/step", data=given | {"id": plan_id, "step": "drop"}).status_code == 409
    assert officer.get("/testbuys?id=none").status_code == 404


def test_a_purchase_goes_its_way_to_an_estimate(desk: Desk, officer: Client) -> None:
    plan_id = drawn(desk)
    first = officer.get(f"/testbuys?id={plan_id}").text
    buy = unescape(first.split('data-row class="id" href="')[1].split('"')[0])
    page = officer.get(buy).text
    given = form(page, "/testbuys/move")
    if "Have it bought by" in page and "a-1" in page:
        officer.post("/testbuys/assign", data=given | {"to": "sh-1\r\na-1"})
    for state in ("bought", "received", "sent"):
        moved = officer.post("/testbuys/move", data=given | {"state": state})
        assert moved.status_code == 200, moved.text
    assert officer.post("/testbuys/move", data=given | {"state": "planned"}).status_code == 409
    verdict = given | {"appraiser_id": "ap-1", "verdict": "counterfeit", "cost": "312.50"}
    assert officer.post("/testbuys/appraise", data=verdict | {"cost": "-1"}).status_code == 409
    done = officer.post("/testbuys/appraise", data=verdict).text
    assert "312.50 CNY" in done
    assert "counterfeit</span>" in done
    estimate = officer.get(f"/testbuys/estimate?id={plan_id}").text
    assert "1 fakes among 1 clear verdicts" in estimate
    assert "/testbuys/move" not in desk.reader(Role.AUDITOR).get(buy).text
