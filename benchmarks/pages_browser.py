"""What a browser makes of pages: how soon something is seen, and what axe-core objects to."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from litestar import Litestar
from playwright.sync_api import Browser, sync_playwright

CHROMIUM: Final = Path("/usr/bin/chromium")
AXE: Final = Path(__file__).parent.parent / "front" / "node_modules" / "axe-core" / "axe.min.js"
RULES: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_ARGUMENTS: Final = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PATIENCE_S: Final = 60.0
_PAINTED: Final = """() => new Promise(tell => new PerformanceObserver((list, self) => {
  const found = list.getEntriesByName("first-contentful-paint");
  if (found.length) { self.disconnect(); tell(found[0].startTime); }
}).observe({type: "paint", buffered: true}))"""


@contextmanager
def served(app: Litestar) -> Iterator[str]:
    """The address of `app` on a free port of this machine."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        until = time.monotonic() + _PATIENCE_S
        while not server.started:
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def looked_at(app: Litestar, paths: Sequence[str], times: int) -> dict[str, tuple[float, float, int | None]]:
    """Path -> milliseconds until something is seen in a window that has nothing in its cache (median and most of
    `times`), and to how many things axe-core objects in both themes; None without axe-core.
    """
    with served(app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        _painted(browser, address + paths[0])  # the first window opens slowly
        found: dict[str, tuple[float, float, int | None]] = {}
        for path in paths:
            paints = [_painted(browser, address + path) for _ in range(times)]
            found[path] = (statistics.median(paints), max(paints), _objections(browser, address + path))
        browser.close()
    return found


def _painted(browser: Browser, address: str) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    painted = float(page.evaluate(_PAINTED))
    context.close()
    return painted


def _objections(browser: Browser, address: str) -> int | None:
    if not AXE.exists():
        return None
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page, found = context.new_page(), 0
    page.goto(address)
    page.evaluate(AXE.read_text("utf-8"))
    themes: list[Any] = ["light", "dark"]
    for theme in themes:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found += len(page.evaluate("rules => axe.run(document, rules)", RULES)["violations"])
    context.close()
    return found
