"""Takes the pictures of the documentation from the real pages.

    python -m tests.docs_images
    python -m tests.docs_images http://127.0.0.1:8000

writes docs/images/check.png (a warning at publish time) and scan.png (the page of a scan); with the address of a
running `agora demo`, whose desks have found what they look for, it writes console.png (the overview) and case.png (the
case of the first story) instead. Needs chromium; fonts for Chinese make the pictures whole.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.parts import CHROMIUM
from tests.test_docs import ADDRESS, ROOT, reader

IMAGES = ROOT / "docs" / "images"
WIDTH, CHECK_HEIGHT, SCAN_HEIGHT = 960, 1000, 800
BYTES_MAX = 150_000
CONSOLE_MS = 120_000
"""How long a page may take beside desks that are at work."""
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu"]


def take(page: Page, name: str, height: int) -> None:
    """Writes what a window of this height shows of `page`."""
    page.set_viewport_size({"width": WIDTH, "height": height})
    _keep(page, name)


def _keep(page: Page, name: str) -> None:
    target = IMAGES / name
    page.screenshot(path=str(target))
    size = target.stat().st_size
    print(f"{target.relative_to(ROOT)}: {size:,} bytes")
    assert size < BYTES_MAX, "too large for a README"


def take_console(address: str) -> None:
    """The pictures of the console at `address`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page(locale="en-GB", color_scheme="light", viewport={"width": 1280, "height": 800})
        page.set_default_timeout(CONSOLE_MS)
        _open(page, f"{address}/overview?days=30")
        case = page.locator('[data-step="fake.3"]').get_attribute("href")
        page.click("[data-guide-close]")
        page.evaluate("scrollTo(0, 0)")
        _keep(page, "console.png")
        _open(page, f"{address}{case}")
        page.set_viewport_size({"width": 1280, "height": 640})
        _keep(page, "case.png")
        browser.close()


def _open(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None, "no answer"
    assert answer.ok, f"{address} answers {answer.status}"


def main() -> int:
    """All pictures of one kind."""
    if len(sys.argv) > 1:
        take_console(sys.argv[1])
        return 0
    if not CHROMIUM.exists():
        print(f"no browser: install chromium so that {CHROMIUM} exists", file=sys.stderr)
        return 2
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="agora-docs-cache-") as cache,
        reader(Path(cache)) as one,
        sync_playwright() as playwright,
    ):
        code, output = one.run("agora scan docs/examples/listings.csv --out out/scan")
        assert code == 0, output
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page(locale="en-GB", color_scheme="light")
        page.goto((one.folder / "out" / "scan" / "summary.html").as_uri())
        page.set_viewport_size({"width": WIDTH, "height": SCAN_HEIGHT})
        page.get_by_role("heading", name="The worst").evaluate("one => one.scrollIntoView()")
        take(page, "scan.png", SCAN_HEIGHT)
        page.goto(f"{one.address(ADDRESS)}/listings/new?sample=disguised")
        page.click("button[value=check]")
        take(page, "check.png", CHECK_HEIGHT)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
