"""Sign-in and account in a real browser: both languages, light and dark, wide and narrow.

Screenshots land in AGORA_SCREENSHOTS when it names a folder.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from agoranomos.staff.roles import Role
from tests.staff.house import PASSWORD, House
from tests.stores import make_store
from tests.web.serving import served
from tests.web.test_pages_browser import CONTRAST, WAYS, Visit, browser

__all__ = ["browser"]
pytestmark = pytest.mark.slow
NAME = "ada-wilhelmina-constantinopolitanska-lovelace"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application behind a real server, with one person."""
    store = make_store(tmp_path_factory.mktemp("store"))
    house = House(store)
    house.add(NAME, *Role, password=PASSWORD)
    with served(house.app) as url:
        yield url
    store.close()


def press(page: Page, control: str) -> None:
    """Clicks, and waits for the page that this leads to."""
    with page.expect_navigation():
        page.click(control)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way)))
def test_somebody_signs_in_looks_around_and_leaves(browser: Browser, address: str, way: tuple[int, str, str]) -> None:
    visit = Visit(browser, *way)
    page = visit.page
    page.set_default_timeout(20_000)  # a password takes its time on a busy machine
    page.goto(f"{address}/listings/new?sample=contact")
    assert page.url.endswith("/sign-in?next=%2Flistings%2Fnew%3Fsample%3Dcontact")
    page.fill("#email", f"{NAME}@example.org")
    page.fill("#password", "not the password")
    press(page, "main button")
    assert page.locator("[role=alert]").count() == 1
    visit.look("sign-in")
    assert page.evaluate(CONTRAST) == []
    page.fill("#password", PASSWORD)
    press(page, "main button")
    assert page.url == f"{address}/listings/new?sample=contact"
    visit.look("signed-in")
    press(page, "a.who")
    assert page.url == f"{address}/account"
    visit.look("account")
    assert page.evaluate(CONTRAST) == []
    press(page, ".language a")
    assert page.get_attribute("html", "lang") == {"en": "zh-Hans", "zh": "en"}[way[1]]
    press(page, ".top button")
    assert page.url == f"{address}/sign-in?done=out"
    page.goto(f"{address}/account")
    assert "/sign-in" in page.url
    # It notes that the refusal is an answer of 403, and that we left before it had the icon of its window.
    assert [each for each in visit.complaints if "403" not in each and "favicon.svg" not in each] == []
    visit.context.close()
