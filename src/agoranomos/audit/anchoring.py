"""Checkpoints in a git repository: whoever has a clone of it can prove a later change of history."""

from __future__ import annotations

import subprocess
from pathlib import Path

import sqlalchemy as sa

from agoranomos.audit import queries
from agoranomos.audit.notes import Checkpoint, Note, NoteError
from agoranomos.audit.queries import KeptCheckpoint
from agoranomos.kernel.errors import Conflict, Invalid, NotFound

_TIMEOUT_S = 60


def last(connection: sa.Connection) -> KeptCheckpoint:
    """The last checkpoint. Raises NotFound when nothing is signed yet."""
    found = queries.last_checkpoint(connection)
    if found is None:
        raise NotFound("nothing is signed yet: run agora audit checkpoint")
    return found


def anchor_in_git(connection: sa.Connection, repository: Path) -> str:
    """Commits the last checkpoint to `repository`, as `checkpoints/ORIGIN`; returns the commit, also of a repetition.

    Raises Conflict when the repository holds a checkpoint that this log does not continue, Invalid when git fails.
    """
    kept = last(connection)
    head = Checkpoint.parse(Note.parse(kept.note).text)
    name = f"checkpoints/{head.origin.replace('/', '_')}"
    path = repository / name
    if not (repository / ".git").exists():
        raise Invalid(f"{repository} is no git repository; make one by git init")
    if path.exists():
        _require_continued(connection, path, head.size)
    path.parent.mkdir(exist_ok=True)
    path.write_text(kept.note, "utf-8")
    _git(repository, "add", "--", name)
    if _git(repository, "status", "--porcelain", "--", name):
        _git(repository, "commit", "--quiet", "-m", f"Checkpoint of {head.origin} at {head.size}", "--", name)
    return _git(repository, "log", "-1", "--format=%H", "--", name)


def _require_continued(connection: sa.Connection, path: Path, size: int) -> None:
    try:
        earlier = Checkpoint.parse(Note.parse(path.read_text("utf-8")).text)
    except (NoteError, OSError, UnicodeDecodeError) as error:
        raise Conflict(f"{path} holds no checkpoint; look into the repository's history") from error
    if earlier.size > size or (earlier.size and queries.mth(connection)(0, earlier.size) != earlier.root):
        raise Conflict(
            f"this log does not continue the checkpoint in {path}: run agora audit verify --checkpoint {path}"
        )


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Invalid("git cannot be run; install it or anchor by --tsa") from error
    if done.returncode:
        raise Invalid(f"git {arguments[0]} failed in {repository}: {done.stderr.strip()[:300]}")
    return done.stdout.strip()
