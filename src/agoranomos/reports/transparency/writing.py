"""Statements of reasons as files: JSON by the hundred, as the database takes them at once, and CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.evidence.names import cell
from agoranomos.reports.transparency.gathering import Ready
from agoranomos.reports.transparency.schema import FIELDS

PER_CALL: Final = 100
"""How many the database takes in one call of its endpoint `statements`."""
REFUSED: Final = "statements-refused.csv"


class Written(msgspec.Struct, frozen=True):
    """How many statements are ready to be sent, and how many the database would refuse."""

    ready: int
    refused: int


def write(folder: Path, statements: Iterable[Ready]) -> Written:
    """`statements.csv`, `statements.json` (further hundreds: `statements-2.json` …), and what would be refused, with
    the reasons.
    """
    for earlier in folder.glob("statements*"):
        earlier.unlink()  # an earlier report may have had more
    ready, refused, batch, number = 0, 0, list[dict[str, Any]](), 1
    with (
        (folder / "statements.csv").open("w", encoding="utf-8", newline="") as good,
        (folder / REFUSED).open("w", encoding="utf-8", newline="") as bad,
    ):
        taken, not_taken = csv.writer(good, lineterminator="\r\n"), csv.writer(bad, lineterminator="\r\n")
        taken.writerow(FIELDS)
        not_taken.writerow(("puid", "problem"))
        for each in statements:
            if each.problems:
                refused += 1
                not_taken.writerows((each.data.get("puid"), cell(said)) for said in each.problems)
                continue
            ready += 1
            taken.writerow([_cell(each.data.get(field)) for field in FIELDS])
            batch.append(each.data)
            if len(batch) == PER_CALL:
                _put(folder, number, batch)
                number, batch = number + 1, []
    if batch or number == 1:
        _put(folder, number, batch)
    return Written(ready, refused)


def _put(folder: Path, number: int, batch: Sequence[dict[str, Any]]) -> None:
    name = "statements.json" if number == 1 else f"statements-{number}.json"
    raw = msgspec.json.encode({"statements": batch}, order="sorted")
    (folder / name).write_bytes(msgspec.json.format(raw, indent=1) + b"\n")


def _cell(value: Any) -> str:
    """A list as JSON, as in the database's own files."""
    return msgspec.json.encode(value).decode() if isinstance(value, list) else cell(value)
