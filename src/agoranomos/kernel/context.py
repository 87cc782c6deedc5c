"""What a command of the command line is given to work with; `main` builds the real one, tests
their own.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from agoranomos.kernel.store import Store


class Context(Protocol):
    """The store, the clock and the folder of the embedded store (`AGORA_HOME`)."""

    @property
    def home(self) -> Path:
        """The folder of the embedded store, registry and caches."""

    def store(self) -> Store:
        """The store, opened at the first call; its tables are of the newest revision."""

    def now(self) -> datetime:
        """The current moment, with an offset."""
