"""Remembers which units are done, so that a scan that was killed goes on where it stopped.

`OUT/.scan/journal.jsonl`: first what is scanned, by whom and when, then one line per finished
unit, each on disk before the next is begun. A torn last line counts as not written. The journal
goes before the parts, so that a folder without one is never taken for a run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from agoranomos.engine.scan.parts import KINDS, part_path
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.scan.units import RULES, Unit
from agoranomos.engine.scan.work import Done
from agoranomos.kernel.errors import Conflict

FOLDER = ".scan"
NIGHT = ".night"
"""What a nightly scan leaves for the next one: the folder of the last whole run."""
_FORMAT = 2


class Header(msgspec.Struct, frozen=True):
    """What a run rests on; only a run with the same inputs and judge is resumed."""

    sources: list[Source]
    judge: str
    at: str
    format: int = _FORMAT
    rules: tuple[int, ...] = RULES

    def differs(self, other: Header) -> str:
        """Why a run with this header cannot resume one with `other`; "" when it can."""
        if (self.format, self.rules) != (other.format, other.rules):
            return "it was begun by another version of the program"
        if self.judge != other.judge:
            return "the registry or the policy has changed since"
        if self.sources != other.sources:
            return "the inputs have changed since"
        return ""


class _Line(msgspec.Struct, frozen=True):
    done: Done
    seconds: float  # of work up to here, over all calls


class Journal:
    """An open journal; `done` by unit key, `seconds` of work before this call."""

    def __init__(self, file: IO[bytes], header: Header, done: dict[str, Done], seconds: float) -> None:
        self._file = file
        self.header = header
        self.done = done
        self.seconds = seconds
        self.restarted = ""

    def add(self, done: Done, seconds: float) -> None:
        """Notes a unit whose parts are on disk."""
        self._write(msgspec.json.encode(_Line(done, self.seconds + seconds)))
        self.done[done.key] = done

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Closes the file; what is written is on disk already."""
        self._file.close()


@contextmanager
def opened(out: Path, header: Header, *, resume: bool) -> Iterator[Journal]:
    """The journal of the run in `out`: the one found there, or a new one that says why
    (`restarted`).

    Raises Conflict while another process scans into `out`.
    """
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(out):
        journal = _resumed(folder, header) if resume else None
        why = ""
        if journal is None or isinstance(journal, str):
            why = journal or ""
            journal = _begun(folder, header)
        journal.restarted = why
        try:
            yield journal
        finally:
            journal.close()


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Holds a lock on the folder itself: it leaves no file behind, and dies with the process."""
    handle = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"Another scan writes into {out}; wait for it or choose another") from error
        yield
    finally:
        os.close(handle)


def unfinished(out: Path) -> Header | None:
    """The header of a run in `out` that was interrupted: its `at` belongs in the judge that
    resumes it."""
    found = _read(out / FOLDER / "journal.jsonl")
    return found[0] if found else None


def remove(out: Path) -> None:
    """Removes all that a finished run needed, the journal first."""
    folder = out / FOLDER
    (folder / "journal.jsonl").unlink(missing_ok=True)
    sync_folder(folder)
    shutil.rmtree(folder)


def keep(out: Path) -> None:
    """Keeps the folder of a finished run for the next night, in place of that of the last one.

    Whatever interrupts this, one of the two is whole: the run that lies in `.scan` is done, and the next call only
    merges it again.
    """
    night = out / NIGHT
    if night.exists():
        (night / "journal.jsonl").unlink(missing_ok=True)
        shutil.rmtree(night)
    (out / FOLDER).rename(night)
    sync_folder(out)


class Night:
    """The parts of an earlier whole run, by what they were made of: a span of a file that nobody has written since."""

    def __init__(self, folder: Path, parts: dict[tuple[Source, str], Done]) -> None:
        self._folder = folder
        self._parts = parts

    @classmethod
    def of(cls, out: Path, header: Header) -> Night:
        """Those of the last nightly scan into `out`, when its judge was the same as `header`'s; else none."""
        found = _read(out / NIGHT / "journal.jsonl")
        if found is None or header.differs(msgspec.structs.replace(found[0], sources=header.sources)):
            return cls(out / NIGHT, {})
        before, lines, _ = found
        return cls(out / NIGHT, {(before.sources[line.done.source], line.done.span): line.done for line in lines})

    def take(self, unit: Unit, folder: Path) -> Done | None:
        """Gives the parts of `unit` a second name in `folder`, when an earlier night left them; what is known of them.

        A part is never written to, so that both runs may go on holding it.
        """
        done = self._parts.get((unit.source, unit.span))
        if done is None:
            return None
        try:
            for kind in KINDS:
                if kind in done.parts:
                    place = part_path(folder, unit.index, kind)
                    place.unlink(missing_ok=True)
                    _second_name(part_path(self._folder, done.index, kind), place)
        except FileNotFoundError:
            return None
        return msgspec.structs.replace(done, index=unit.index, key=unit.key)


def _second_name(path: Path, place: Path) -> None:
    try:
        place.hardlink_to(path)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without such names
        shutil.copyfile(path, place)


def sync_folder(folder: Path) -> None:
    """Makes renames and removals in `folder` last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _begun(folder: Path, header: Header) -> Journal:
    (folder / "journal.jsonl").unlink(missing_ok=True)
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    journal = Journal((folder / "journal.jsonl").open("wb"), header, {}, 0.0)
    journal._write(msgspec.json.encode(header))
    sync_folder(folder)
    return journal


def _resumed(folder: Path, header: Header) -> Journal | str | None:
    path = folder / "journal.jsonl"
    found = _read(path)
    if found is None:
        return None
    old, lines, size = found
    if why := header.differs(old):
        return why
    for leftover in folder.glob("*.tmp"):
        leftover.unlink()
    done = {
        line.done.key: line.done
        for line in lines
        if all(part_path(folder, line.done.index, kind).exists() for kind in KINDS
               if kind in line.done.parts)
    }  # fmt: skip
    file = path.open("r+b")
    file.truncate(size)
    file.seek(size)
    return Journal(file, old, done, max((line.seconds for line in lines), default=0.0))


def _read(path: Path) -> tuple[Header, list[_Line], int] | None:
    """Header, lines and the bytes they take; what follows is torn. None without a readable
    header."""
    if not path.exists():
        return None
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1].split(b"\n")[:-1]
    try:
        header = msgspec.json.decode(whole[0], type=Header)
    except (IndexError, msgspec.DecodeError):
        return None
    lines: list[_Line] = []
    size = len(whole[0]) + 1
    for line in whole[1:]:
        try:
            lines.append(msgspec.json.decode(line, type=_Line))
        except msgspec.DecodeError:
            break
        size += len(line) + 1
    return header, lines, size
