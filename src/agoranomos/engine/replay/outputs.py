"""The files of a replay: written beside their place, and put there together at the end."""

from __future__ import annotations

import heapq
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from agoranomos.engine.replay.blocks import Blocks
from agoranomos.engine.replay.marking import Mark
from agoranomos.engine.stream.monitor import Output, Refusal
from agoranomos.kernel.actions import Action
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.findings import Finding

FINDINGS, DECISIONS, ACTIONS, REJECTS, SUMMARY = (
    "findings.jsonl", "decisions.jsonl", "actions.jsonl", "rejects.jsonl", "summary.json",
)  # fmt: skip
_DRAFT: Final = ".replay"
# Sets and dictionaries in evidence come in one order, whatever the process.
_JSON = msgspec.json.Encoder(order="deterministic")

_ACTION: Final = msgspec.json.Decoder(Action)

Telling = Callable[[Iterable[Output]], Iterable[Output]]
"""What is written of what monitors say: whoever acts on it knows what was asked for before."""
Line = tuple[str, bytes]
"""The file that it belongs into, and its text."""
MarkedLine = tuple[Mark, str, bytes]
LINES: Final = Blocks(msgspec.msgpack.Decoder(list[MarkedLine]))
"""What a process says, until it is merged with what others say."""


class Counts(msgspec.Struct):
    """How much was said: findings by code, decisions by outcome and by check; events refused."""

    findings: dict[str, int] = {}
    decisions: dict[str, int] = {}
    checks: dict[str, int] = {}
    refused: int = 0

    def add(self, other: Counts) -> None:
        """What `other` says was said as well."""
        for mine, theirs in (
            (self.findings, other.findings), (self.decisions, other.decisions), (self.checks, other.checks),
        ):  # fmt: skip
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        self.refused += other.refused


def as_said(outputs: Iterable[Output]) -> Iterable[Output]:
    """All of it."""
    return outputs


class Teller:
    """Turns what is said into lines, and counts it; actions are counted where they are written."""

    def __init__(self) -> None:
        self._findings, self._decisions, self._checks = (Counter[str]() for _ in range(3))
        self._refused = 0

    def line(self, said: Output | Refusal) -> Line:
        """What monitors said, or an event that could not be used, as a line of its file."""
        match said:
            case Finding():
                name = FINDINGS
                self._findings[said.code] += 1
            case Decision():
                name = DECISIONS
                self._decisions[said.outcome] += 1
                self._checks[said.check] += 1
            case Action():
                name = ACTIONS
            case Refusal():
                name = REJECTS
                self._refused += 1
        return name, _JSON.encode(said) + b"\n"

    @property
    def counts(self) -> Counts:
        """Of all so far."""
        return Counts(dict(self._findings), dict(self._decisions), dict(self._checks), self._refused)


class Outputs:
    """Writes lines into files of `folder`, of actions what `telling` leaves of them; what was there before stays until
    all are written. `actions` counts those written, by kind.
    """

    def __init__(self, folder: Path, telling: Telling = as_said) -> None:
        self._folder = folder
        self._telling = telling
        self.actions: Counter[str] = Counter()
        self.draft = folder / _DRAFT

    def __enter__(self) -> Self:
        shutil.rmtree(self.draft, ignore_errors=True)
        self.draft.mkdir(parents=True)
        # Appended to, as the rejects of a large history are written by the process that reads it.
        self._files = {name: (self.draft / name).open("ab") for name in (FINDINGS, DECISIONS, ACTIONS, REJECTS)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()
        shutil.rmtree(self.draft, ignore_errors=True)

    def write(self, lines: Iterable[Line]) -> None:
        """Lines, in their order."""
        for name, text in lines:
            if name == ACTIONS:
                self._act(text)
            else:
                self._files[name].write(text)

    def _act(self, text: bytes) -> None:
        # What several monitors ask for is judged in the order of all that was said, so it is done here.
        for left in self._telling([_ACTION.decode(text)]):
            assert isinstance(left, Action), "of an action actions are left"
            self._files[ACTIONS].write(_JSON.encode(left) + b"\n")
            self.actions[left.kind] += 1

    def finish(self, summary: dict[str, Any]) -> None:
        """Puts all files in their place, the summary last."""
        for file in self._files.values():
            file.close()
        (self.draft / SUMMARY).write_bytes(msgspec.json.format(_JSON.encode(summary), indent=2) + b"\n")
        for name in (*self._files, SUMMARY):
            (self.draft / name).replace(self._folder / name)


def merged_lines(parts: Iterable[Path]) -> Iterator[Line]:
    """The lines that processes have kept in the files `parts`, in the order of their marks."""
    for _, name, text in heapq.merge(*map(LINES.read, parts), key=lambda line: line[0]):
        yield name, text
