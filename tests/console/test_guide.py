"""The guide through the demonstration: five stories on real pages, by mouse, by keyboard, remembered by the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page

from agoranomos.console.guide.paths import STORIES
from agoranomos.console.guide.wording import TEXTS
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.staff.authenticating import SECOND_COOKIE, SESSION_COOKIE
from agoranomos.staff.roles import Role
from tests.console.desk import Desk
from tests.console.test_browser import found_by_axe
from tests.parts import AXE
from tests.promotions.remedies.scene import history, take
from tests.promotions.scenes import campaign
from tests.promotions.tracing.events import told
from tests.staff.house import Client, hidden
from tests.stores import make_store
from tests.web.serving import served
from tests.web.test_pages_browser import Visit, browser

__all__ = ["browser"]

STAFF = "clerk-1"
PLANTED = {
    "goods.brand_disguised": Subject("listing", "l-1"), "promotions.paid_below_floor": Subject("campaign", "c1"),
    "promotions.coupon_ring": Subject("account", "a-9"), "reviews.deletion_pressure": Subject("store", "s-1"),
    "reviews.hired_operator": Subject("device", "d-1"), "access.harvest": Subject("principal", "p-1"),
    "access.canary_touched": Subject("principal", "p-1"),
}  # fmt: skip
"""What the desks have found: a code for each step that opens a row."""


def plant(desk: Desk) -> None:
    """The rows of all stories."""
    for code, subject in PLANTED.items():
        desk.found(f"f_{code}", code=code, subject=subject)
    of_staff = Finding(
        id="f_staff", at=rfc3339(desk.now), code="staff.favours", subject=Subject("staff", STAFF), score=0.95,
        reasons=(Reason("staff.favours", "clears one seller's cases"),), detector="d", version="1",
    )  # fmt: skip
    with desk.house.store.transaction() as connection:
        keep_findings(connection, [of_staff], now=desk.now)
    desk.told(told("campaign.declared", "e1", 0, campaign=campaign("c1", budget={"count": 100})))
    read = {"principal_id": "p-1", "principal_kind": "partner", "endpoint": "/users", "fields": ["phone"]}
    desk.told(told("data.read", "r-1", 0, **read, subject_ids=["a", "b", "c"]))
    desk.house.access.service.follow()
    take(desk.house.store, history())
    desk.house.promotions.traces.follow()
    desk.house.cases.service.gather()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    store = make_store(tmp_path_factory.mktemp("guide"))
    desk = Desk(store, guided=True)
    plant(desk)
    yield desk
    store.close()


@pytest.fixture(scope="module")
def reader(desk: Desk) -> Client:
    return desk.reader(*Role)


def test_every_step_opens_a_page(reader: Client) -> None:
    page = reader.get("/overview").text
    assert STAFF not in page, "insiders are for the auditor, who asks elsewhere"
    assert page.count('data-step="') == sum(len(steps) for steps in STORIES.values())
    for story, steps in STORIES.items():
        for number in range(1, len(steps) + 1):
            link = page.split(f'data-step="{story}.{number}"')[0].rsplit('href="', 1)[1].split('"')[0]
            answer = reader.get(link.replace("&amp;", "&"))
            assert answer.status_code == 200, f"{story} {number}: {link}"
    assert "hx-trigger" not in page.split('id="guide"')[1].split(">")[0], "nothing is waited for"


def test_what_is_not_found_yet_is_waited_for(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    page = Desk(store, guided=True).reader(*Role).get("/overview?lang=zh").text
    store.close()
    assert "本市场中的五个故事" in page
    assert page.count("各业务台仍在查找") == 12, "three steps of each story but the last open a row"
    assert "every 5s" in page.split('id="guide"')[1].split(">")[0]


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Desk]:
    """A demonstration in which nobody was added, with a store that something was found about."""
    store = make_store(tmp_path)
    desk = Desk(store, guided=True, open_locally=True)
    desk.found(subject=Subject("store", "s-1"))
    yield desk
    store.close()


def local(desk: Desk) -> Client:
    """The browser of whoever sits at the machine."""
    client: Client = TestClient(desk.house.app, base_url="http://127.0.0.1")
    client.headers["accept"] = "text/html"
    return client


def ask(client: Client) -> str:
    """Asks for something that takes two people; the address of what waits for the second."""
    form = hidden(client.get("/subjects/store?id=s-1").text) | {"kind": "store.close", "because": "f_1"}
    assert client.post("/subjects/store/actions", data=form).status_code == 200
    return f"/approvals?id={client.get('/v1/approvals').json()['items'][0]['approval_id']}"


def change(client: Client, person: str) -> str:
    """The page after the other person has taken over."""
    token = hidden(client.get("/overview").text)["_csrf_token"]
    return client.post("/demo/person", data={"_csrf_token": token, "as": person, "next": "/approvals"}).text


def test_whoever_tries_it_alone_is_the_second_person_as_well(alone: Desk) -> None:
    visitor = local(alone)
    waiting = ask(visitor)
    page = visitor.get(waiting).text
    assert "somebody else has to decide" in page
    assert "Look on as the second person" in page
    assert "You look on as the second person" in change(visitor, "second")
    page = visitor.get(waiting).text
    done = visitor.post(waiting.replace("?id=", "/"), data=hidden(page) | {"answer": "approve"}).text
    assert "Nothing is left to decide here." in done
    assert "person:local-second" in done
    assert visitor.get("/account").status_code == 200
    assert visitor.get("/v1/me").json()["actor"] == "person:local-second"
    assert "You look on as the second person" not in change(visitor, "first")
    assert visitor.get("/v1/me").json()["actor"] == "person:local"


def test_the_second_person_is_there_in_a_demonstration_alone(tmp_path: Path, desk: Desk) -> None:
    store = make_store(tmp_path)
    elsewhere = Desk(store, open_locally=True)
    elsewhere.found(subject=Subject("store", "s-1"))
    visitor = local(elsewhere)
    page = visitor.get("/overview").text
    assert "/demo/person" not in page
    assert visitor.post("/demo/person", data=hidden(page)).status_code in (403, 404, 405)
    visitor.cookies.set(SECOND_COOKIE, "1", domain="127.0.0.1")
    assert visitor.get("/v1/me").json()["actor"] == "person:local"
    assert "somebody else has to decide" in visitor.get(ask(visitor)).text
    store.close()
    signed_in = desk.reader(*Role)
    page = signed_in.get("/overview").text
    assert "/demo/person" not in page
    signed_in.cookies.set(SECOND_COOKIE, "1", domain="testserver.local")
    assert signed_in.get("/v1/me").json()["actor"] != "person:local-second"
    assert signed_in.post("/demo/person", data=hidden(page) | {"as": "second"}).status_code == 403


def test_only_a_demonstration_is_guided(everything: Client) -> None:
    assert 'id="guide"' not in everything.get("/overview").text


def test_steps_are_those_that_one_may_open(desk: Desk) -> None:
    page = desk.reader(Role.CUSTOMER_SERVICE).get("/overview").text
    assert 'data-step="fake.1"' in page
    for step in ("crawler.2", "clerk.2", "clerk.3", "clerk.4"):
        assert f'data-step="{step}"' not in page
    assert STAFF not in page


def test_each_step_has_words() -> None:
    for story, steps in STORIES.items():
        for number in range(1, len(steps) + 1):
            assert TEXTS.text("en", f"guide.{story}.{number}")
        assert f"guide.{story}.{len(steps) + 1}" not in TEXTS.keys


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with served(desk.house.app) as url:
        yield url


@pytest.fixture(scope="module")
def secret(desk: Desk) -> str:
    person = desk.house.add("visitor", *Role)
    issued = desk.house.staff.sign_in_issued(issuer="https://id.example", subject="visitor", email=person.email)
    assert isinstance(issued, str)
    return issued


@pytest.fixture
def visit(browser: Browser, address: str, secret: str) -> Iterator[Visit]:
    visit = Visit(browser, 1280, "en", "light")
    visit.context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": address}])
    yield visit
    assert visit.complaints == []
    visit.context.close()


def seen(page: Page) -> int:
    """How many steps are marked as seen."""
    return page.locator("#guide li.taken").count()


@pytest.mark.slow
def test_the_stories_are_followed_by_mouse(visit: Visit, address: str) -> None:
    page = visit.page
    for number, (story, steps) in enumerate(STORIES.items()):
        page.goto(f"{address}/overview")
        assert seen(page) == sum(len(each) for each in list(STORIES.values())[:number])
        page.click(f'[data-step="{story}.1"]')
        for step in range(2, len(steps) + 1):
            bar = page.locator(".guide-bar")
            assert f"{step - 1}/{len(steps)}" in bar.inner_text()
            bar.locator("a.primary").click()
        assert "the whole story" in page.locator(".guide-bar").inner_text()
    page.click(".guide-bar button")
    assert page.locator(".guide-bar").count() == 0
    page.goto(f"{address}/overview")
    assert seen(page) == 20
    assert not [each for each in visit.context.cookies() if "guide" in each["name"]], "no cookie knows of it"
    page.click("[data-guide-again]")
    assert seen(page) == 0
    assert not page.locator("[data-guide-again]").is_visible(), "there is nothing to begin again"


@pytest.mark.slow
def test_the_stories_are_followed_by_keyboard_alone(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(f"{address}/overview")
    for number, steps in enumerate(STORIES.values(), start=1):
        page.keyboard.press(str(number))
        for step in range(1, len(steps)):
            page.wait_for_function("text => document.querySelector('.guide-bar')?.innerText.includes(text)",
                                   arg=f"{step}/{len(steps)}")  # fmt: skip
            page.keyboard.press(".")
        page.wait_for_function("text => document.querySelector('.guide-bar')?.innerText.includes(text)",
                               arg=f"{len(steps)}/{len(steps)}")  # fmt: skip
        page.keyboard.press(",")
        page.wait_for_selector("#guide")
    assert seen(page) == 20
    page.locator("[data-guide-close]").focus()
    page.keyboard.press("Enter")
    assert not page.locator("#guide").is_visible()
    page.reload()
    assert not page.locator("#guide").is_visible()
    page.locator("[data-guide-open]").focus()
    page.keyboard.press("Enter")
    assert page.locator("#guide").is_visible()
    visit.look("guide")


@pytest.mark.slow
def test_what_takes_two_is_finished_alone_and_without_a_script(browser: Browser, alone: Desk) -> None:
    with served(alone.house.app) as url:
        context = browser.new_context(java_script_enabled=False, locale="en-GB", viewport={"width": 390, "height": 900})
        page = context.new_page()
        page.goto(f"{url}/subjects/store?id=s-1")
        page.select_option("select[name=kind]", "store.close")
        page.fill("#because", "f_1")
        page.click("text=Ask for it")
        assert "Ask for this action in your name?" in page.inner_text("main")
        page.click("main a.button")
        assert alone.house.staff.waiting() == [], "nothing was asked for yet"
        page.select_option("select[name=kind]", "store.close")
        page.fill("#because", "f_1")
        page.click("text=Ask for it")
        page.click("text=Go ahead")
        page.goto(f"{url}/approvals")
        page.click("main tbody a")
        assert "somebody else has to decide" in page.inner_text("main")
        page.click("text=Look on as the second person")
        assert "You look on as the second person" in page.inner_text("section.second")
        page.click("text=Agree")
        assert "Agree to this in your name?" in page.inner_text("main")
        page.click("text=Go ahead")
        assert "Nothing is left to decide here." in page.inner_text("main")
        page.click("text=Back to the first person")
        assert "as the first" in page.inner_text("section.second")
        context.close()


@pytest.mark.slow
def test_the_second_person_is_accessible(browser: Browser, alone: Desk) -> None:
    with served(alone.house.app) as url:
        visit = Visit(browser, 1280, "en", "light")
        visit.page.goto(f"{url}/overview")
        visit.page.click("text=Look on as the second person")
        if AXE.exists():
            assert found_by_axe(visit.page) == []
            assert found_by_axe(visit.page, "dark") == []
        visit.look("second")
        assert visit.complaints == []
        visit.context.close()
