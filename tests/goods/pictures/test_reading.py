"""Words in pictures are read where it pays, once, and until the time is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from agoranomos.engine.pictures.decoding import Grey
from agoranomos.engine.pictures.signature import content_hash
from agoranomos.engine.scan.sources import expand
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.pictures.book import Book, Shown
from agoranomos.goods.pictures.eyes import Caches
from agoranomos.goods.pictures.model import Resembled, Seen
from agoranomos.goods.pictures.reading import read_words, wanted
from tests.engine.pictures.drawing import drawn, file_of

pytestmark = pytest.mark.slow
CONTENTS = {f"{seed}.jpg": content_hash(file_of(drawn(seed))).hex() for seed in range(4)}


class Reciting:
    """Reads the same in every picture, and counts."""

    def __init__(self) -> None:
        self.read_so_far = 0

    def why_not(self) -> str | None:
        return None

    def read(self, grey: Grey) -> str | None:
        assert grey.ndim == 2
        self.read_so_far += 1
        return None if self.read_so_far == 2 else "加微信 abc12345"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    root = tmp_path / "root"
    root.mkdir()
    made = Book(tmp_path / "scratch" / "book.sqlite")
    fake = Resembled(
        role="fake", name="f", content="0" * 64, brand_id=None, score=0.9, marks=9, share=0.5, how="mirrored"
    )  # fmt: skip
    for seed, (name, content) in enumerate(CONTENTS.items()):
        (root / name).write_bytes(file_of(drawn(seed)))
        made.note([Shown(name, f"store:s{seed}", f"s{seed}", f"l{seed}")])
        made.keep([Seen(path=name, content=content, marks=99, resembles=(fake,) if seed == 3 else ())])
    yield made
    made.close()


def test_the_most_doubtful_pictures_are_read_first(book: Book, judge: TextJudge, tmp_path: Path) -> None:
    shared = {"price_amount": 900, "currency": "CNY"}
    rows = [
        {"listing_id": "l0", "store_id": "s0", "title": "mug", "picture_paths": ["0.jpg"], **shared},
        {"listing_id": "l1", "store_id": "s1", "title": "N1ke 莆田 高仿 1:1", "picture_paths": ["1.jpg"], **shared},
    ]
    lines = map(json.dumps, rows)
    (tmp_path / "listings.jsonl").write_text("\n".join(lines), "utf-8")
    assert wanted(expand([tmp_path / "listings.jsonl"]), judge, book) == [CONTENTS["1.jpg"], CONTENTS["3.jpg"]]


def test_reading_stops_when_the_time_is_over_and_goes_on_the_next_night(book: Book, tmp_path: Path) -> None:
    contents, caches, reader = list(CONTENTS.values()), Caches(tmp_path / "cache"), Reciting()

    def night(seconds_max: float) -> tuple[int, int]:
        ticks = count()
        done = read_words(
            contents, book, tmp_path / "root", caches, reader, seconds_max=seconds_max, at_once=1,
            clock=lambda: float(next(ticks)),
        )  # fmt: skip
        return done.read, done.left

    assert night(0.5) == (0, 4)
    assert night(2.5) == (2, 2)
    assert night(9.5) == (2, 0)
    assert night(9.5) == (0, 0)
    assert reader.read_so_far == 4
    texts = [book.seen([name])[name][0].text for name in CONTENTS]
    assert texts == ["加微信 abc12345", "", "加微信 abc12345", "加微信 abc12345"]
