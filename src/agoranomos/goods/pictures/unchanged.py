"""Files that nobody has written since their content was read: what a file says of itself, kept between nights.

Size, time of writing and time of change, in nanoseconds, as the file system tells them; whoever may write a file cannot
set the last. A file that changed within two seconds of the look at it is not trusted: what comes in the same tick of
the file system's clock would not show.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from agoranomos.engine.pictures.by_content import ContentFile

_VERSION: Final = 1
_COLUMNS: Final = ("size INTEGER", "written INTEGER", "changed INTEGER", "content BLOB")
SETTLED_NS: Final = 2_000_000_000


class State(NamedTuple):
    """Bytes, and nanoseconds since 1970."""

    size: int
    written: int
    changed: int

    @classmethod
    def of(cls, path: str) -> State | None:
        """As it is now; None where there is no such file."""
        try:
            about = os.stat(path)  # noqa: PTH116 - a Path costs as much as the call
        except (OSError, ValueError):
            return None
        return cls(about.st_size, about.st_mtime_ns, about.st_ctime_ns)

    def settled(self, now_ns: int) -> bool:
        """Whether a later change would show."""
        return self.changed + SETTLED_NS <= now_ns


class Files(ContentFile):
    """Content hashes by path, each good for one state of the file."""

    def __init__(self, path: Path, night: int = 0) -> None:
        super().__init__(path, _VERSION, _COLUMNS, night)

    def contents(self, states: Mapping[str, State]) -> dict[str, bytes]:
        """The contents of those that are as they were."""
        keys = {_key(path): path for path in states}
        found = {}
        for key, *state, content, _ in self._rows(keys):
            path = keys[key]
            if State(*state) == states[path]:
                found[path] = content
        return found

    def keep(self, read: Iterable[tuple[str, State, bytes]]) -> None:
        """Keeps the content that a path had in a state."""
        self._put([(_key(path), *state, content) for path, state, content in read])


def _key(path: str) -> bytes:
    return hashlib.blake2b(os.fsencode(path), digest_size=16).digest()
