"""The console in a real browser: nothing sticks out, nothing is logged, axe finds nothing, the keyboard suffices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from agoranomos.audit.actions import checkpoint
from agoranomos.audit.notes import SigningKey
from agoranomos.staff.authenticating import SESSION_COOKIE
from agoranomos.staff.roles import Role
from agoranomos.web.pages import STATIC
from tests.console.desk import Desk
from tests.console.scene import LOG_KEY
from tests.parts import AXE
from tests.web.serving import served
from tests.web.test_pages_browser import Visit, browser

__all__ = ["browser"]

RULES: dict[str, Any] = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What other colours can change in a page that has been looked at."""
WAYS = [(1280, "en", "light"), (390, "zh", "dark")]
"""Both widths, languages and themes; each page is looked at in the other theme and the other width as well."""
OTHER: dict[Any, Any] = {"light": "dark", "dark": "light", 1280: 390, 390: 1280}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(furnished: tuple[Desk, tuple[str, ...]]) -> Desk:
    return furnished[0]


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with served(desk.house.app) as url:
        yield url


@pytest.fixture(scope="module")
def secret(desk: Desk) -> str:
    person = desk.house.add("ada-in-a-browser", *Role)
    issued = desk.house.staff.sign_in_issued(
        issuer="https://id.example", subject="ada-in-a-browser", email=person.email
    )
    assert isinstance(issued, str)
    return issued


def visit_of(browser: Browser, address: str, secret: str, way: tuple[int, str, str]) -> Visit:
    """A window in which somebody has signed in."""
    visit = Visit(browser, *way)
    visit.context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": address}])
    return visit


def found_by_axe(page: Page, theme: str = "") -> list[str]:
    """What axe-core objects to, each with the first element that it means; in `theme`, what its colours change."""
    if theme:
        # Without motion, or buttons are still between two colours when axe looks.
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    else:
        page.evaluate(AXE.read_text(encoding="utf-8"))
    report = page.evaluate("rules => axe.run(document, rules)", COLOURS if theme else RULES)
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in report["violations"]]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way)))
def test_every_page_is_accessible(
    furnished: tuple[Desk, tuple[str, ...]], browser: Browser, address: str, secret: str, way: tuple[int, str, str]
) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core: call `make .venv/.front-dev`")
    width, _, theme = way
    visit = visit_of(browser, address, secret, way)
    for path in furnished[1]:
        answer = visit.page.goto(address + path)
        assert answer is not None
        assert answer.status == 200, path
        step = "-".join(re.findall(r"\w+", path))
        visit.look(step)
        assert found_by_axe(visit.page) == [], path
        assert found_by_axe(visit.page, OTHER[theme]) == [], f"{path}, {OTHER[theme]}"
        visit.page.set_viewport_size({"width": OTHER[width], "height": 900})
        visit.look(f"{step}-other")
        visit.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        visit.page.set_viewport_size({"width": width, "height": 900})
    assert visit.complaints == []
    visit.context.close()


def test_the_keyboard_suffices(browser: Browser, address: str, secret: str) -> None:
    visit = visit_of(browser, address, secret, (1280, "en", "light"))
    page = visit.page
    page.goto(f"{address}/overview")
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url("**/findings")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings/f_*")
    page.keyboard.press("/")
    page.keyboard.type("l-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subjects/listing?id=l-1")
    page.keyboard.press("?")
    assert page.locator("dialog.keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog.keys").is_visible()
    assert visit.complaints == []
    visit.context.close()


def test_a_page_weighs_little(browser: Browser, address: str, secret: str) -> None:
    visit = visit_of(browser, address, secret, (1280, "en", "light"))
    weights: list[int] = []
    visit.page.on("response", lambda response: weights.append(len(response.body())))
    visit.page.goto(f"{address}/overview", wait_until="networkidle")
    assert sum(weights) < 400_000
    visit.context.close()


def test_a_slip_of_the_hand_is_asked_about(browser: Browser, address: str, secret: str) -> None:
    visit = visit_of(browser, address, secret, (1280, "en", "light"))
    page = visit.page
    page.goto(f"{address}/subjects/listing?id=l-1")
    questions: list[str] = []

    def answer(dialog: Any) -> None:
        questions.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", answer)
    page.click("text=Ask for it")
    assert len(questions) == 1
    assert page.url.endswith("/subjects/listing?id=l-1")
    visit.context.close()


def test_without_a_script_the_server_asks(browser: Browser, address: str, secret: str) -> None:
    visit = visit_of(browser, address, secret, (390, "en", "light"))
    page = visit.page
    page.goto(f"{address}/subjects/listing?id=l-1")
    page.fill("#because", "f_1")
    page.evaluate("document.querySelector('form[data-confirm]').submit()")  # no event: no script hears of it
    page.wait_for_selector("h1:has-text('Please confirm')")
    assert "Ask for this action in your name?" in page.inner_text("main")
    if AXE.exists():
        assert found_by_axe(page) == []
    visit.look("sure")
    page.click("main a.button")
    assert page.url.endswith("/subjects/listing?id=l-1")
    assert visit.complaints == []
    visit.context.close()


def test_the_editor_answers_while_one_writes(browser: Browser, address: str, secret: str) -> None:
    if not (STATIC / "vendor" / "htmx.min.js").exists():
        pytest.skip("no htmx: call `make .venv/.front`")
    visit = visit_of(browser, address, secret, (1280, "en", "light"))
    page = visit.page
    page.goto(f"{address}/rules/new")
    page.locator("#text").press_sequentially("- id: x")
    page.wait_for_selector("#verdict .notice")
    assert "rules:" in (page.text_content("#verdict") or "")
    assert page.input_value("#text") == "- id: x"
    assert visit.complaints == []
    visit.context.close()


def test_an_auditor_checks_an_entry_in_the_browser(desk: Desk, browser: Browser, address: str, secret: str) -> None:
    key = LOG_KEY
    with desk.house.store.transaction() as connection:
        checkpoint(connection, key, desk.now)
    visit = visit_of(browser, address, secret, (1280, "en", "light"))
    page = visit.page
    page.goto(f"{address}/audit-log")
    verdict = page.locator("output").first
    check = page.locator("[data-verify]").first

    def answer(typed: str) -> str:
        page.fill("#verifier", typed)
        check.click()
        page.wait_for_function("() => !['', '…'].includes(document.querySelector('output').textContent)")
        return verdict.text_content() or ""

    assert answer("") == "in the log by the checkpoint"
    assert answer(str(key.verifier)) == "in the log, and signed"
    other = SigningKey("log.example", bytes(32))
    assert answer(str(other.verifier)) == "the signature is NOT this key's"
    assert answer("nonsense") == "this is no public key"
    page.route("**/v1/audit/proof/*", lambda route: route.fulfill(json=tampered(route.fetch().json())))
    assert answer("") == "NOT in the log"
    assert visit.complaints == []
    visit.context.close()


def tampered(proof: dict[str, Any]) -> dict[str, Any]:
    """The proof of an entry that says something else."""
    return proof | {"leaf": proof["leaf"].replace("20", "21", 1)}
