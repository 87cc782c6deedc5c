"""Small files that hold secrets: for their owner alone, and there whole or not at all, whoever is killed meanwhile."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def make_once(path: Path, text: str) -> None:
    """Puts `text` into the new file `path`. Of several who do so at once one is first, and what it wrote stays: read
    the file to know what holds. Raises OSError when the folder cannot be written.
    """
    draft = _draft(path, text)
    try:
        os.link(draft, path)  # unlike a renaming, this fails when another process was faster
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def replace_whole(path: Path, text: str) -> None:
    """Puts `text` into the file `path` in the place of what it held. Raises OSError when the folder cannot be
    written.
    """
    _draft(path, text).replace(path)


def _draft(path: Path, text: str) -> Path:
    # For the owner alone from the first moment (0600), and under a name that no other process has.
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".draft", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink()
        raise
    return draft
