"""The files of a replay: written beside their place, and put there together at the end."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

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


class Outputs:
    """Writes what a replay says into `folder`; what was there before stays until all of it is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.draft = folder / _DRAFT
        self.findings: Counter[str] = Counter()
        self.decisions: Counter[str] = Counter()
        self.checks: Counter[str] = Counter()
        self.actions: Counter[str] = Counter()
        self.rejects = 0

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

    def say(self, outputs: Iterable[Output]) -> None:
        """What monitors said."""
        for output in outputs:
            match output:
                case Finding():
                    self._write(FINDINGS, output)
                    self.findings[output.code] += 1
                case Decision():
                    self._write(DECISIONS, output)
                    self.decisions[output.outcome] += 1
                    self.checks[output.check] += 1
                case Action():
                    self._write(ACTIONS, output)
                    self.actions[output.kind] += 1

    def reject(self, reject: Refusal) -> None:
        """An event that could not be used."""
        self._write(REJECTS, reject)
        self.rejects += 1

    def finish(self, summary: dict[str, Any]) -> None:
        """Puts all files in their place, the summary last."""
        for file in self._files.values():
            file.close()
        (self.draft / SUMMARY).write_bytes(msgspec.json.format(_JSON.encode(summary), indent=2) + b"\n")
        for name in (*self._files, SUMMARY):
            (self.draft / name).replace(self._folder / name)

    def _write(self, name: str, value: msgspec.Struct) -> None:
        self._files[name].write(_JSON.encode(value) + b"\n")
