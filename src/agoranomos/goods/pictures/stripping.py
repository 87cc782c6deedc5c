"""Photos as they may be shown: copies without metadata, in a folder of their own; what came stays as it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from agoranomos.engine.pictures.bounds import REASONS, Limits, Skip
from agoranomos.engine.pictures.files import read_bounded
from agoranomos.engine.pictures.signature import content_hash
from agoranomos.engine.pictures.stripping.parts import Stripped
from agoranomos.engine.pictures.stripping.strip import strip
from agoranomos.kernel.errors import Conflict, Invalid


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file: where the copy is and what it no longer has, or `skipped` and why."""

    file: str
    copy: str | None
    removed: tuple[str, ...] = ()
    bytes_before: int = 0
    bytes_after: int = 0
    skipped: str | None = None


def strip_files(paths: Sequence[Path], folder: Path, *, by_content: bool, limits: Limits | None = None) -> list[Made]:
    """A copy of each of `paths` in `folder`, under its own name, or one made of its content (`by_content`: the names
    that cameras give tell when a photo was taken). What cannot be stripped is not copied.

    Raises Conflict when two would have one name, or the folder is that of the files; Invalid when it cannot be written.
    """
    names = [path.name for path in paths]
    if not by_content and len(set(names)) < len(names):
        raise Conflict("two of the files have one name; use --names content, or strip them into folders of their own")
    if any(path.parent.resolve() == folder.resolve() for path in paths):
        raise Conflict("the files lie in that folder; name another one: nothing that came is overwritten")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_made(path, folder, limits or Limits(), by_content=by_content) for path in paths]
    except OSError as error:
        raise Invalid(f"the folder {folder} cannot be written ({error.strerror})") from error


def _made(path: Path, folder: Path, limits: Limits, *, by_content: bool) -> Made:
    data = read_bounded(path, limits.bytes_max)
    found = data if isinstance(data, Skip) else strip(data, limits)
    if isinstance(found, Skip) or isinstance(data, Skip):
        assert isinstance(found, Skip)
        return Made(file=str(path), copy=None, skipped=found.reason)
    copy = folder / (_name(found) if by_content else path.name)
    _write(copy, found.data)
    return Made(
        file=str(path), copy=str(copy), removed=found.removed, bytes_before=len(data), bytes_after=len(found.data)
    )


def _name(found: Stripped) -> str:
    return f"{content_hash(found.data).hex()[:32]}.{found.kind}"


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing: a photo cut in half would be taken for a whole one."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def line(made: Made) -> str:
    """For people."""
    if made.skipped is not None:
        return f"{made.file}: not copied, {REASONS[made.skipped]}"
    what = ", ".join(made.removed) or "nothing"
    return f"{made.copy}: without {what}; {made.bytes_before:,} bytes, now {made.bytes_after:,}"
