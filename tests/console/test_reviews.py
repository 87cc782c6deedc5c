"""The pages of reviews: who presses whom, who acts together, what is public of a review and when, the two scores."""

from __future__ import annotations

from tests.console.desk import EVIL, Desk
from tests.staff.house import Client


def test_stores_and_rings_lead_to_what_was_found(everything: Client) -> None:
    page = everything.get("/reviews").text
    assert EVIL[:40] not in page
    assert "10 of 12: 83.3 %, between" in page
    assert "usual: 5.0 %" in page
    assert "4 people" in page
    assert 'href="/findings/f_reviews.deletion_pressure"' in page
    assert "one device · nearly the same text" in page
    assert page.index('id=s0"') < page.index("4 people")
    assert "刷好评" in everything.get("/reviews?lang=zh").text


def test_a_store_with_its_scores_and_sequences(everything: Client) -> None:
    page = everything.get("/reviews/store?id=s0&lang=en").text
    assert "Honest" in page
    assert "What came before reviews were taken back" in page
    assert "call" in page
    assert page.count("number-value") == 2
    unknown = everything.get("/reviews/store?id=nobody").text
    assert "No review of this store is known." in unknown
    assert "Nothing was found" in unknown
    assert everything.get("/reviews/store").status_code == 404


def test_what_is_held_and_what_is_public(everything: Client) -> None:
    page = everything.get("/reviews/held?lang=en").text
    assert "text, kind of goods · dated 2026-W18" in page
    assert "counts in the score" in page
    assert page.count("nothing yet") == 48
    assert "at the latest" in page
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert everything.get(older).text.count("nothing yet") == 2


def test_nothing_found_is_told(bare: Desk) -> None:
    analyst = bare.reader()
    empty = analyst.get("/reviews").text
    assert "No store was found to press its critics." in empty
    assert "No accounts were found that act together." in empty
    assert "No review was held back lately." in analyst.get("/reviews/held").text
