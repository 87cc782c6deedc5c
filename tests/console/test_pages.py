"""The pages of the console: what they show, to whom, and what can be done on them."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from agoranomos.reports.numbers import NUMBERS
from agoranomos.staff.roles import Role
from agoranomos.web import paging
from tests.console.desk import EVIL, Desk
from tests.console.scene import act
from tests.staff.house import hidden
from tests.stores import make_store

DESKS = (
    "/brands?q=nike", "/brands?status=rejected", f"/brands/proposals?cursor={paging.encode(0.5, 'b')}", "/notices",
    "/notices?status=open&store_id=s-1", "/notices/strikes", "/testbuys", "/reviews", "/reviews/store?id=s-1",
    "/reviews/held", "/sellers", "/sellers?id=seller-1", "/sellers/applications", "/sellers/freezes",
    "/sellers/appeals", "/sellers/certification", "/referrals", "/insiders", "/people", "/keys", "/deliveries",
    "/system", "/retention",
)  # fmt: skip
"""Pages of desks and of the house, of which none has been told anything."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    yield Desk(store)
    store.close()


def test_pages_ask_both_databases_alike(store: Store) -> None:
    desk = Desk(store)
    finding = desk.found(ring_id="r")
    desk.decided("d_1", Outcome.WARN)
    action_id = desk.asked("listing.remove", finding.subject)
    act(desk, "review.hold", Subject("review", "r-1"), {})
    act(desk, "review.release", Subject("review", "r-1"), {"form": "score"})
    reader = desk.reader(*Role)
    numbers = [f"/numbers/{number.name}" for number in NUMBERS]
    pages = ["/overview?days=366", "/findings?score_min=0.9", f"/findings/{finding.id}", "/approvals", *numbers]
    for path in [
        *pages,
        f"/actions?id={action_id}",
        "/subjects/listing?id=l-1",
        "/subjects/store?id=s-1",
        "/search?id=l-1",
        *DESKS,
    ]:
        assert reader.get(path).status_code == 200, path


def test_the_start_leads_everybody_to_a_page_of_theirs(desk: Desk) -> None:
    begins = {role: desk.reader(role).get("/") for role in Role}
    assert {answer.status_code for answer in begins.values()} == {200}
    assert begins[Role.ANALYST].url.path == "/overview"
    assert begins[Role.ADMIN].url.path == "/people"
    assert desk.house.browser().get("/").url.path == "/sign-in"


def test_an_empty_store_is_told_in_words(desk: Desk) -> None:
    page = desk.reader().get("/overview").text
    assert "Nothing has been found in this time" in page
    assert "Nothing here." in desk.reader(Role.BRAND_PROTECTION).get("/findings").text


def test_the_overview_counts_and_leads_to_the_rows(desk: Desk) -> None:
    desk.found()
    desk.found("f_2", score=0.6)
    desk.found("f_3", status="shadow")
    desk.decided("d_1", Outcome.WARN)
    desk.decided("d_2", Outcome.APPROVE)
    reader = desk.reader()
    page = reader.get("/overview").text
    assert "50.0 %" in page
    rows = reader.get("/numbers/findings").text
    assert "f_1" in rows
    assert "f_2" in rows
    assert "f_3" not in rows
    share = reader.get("/numbers/checks_stopped").text
    assert share.count("not counted</span>") == 1


def test_every_number_has_a_page_in_both_languages(desk: Desk) -> None:
    everything = desk.reader(Role.ANALYST, Role.AUDITOR)
    for number in NUMBERS:
        for language in ("en", "zh"):
            assert everything.get(f"/numbers/{number.name}?lang={language}").status_code == 200, number.name
    assert everything.get("/numbers/nonsense").status_code == 404


def test_a_number_of_another_office_is_not_shown(desk: Desk) -> None:
    seller_numbers = desk.reader(Role.PROMOTION_MANAGER)
    assert seller_numbers.get("/numbers/money_held").status_code == 200
    nobody = desk.house.program("findings.read")
    nobody.headers["accept"] = "text/html"
    assert nobody.get("/numbers/money_held").status_code == 403
    assert "Money held" not in nobody.get("/overview").text


def test_what_outsiders_wrote_stays_text(desk: Desk) -> None:
    finding = desk.found(subject=Subject("listing", EVIL), ring_id="r", code=EVIL[:30])
    desk.found("f_2", subject=Subject("listing", EVIL), ring_id="r")
    desk.asked("listing.remove", Subject("listing", EVIL))
    reader = desk.reader()
    for path in (
        "/overview", "/findings", f"/findings/{finding.id}", "/actions", "/numbers/findings", "/search?id=f_2",
    ):  # fmt: skip
        page = reader.get(path).text
        assert escape(EVIL[:20], quote=False)[:20] in page or path == "/actions", path
        assert EVIL not in page
        assert "<img" not in page.replace('<img src="/static', "")
    shown = reader.get("/subjects/listing", params={"id": EVIL})
    assert shown.status_code == 200
    assert EVIL not in shown.text


def test_an_id_leads_to_its_page(desk: Desk) -> None:
    desk.found()
    action_id = desk.asked("listing.remove", Subject("listing", "l-1"))
    reader = desk.reader()
    assert reader.get("/search?id=f_1").url.path == "/findings/f_1"
    assert reader.get("/search", params={"id": action_id}).url.path == "/actions"
    assert reader.get("/search?id=l-1").url.path == "/subjects/listing"
    desk.found("f_2", subject=Subject("store", "l-1"))
    several = reader.get("/search?id=l-1").text
    assert several.count("data-row href") == 2
    assert "Nothing that was judged" in reader.get("/search?id=unheard-of").text
    assert "Write an id" in reader.get("/search").text


def test_an_action_is_asked_for_and_undone(desk: Desk) -> None:
    desk.found()
    reader = desk.reader()
    page = reader.get("/subjects/listing?id=l-1")
    form = hidden(page.text) | {"kind": "listing.remove", "because": "f_1"}
    asked = reader.post("/subjects/listing/actions", data=form)
    assert asked.status_code == 200
    assert "listing.remove" in asked.text
    again = reader.post("/subjects/listing/actions", data=form)
    assert again.text.count(">listing.remove</span>") == 1  # asking again for the same is asking once
    action_id = reader.get("/v1/actions").json()["items"][0]["id"]
    undone = reader.post(f"/actions/{action_id}/undo", data=hidden(reader.get(f"/actions?id={action_id}").text))
    assert undone.status_code == 200
    assert "undone" in undone.text


@pytest.mark.parametrize(
    ("kind", "form", "status"),
    [
        ("listing", {"id": "l-1", "kind": "store.close", "because": "f_1"}, 422),
        ("listing", {"id": "l-1", "kind": "listing.remove", "because": ""}, 422),
        ("listing", {"id": "", "kind": "listing.remove", "because": "f_1"}, 404),
        ("nonsense", {"id": "l-1", "kind": "listing.remove", "because": "f_1"}, 404),
    ],
)
def test_what_cannot_be_asked_for_is_refused(desk: Desk, kind: str, form: dict[str, str], status: int) -> None:
    reader = desk.reader()
    desk.found()
    token = {"_csrf_token": hidden(reader.get("/subjects/listing?id=l-1").text)["_csrf_token"]}
    assert reader.post(f"/subjects/{kind}/actions", data=form | token).status_code == status


def test_a_second_person_answers_and_the_first_cannot(desk: Desk) -> None:
    desk.found(subject=Subject("store", "s-1"))
    reader = desk.reader(Role.BRAND_PROTECTION)
    desk.asked("store.suspend", Subject("store", "s-1"))
    listed = reader.get("/approvals").text
    assert "store.suspend" in listed or "brake" in listed
    approval_id = reader.get("/v1/approvals").json()["items"][0]["approval_id"]
    page = reader.get(f"/approvals?id={approval_id}")
    assert "What would be done" in page.text
    done = reader.post(f"/approvals/{approval_id}", data=hidden(page.text) | {"answer": "approve"})
    assert done.status_code == 200
    assert "Nothing is left to decide here." in done.text
    mine = reader.get("/subjects/store?id=s-1")
    reader.post("/subjects/store/actions", data=hidden(mine.text) | {"kind": "store.close", "because": "f_1"})
    own = next(each for each in reader.get("/v1/approvals").json()["items"])["approval_id"]
    refused = reader.get(f"/approvals?id={own}").text
    assert "somebody else has to decide" in refused
    form = {"answer": "approve", "_csrf_token": hidden(page.text)["_csrf_token"]}
    assert reader.post(f"/approvals/{own}", data=form).status_code == 403


def test_a_form_without_its_secret_changes_nothing(desk: Desk) -> None:
    desk.found()
    action_id = desk.asked("listing.remove", Subject("listing", "l-1"))
    reader = desk.reader()
    assert reader.post(f"/actions/{action_id}/undo").status_code == 403
    assert reader.get(f"/v1/actions/{action_id}").json()["status"] != "undone"


def test_a_seller_is_shown_as_of_a_day(desk: Desk) -> None:
    reader = desk.reader()
    assert "0 of 48 points are in force" in reader.get("/subjects/seller?id=seller-1&as_of=2026-03-01").text
    assert reader.get("/subjects/seller?id=seller-1&as_of=yesterday").status_code == 422
    assert "Nothing is known of this Seller yet." in reader.get("/subjects/seller?id=seller-1").text
    assert reader.get("/subjects/nonsense?id=seller-1").status_code == 404
    assert reader.get("/subjects/seller").status_code == 404


def test_colours_are_remembered(desk: Desk) -> None:
    reader = desk.reader()
    assert 'data-theme="dark"' in reader.get("/overview?theme=dark").text
    assert 'data-theme="dark"' in reader.get("/findings").text
    assert "data-theme" not in reader.get("/findings?theme=system").text
    assert "data-theme" not in reader.get("/findings").text


def test_pages_go_on_with_a_cursor(desk: Desk) -> None:
    for number in range(51):
        desk.found(f"f_{number:02}")
    reader = desk.reader()
    first = reader.get("/findings")
    assert first.text.count("data-row ") == 50
    older = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert reader.get(older).text.count("data-row ") == 1
    assert reader.get("/findings?cursor=nonsense").status_code == 400
