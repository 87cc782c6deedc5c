"""All links in parts, as a cluster finds them, beside the sweep of one machine: seconds of the processor, and that both
are the same to the last bit.

    python -m benchmarks.links_parts [SELLERS] [PARTS]

The parts are done one after the other by this process, so that neither Spark nor the start of Python is in it. Some
sellers are one hand, and some rows stand no longer.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agoranomos.engine.links import parting
from agoranomos.engine.links.index import Index
from agoranomos.sellers.links.policy import load_policy
from agoranomos.sellers.links.warming import warm_up
from benchmarks.links import base as made_rows
from benchmarks.measuring import Table, machine

SELLERS: Final = 200_000
PARTS: Final = 8
LINE: Final = -1.0


def index_of(sellers: int) -> Index:
    """Made sellers, by the policy's model."""
    index = Index(load_policy().model)
    index.add_all([f"u{number}" for number in range(sellers)], made_rows(sellers))
    for number in range(0, sellers, 37):
        index.same_hand(f"u{number}", f"u{number * 7 % sellers}")
    for at in range(0, sellers, 91):
        index.remove(at)
    return index


def main() -> None:
    """Runs and prints."""
    sellers = int(sys.argv[1]) if len(sys.argv) > 1 else SELLERS
    parts = int(sys.argv[2]) if len(sys.argv) > 2 else PARTS
    warm_up()
    index = index_of(sellers)
    begun = time.process_time()
    whole = list(index.sweep(line=LINE))
    rows = [("the sweep of this machine", f"{time.process_time() - begun:.1f}", "")]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        base = parting.written(index, scratch, parts)

        def step(verb: str, do: Callable[[int, Path], None]) -> list[str]:
            folders, before = [scratch / f"{verb}-{part}" for part in range(parts)], time.process_time()
            for part, folder in enumerate(folders):
                folder.mkdir()
                do(part, folder)
            written = sum(file.stat().st_size for folder in folders for file in folder.iterdir())
            rows.append((verb, f"{time.process_time() - before:.1f}", f"{written / 2**20:.0f}"))
            return [str(folder) for folder in folders]

        keyed = step("key", lambda part, folder: parting.key(base, part, folder))
        matched = step("match", lambda part, folder: parting.match(base, part, keyed, folder))
        scored = step("score", lambda part, folder: parting.score(base, part, matched, LINE, folder))
        found = [
            (one, other, odds)
            for each in scored
            for (one, other), odds in zip(*(column.tolist() for column in parting.scored(Path(each))), strict=True)
        ]
    assert found == whole, "not the same links"
    title = f"{len(whole):,} links of {sellers:,} sellers, in {parts} parts; {machine()}"
    print(Table(title, ("what", "CPU-seconds", "MB written"), tuple(rows)).text())


if __name__ == "__main__":
    main()
