"""The seller's flow in a real browser: both languages, light and dark, wide and narrow.

Screenshots land in AGORA_SCREENSHOTS when it names a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.goods.listings.market import Market
from tests.parts import CHROMIUM
from tests.stores import make_store
from tests.web.serving import served

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS_MAX = 5_000
WAYS = [(width, language, theme) for width in (1280, 390) for language in ("en", "zh") for theme in ("light", "dark")]
WARNED = {"en": "Please read this before you publish", "zh": "发布前请先阅读"}
RECORDED = {"en": "Recorded: you have read the warning", "zh": "已记录：您已阅读提示"}
FINE = {"en": "Your listing can go live", "zh": "商品可以上架"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application behind a real server."""
    store = make_store(tmp_path_factory.mktemp("store"))
    with served(Market(store).app) as url:
        yield url
    store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: install chromium so that {CHROMIUM} exists")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


GIVEN_UP = "net::ERR_ABORTED"


class Visit:
    """One reader with one window; keeps what the browser complained of."""

    def __init__(self, browser: Browser, width: int, language: str, theme: Any) -> None:
        self.name = f"{width}-{language}-{theme}"
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            java_script_enabled=True,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS_MAX)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        # What a page still fetched when the reader went on, the browser gives up, and says that it failed.
        self.page.on("requestfailed", lambda it: self.complaints.extend([it.url] if it.failure != GIVEN_UP else []))

    def look(self, step: str) -> None:
        """Nothing sticks out sideways, no control is too small for a thumb; takes a picture."""
        wide = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], f"{step} is wider than the window"
        for control in self.page.locator("main button, main a.button, main input").all():
            box = control.bounding_box() if control.is_visible() else None
            assert box is None or box["height"] >= 20
        if folder := os.environ.get("AGORA_SCREENSHOTS"):
            picture = Path(folder) / f"{self.name}-{step}.png"
            self.page.screenshot(path=str(picture), full_page=True)


@pytest.fixture(params=WAYS, ids=lambda way: "-".join(map(str, way)))
def way(request: pytest.FixtureRequest) -> tuple[int, str, str]:
    chosen: tuple[int, str, str] = request.param
    return chosen


def test_a_seller_publishes(browser: Browser, address: str, way: tuple[int, str, str]) -> None:
    width, language, theme = way
    visit = Visit(browser, width, language, theme)
    page = visit.page
    page.goto(f"{address}/listings/new")
    visit.look("1-form")
    page.click("button[value=disguised]")
    page.fill("#store_id", f"store-{visit.name}")
    page.click("button[value=check]")
    assert page.text_content("h1") == WARNED[language]
    assert page.locator("mark").count() >= 2
    visit.look("2-warning")

    page.click("button[value=go-ahead]")  # without the tick the browser itself objects
    assert page.text_content("h1") == WARNED[language]
    page.click("button[value=change]")
    assert page.input_value("#store_id") == f"store-{visit.name}"
    page.click("button[value=check]")
    page.check("input[name=read]")
    page.click("button[value=go-ahead]")
    assert page.text_content("h1") == RECORDED[language]
    visit.look("3-recorded")

    page.click("a.button")
    page.click("button[value=honest]")
    page.click("button[value=check]")
    assert page.text_content("h1") == FINE[language]
    visit.look("4-fine")
    assert visit.complaints == []
    visit.context.close()


def test_the_language_changes_on_every_page(browser: Browser, address: str) -> None:
    visit = Visit(browser, 1280, "en", "light")
    page = visit.page
    page.goto(f"{address}/listings/new?sample=contact")
    page.click(".language a")
    assert "微信" not in (page.text_content("h1") or "")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert "亚麻衬衫" in page.input_value("#title")
    page.click("button[value=check]")
    assert page.text_content("h1") == WARNED["zh"]
    page.click(".language button")
    assert page.text_content("h1") == WARNED["en"]
    assert visit.complaints == []
    visit.context.close()


def test_it_is_worked_by_keyboard_and_the_focus_is_seen(browser: Browser, address: str) -> None:
    visit = Visit(browser, 1280, "en", "light")
    page = visit.page
    page.goto(f"{address}/listings/new")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    visit.context.close()


CONTRAST = """
() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const found = rgb(getComputedStyle(node).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${node.tagName}.${node.className}: ${ratio.toFixed(2)}`);
  }
  return bad;
}
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sample", ["disguised", "honest"])
def test_every_text_has_the_contrast_of_wcag_aa(browser: Browser, address: str, theme: str, sample: str) -> None:
    visit = Visit(browser, 1280, "en", theme)
    visit.page.goto(f"{address}/listings/new?sample={sample}")
    assert visit.page.evaluate(CONTRAST) == []
    visit.page.fill("#store_id", f"store-contrast-{theme}-{sample}")
    visit.page.click("button[value=check]")
    assert visit.page.evaluate(CONTRAST) == []
    visit.context.close()
