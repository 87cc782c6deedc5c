"""The judge of a catalogue whose pictures were looked at: Arrow batches in, findings out, in every worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from agoranomos.engine.scan.judging import Judge
from agoranomos.goods.listings.catalogue import CatalogueJudge, judge_batch
from agoranomos.goods.listings.judge import Remark
from agoranomos.goods.pictures.book import Book
from agoranomos.goods.pictures.detectors.picture_shared import DETECTOR
from agoranomos.goods.pictures.remarks import Remarks


class SeeingCatalogueJudge(msgspec.Struct, frozen=True):
    """`words` judges texts and prices; `book` says what was seen in the pictures, `seen` is its hash."""

    words: CatalogueJudge
    book: Path
    seen: str

    @property
    def version(self) -> str:
        """Of the judge of words, and of what was seen."""
        return f"{self.words.version}+{self.seen}"

    def open(self) -> Judge:
        """The judge as a function of batches."""
        judge, brands = self.words.judge()
        remarks = Remarks(judge, {brand.brand_id: brand for brand in brands})
        book = Book(self.book, reading=True)
        return lambda batch: judge_batch(judge, batch, self.words.at, remarks_on(batch, book, remarks))


def remarks_on(batch: pa.RecordBatch, book: Book, remarks: Remarks) -> Mapping[int, Remark]:
    """What there is to say of the pictures in a batch of LISTING_SCHEMA, by row."""
    named: list[list[str]] = batch["picture_paths"].to_pylist()
    seen = book.seen(path for paths in named for path in paths)
    owners = owners_of(batch)
    found: dict[int, Remark] = {}
    for row, paths in enumerate(named):
        here = []
        for path in paths:
            each, ring = seen[path]
            others = book.elsewhere(ring, owners[row]) if ring else None
            # Of a hash, whose picture it is can be told, and nothing else.
            marks = DETECTOR.settings.marks_min if each.skipped == "hash_only" else each.marks
            here.append(msgspec.structs.replace(each, elsewhere=others, marks=marks) if others else each)
        remark = remarks.on(here)
        if remark is not None:
            found[row] = remark
    return found


def owners_of(batch: pa.RecordBatch) -> list[str]:
    """Who sells each row: the seller where it is known, else the store. The two never meet in one word."""
    sellers, stores = batch["seller_id"].to_pylist(), batch["store_id"].to_pylist()
    return [f"seller:{seller}" if seller else f"store:{store}" for seller, store in zip(sellers, stores, strict=True)]
