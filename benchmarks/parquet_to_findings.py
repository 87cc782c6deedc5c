"""From a Parquet file of listings to a Parquet file of what was found: the scan's worker, and other libraries.

Every contender reads the same columns of the same file and writes a file: ours the findings with their reasons, the
others the names that they matched. Each is a process of its own, they run in turns, and the memory of each is told.
The first line is the floor: reading the columns and making Python strings of them, as every library here needs them.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.scan.judging import Judge
from agoranomos.engine.scan.layout import inspect
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.scan.units import plan
from agoranomos.engine.scan.work import work
from agoranomos.goods.listings.catalogue import prepare
from agoranomos.goods.listings.judge import EPOCH
from benchmarks import matching
from benchmarks.materials import Materials
from benchmarks.measuring import Corner, Size, Table, interleaved, megabytes, spread

SCAN: Final = "agora scan, one worker"
FLOOR: Final = "reading alone"
_PLANTED: Final = 0.001
_COLUMNS: Final = ("listing_id", "title", "brand", "description")
_ROWS_AT_ONCE: Final = 16_384


def run(materials: Materials, size: Size) -> list[Table]:
    """Rates from file to file, ratios to the scan, and memory."""
    materials.judge()  # so that the contender opens a cached lexicon
    given = {
        "patterns": str(materials.patterns), "listings": str(materials.catalogue(size.texts, _PLANTED)),
        "folder": str(materials.folder), "size": size,
    }  # fmt: skip
    corners: dict[str, Corner] = {}
    left_out = []
    for name, (maker, package) in CONTENDERS.items():
        if package and find_spec(package) is None:
            left_out.append(f"not installed: {name} (pip install -r requirements-bench.lock)")
            continue
        try:
            corners[name] = Corner(f"benchmarks.parquet_to_findings:{maker}", given)
        except (TimeoutError, RuntimeError) as error:
            left_out.append(f"{name}: {error}")
    turns = interleaved(corners, size.texts, size.rounds)
    rates = {name: [turn.rate for turn in each] for name, each in turns.items()}
    rows = [
        (
            name,
            spread(rates[name]),
            f"{statistics.median(a / b for a, b in zip(rates[SCAN], rates[name], strict=True)):.2f}",
            f"{sum(turn.hits for turn in turns[name]) / sum(turn.texts for turn in turns[name]):.3f}",
            f"{corner.build_s:.1f} s",
            megabytes(corner.close()),
        )
        for name, corner in corners.items()
    ]
    return [
        Table(
            f"From Parquet to findings, {size.patterns:,} patterns, {_PLANTED:.1%} planted, {size.rounds} runs",
            ("contender", "listings per CPU-second", "the scan is x times", "found", "build", "memory"),
            tuple(rows),
            (
                "found: rows written for each listing; findings of the scan, matched names of the others.",
                "memory: peak over the process before building; of the scan most is the mapped lexicon.",
                *left_out,
            ),
        )
    ]


def _cut(listings: str, begin: int, end: int, folder: Path) -> Path:
    """The rows `begin` to `end` as a file of their own."""
    path = folder / "listings.parquet"
    pq.write_table(pq.read_table(listings).slice(begin, end - begin), path)
    return path


class OurScan:
    """What a worker of `agora scan` does with its units: read, check, judge, write."""

    def __init__(self, patterns: str, listings: str, folder: str, size: Size) -> None:
        del patterns
        materials = Materials(Path(folder).parent, size)
        source = prepare(materials.snapshot(), cache=materials.cache, report_line=0.5, at=EPOCH)
        self._judge: Judge = source.open()
        self._listings = listings
        self._folder = tempfile.TemporaryDirectory(prefix="agora-benchmark-")

    def prepare(self, begin: int, end: int) -> Callable[[], int]:
        folder = Path(self._folder.name)
        source = expand([_cut(self._listings, begin, end, folder)])[0]
        units = plan([(source, inspect(source))])
        return lambda: sum(work(unit, self._judge, folder, lambda _: None).findings for unit in units)


class _FromFile(matching._Peer):
    """A peer that is handed a file rather than strings."""

    def __init__(self, patterns: str, listings: str, folder: str, size: Size) -> None:
        del folder, size
        self._listings = listings
        self._texts: list[str] = []
        self.names: list[str] = pq.read_table(patterns)["name"].to_pylist()
        self._folder = tempfile.TemporaryDirectory(prefix="agora-benchmark-")
        self.build()

    def prepare(self, begin: int, end: int) -> Callable[[], int]:
        folder = Path(self._folder.name)
        path = _cut(self._listings, begin, end, folder)
        return lambda: self._from_file(path, folder / "found.parquet")

    def look_all(self, texts: Sequence[str]) -> list[list[str]]:
        """The names in each text."""
        return [self.look(text) for text in texts]

    def _from_file(self, path: Path, out: Path) -> int:
        ids: list[str] = []
        names: list[str] = []
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=list(_COLUMNS), use_threads=False):
                columns = {name: batch[name].to_pylist() for name in _COLUMNS}
                parts = zip(*(columns[name] for name in _COLUMNS[1:]), strict=True)
                found = self.look_all([" ".join(filter(None, part)) for part in parts])
                for listing_id, each in zip(columns["listing_id"], found, strict=True):
                    ids += [listing_id] * len(each)
                    names += each
        pq.write_table(pa.table({"listing_id": pa.array(ids, pa.string()), "name": pa.array(names, pa.string())}), out)
        return len(ids)


class Reading(_FromFile):
    """Nothing is looked for."""

    def build(self) -> None:
        self.names = []

    def look(self, text: str) -> list[str]:
        del text
        return []

    def look_all(self, texts: Sequence[str]) -> list[list[str]]:
        return [[]] * len(texts)


class FlashText(_FromFile, matching.FlashText):
    """See `matching`."""


class PyAhoCorasick(_FromFile, matching.PyAhoCorasick):
    """See `matching`."""


class AhoCorasickRust(_FromFile, matching.AhoCorasickRust):
    """See `matching`."""


class Hyperscan(_FromFile, matching.Hyperscan):
    """See `matching`."""

    def look_all(self, texts: Sequence[str]) -> list[list[str]]:
        found: list[list[str]] = []
        names, scan = self.names, self._database.scan

        def note(number: int, *_: Any) -> None:
            found[-1].append(names[number])

        for text in texts:
            found.append([])
            scan(text.encode(), match_event_handler=note)
        return found


class SpacyPhrases(_FromFile, matching.SpacyPhrases):
    """See `matching`."""


CONTENDERS: Final[dict[str, tuple[str, str]]] = {
    SCAN: ("OurScan", ""),
    FLOOR: ("Reading", ""),
    "hyperscan": ("Hyperscan", "hyperscan"),
    "ahocorasick_rs": ("AhoCorasickRust", "ahocorasick_rs"),
    "pyahocorasick": ("PyAhoCorasick", "ahocorasick"),
    "flashtext": ("FlashText", "flashtext"),
    "spaCy PhraseMatcher": ("SpacyPhrases", "spacy"),
}
"""Contender → the class here and the package that it needs."""
