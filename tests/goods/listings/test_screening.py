"""What is no disguise whoever wrote it keeps no row; what may be one does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agoranomos.goods.listings.judge import TextJudge, listings_batch
from agoranomos.goods.listings.screening import rows_worth_reading
from tests.builders import make_listing


def kept(judge: TextJudge, titles: Sequence[str], brand: str = "") -> tuple[set[int], set[int]]:
    """The rows that the sieve keeps, and those of them that are read."""
    batch = listings_batch([make_listing(title=title, brand=brand) for title in titles])
    hits = judge._hits(judge._matcher, batch)
    return set(hits.row.tolist()), set(rows_worth_reading(batch, hits, judge._reader, judge._matcher))


CODES = ("lampu IP54 taman", "4 MEN jacket", "mask for 30 days")
DISGUISED = ("N1ke running shoes", "Lоuіs Vuіttоn bag", "ad1das hoodie", "R0lex automatic")


def test_a_code_keeps_no_row_and_a_disguise_does(judge: TextJudge) -> None:
    sieved, read = kept(judge, [*CODES, *DISGUISED])
    assert sieved == set(range(len(CODES) + len(DISGUISED)))
    assert read == {len(CODES) + number for number in range(len(DISGUISED))}


@pytest.mark.parametrize("title", DISGUISED)
def test_a_code_beside_a_disguise_takes_nothing_away(judge: TextJudge, title: str) -> None:
    assert kept(judge, [f"{title} {CODES[0]}", f"{CODES[0]} {title}"])[1] == {0, 1}


def test_a_spelling_is_judged_once_and_the_same_ever_after(judge: TextJudge) -> None:
    titles = [*CODES, *DISGUISED]
    assert kept(judge, titles) == kept(judge, titles)
