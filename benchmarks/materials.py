"""What all benchmarks share: one registry, one catalogue, one cache of compiled lexicons."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.text.matching import Hits, Matcher
from agoranomos.goods.brands.importing import read_registry
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.seed import seed_brands
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot
from agoranomos.goods.listings.judge import TextJudge, build_judge
from agoranomos.goods.listings.prices import column_in_yuan
from benchmarks import corpus
from benchmarks.measuring import Size


class Materials:
    """Files under `folder`, made when they are first asked for."""

    def __init__(self, folder: Path, size: Size) -> None:
        marked = "" if size.copied is None else f"-{size.copied}-copied"
        self.folder = folder / f"{size.patterns}-patterns{marked}"
        self.size = size
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def home(self) -> Path:
        """AGORA_HOME of the runs; its `cache` holds the lexicons."""
        return self.folder / "home"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @cached_property
    def invented(self) -> list[Brand]:
        return corpus.invented_brands(self.size.patterns, copied=self.size.copied)

    @cached_property
    def brands(self) -> list[Brand]:
        """The seed and the invented ones."""
        return [*seed_brands(), *self.invented]

    @cached_property
    def registry(self) -> Path:
        """The invented brands as a file for `--registry`."""
        path = self.folder / "registry.jsonl"
        return path if path.exists() else corpus.write_registry(self.folder, self.invented)

    @cached_property
    def patterns(self) -> Path:
        """All names, one a row."""
        path = self.folder / "patterns.parquet"
        return path if path.exists() else corpus.write_patterns(path, self.invented)

    def catalogue(self, rows: int) -> Path:
        """`rows` listings."""
        path = self.folder / f"listings-{rows}.parquet"
        return path if path.exists() else corpus.write_listings(path, rows, self.brands)

    def batch(self, rows: int) -> pa.RecordBatch:
        """`rows` listings as one batch."""
        return whole(pq.read_table(self.catalogue(rows)))

    def snapshot(self) -> RegistrySnapshot:
        return load_snapshot(None, read_registry(self.registry)[0])

    def judge(self) -> TextJudge:
        """The judge over all patterns; compiled on the first call, which takes a minute."""
        return build_judge(self.snapshot(), cache=self.cache)


def sieve(judge: TextJudge, batch: pa.RecordBatch, matcher: Matcher | None = None) -> Hits:
    """What the judge's compiled part (or another `matcher` in its place) gives for a batch."""
    prices = column_in_yuan(batch["price_amount"], batch["currency"])
    stated = judge._reader.stated(batch["category"])
    texts = (batch["title"], batch["description"], batch["brand"])
    return (matcher or judge._matcher).read(*texts, prices, stated)


def whole(table: pa.Table) -> pa.RecordBatch:
    """A table as one record batch."""
    return table.combine_chunks().to_batches()[0]
