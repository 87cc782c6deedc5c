"""What is wrong with a rule, where, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from agoranomos.kernel.errors import Invalid


class Problem(NamedTuple):
    """One mistake. `line` and `column` count from 1, the column in characters; `file` when it came from one."""

    line: int
    column: int
    message: str
    file: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.file else f"line {self.line}, column {self.column}"
        return f"{where}: {self.message}"


class RuleError(Invalid):
    """A rule cannot be used; `problems` says why, in the order of the text."""

    def __init__(self, problems: Iterable[Problem], pointer: str = "") -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.file, each.line, each.column)))
        super().__init__("\n".join(map(str, self.problems)), pointer=pointer)


def meant(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the nearest known words, or the whole list while that is short, or nothing."""
    words = sorted(set(known))
    folded = {each.lower(): each for each in words}
    near = [folded[each] for each in get_close_matches(word.lower(), folded, n=2, cutoff=0.6)]
    inside = [each for each in words if word in each.split(".")]
    found = list(dict.fromkeys(near + inside))[:3]
    if found:
        return f"; did you mean {' or '.join(found)}?"
    return f"; there are {', '.join(words)}" if 0 < len(words) <= 6 else ""
