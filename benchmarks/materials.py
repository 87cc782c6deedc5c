"""What all benchmarks share: one registry, one catalogue, one cache of compiled lexicons."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.scan.schema import LISTING_SCHEMA
from agoranomos.engine.text.matching import Hits
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.registry_file import read_registry
from agoranomos.goods.brands.seed import seed_brands
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot
from agoranomos.goods.listings.judge import TextJudge, build_judge
from benchmarks import corpus
from benchmarks.measuring import Size
from benchmarks.text_quality import honest


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

    def catalogue(self, rows: int, planted: float = corpus.PLANTED) -> Path:
        """`rows` listings, of which the share `planted` is to be found."""
        path = self.folder / f"listings-{rows}-{planted}.parquet"
        return path if path.exists() else corpus.write_listings(path, rows, self.brands, planted)

    def titled(self, rows: int, set_name: str) -> Path:
        """`rows` listings of the titles of one of `honest.SETS`; they stay in `folder`."""
        path = self.folder / f"titled-{set_name}-{rows}.parquet"
        if path.exists():
            return path
        shared = honest.shared_data()
        assert shared is not None
        titles = [one.title for one in honest.load(shared, set_name)]
        return corpus.write_titled(path, rows, titles)

    def batch(self, rows: int) -> pa.RecordBatch:
        """`rows` listings as one batch."""
        return whole(pq.read_table(self.catalogue(rows)))

    def snapshot(self) -> RegistrySnapshot:
        return load_snapshot(None, read_registry(self.registry)[0])

    def judge(self) -> TextJudge:
        """The judge over all patterns; compiled on the first call, which takes a minute."""
        return build_judge(self.snapshot(), cache=self.cache)


class _Stop(Exception):
    """What the judge hands to its matcher is known."""


class _Recorder:
    """Stands in the place of a judge's matcher for one call."""

    arguments: tuple[Any, ...] = ()

    def read(self, *arguments: Any) -> None:
        self.arguments = arguments
        raise _Stop


def sieve_arguments(judge: TextJudge, batch: pa.RecordBatch) -> tuple[Any, ...]:
    """What the judge hands to its matcher for a batch, so that the matcher can be run alone."""
    recorder, matcher = _Recorder(), judge._matcher
    judge._matcher = recorder  # type: ignore[assignment]
    try:
        judge.assess_batch(batch)
    except _Stop:
        pass
    finally:
        judge._matcher = matcher
    return recorder.arguments


def sieve(judge: TextJudge, batch: pa.RecordBatch) -> Hits:
    """What the judge's compiled part gives for a batch."""
    return judge._matcher.read(*sieve_arguments(judge, batch))


def whole(table: pa.Table) -> pa.RecordBatch:
    """A table as one record batch."""
    return table.combine_chunks().to_batches()[0]


def complete(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with the columns of a listing that it lacks, empty, as the scan's reader gives it."""
    names = [field.name for field in LISTING_SCHEMA]
    columns = [
        batch[field.name].cast(field.type) if field.name in batch.schema.names else pa.nulls(batch.num_rows, field.type)
        for field in LISTING_SCHEMA
    ]
    return pa.RecordBatch.from_arrays(columns, names=names)
