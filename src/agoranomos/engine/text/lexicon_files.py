"""Compiled lexicons as files: written whole or not at all, opened by memory map."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path

import numpy as np

from agoranomos.engine.text.lexicon import FORMAT, Lexicon


def save(lexicon: Lexicon, folder: Path) -> None:
    """Writes the arrays under `folder` so that a crash leaves either all of them or none."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.parent / f".{folder.name}.{uuid.uuid4().hex}"
    draft.mkdir()
    try:
        for name, array in lexicon.arrays.items():
            np.save(draft / f"{name}.npy", array)
        (draft / "format.json").write_text(json.dumps({"format": FORMAT, "arrays": sorted(lexicon.arrays)}))
        if folder.exists():
            shutil.rmtree(folder)
        draft.replace(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not folder.exists():  # another process may have written the same lexicon first
            raise


def load(folder: Path) -> Lexicon | None:
    """The lexicon saved under `folder`, by memory map; None when there is none of this format."""
    try:
        head = json.loads((folder / "format.json").read_text())
        if head["format"] != FORMAT:
            return None
        return Lexicon(
            {name: np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in head["arrays"]}
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None  # nothing there, or half of it: it is made anew
