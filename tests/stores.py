"""New stores for tests, quickly: the steps that make the tables run once in a process, and each test gets a copy."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from agoranomos.kernel.store import Store, open_store


@cache
def sqlite_template() -> Path:
    """A closed SQLite file with all tables and nothing in them."""
    folder = Path(tempfile.mkdtemp(prefix="agora-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(str(folder / "agora.db")).close()
    return folder / "agora.db"


def make_store(folder: Path) -> Store:
    """A new store of the newest revision: `agora.db` in `folder`."""
    shutil.copyfile(sqlite_template(), folder / "agora.db")
    return open_store(str(folder / "agora.db"))
