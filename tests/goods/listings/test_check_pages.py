"""The seller's pages without a browser: the flow, the languages, hostile input."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from agoranomos.goods.listings import wording
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.store import Store
from tests.goods.listings.market import Market
from tests.stores import make_store

Client = TestClient[Litestar]
FAKE = "N\u0456\uff4b\uff45 1:1"
NEW = "/listings/new"


@pytest.fixture
def market(tmp_path: Any) -> Iterator[Market]:
    store: Store = make_store(tmp_path)
    yield Market(store)
    store.close()


@pytest.fixture
def client(market: Market) -> Iterator[Client]:
    with TestClient(market.app) as client:
        client.headers["accept"] = "text/html"
        yield client


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the last form on the page."""
    form = page[page.rindex("<form") :]
    pattern = r'<input type="hidden" name="(\w+)" value="([^"]*)">'
    return {name: html.unescape(value) for name, value in re.findall(pattern, form)}


def submit(client: Client, step: str = "check", address: str = NEW, **fields: str) -> Any:
    """Opens the form, fills it and sends it."""
    start = hidden(client.get(NEW).text)
    plain = {"title": "Mug", "price": "68.00", "currency": "CNY", "store_id": "s-1"}
    return client.post(address, data={**start, **plain, **fields, "step": step})


def visible(page: str) -> str:
    """What a reader sees of a page, roughly."""
    body = re.sub(r"<style.*?</style>|<head>.*?</head>", "", page, flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def test_an_honest_listing_can_go_live(client: Client) -> None:
    page = submit(client)
    assert page.status_code == 200
    assert "Your listing can go live" in page.text
    assert "68.00 CNY" in page.text


def test_a_warning_is_read_recorded_and_kept(client: Client, market: Market) -> None:
    page = submit(client, title=FAKE)
    assert f"<mark>{FAKE[:4]}</mark>" in page.text
    assert "<bdi>nike</bdi>" in page.text
    unread = client.post(NEW, data={**hidden(page.text), "step": "go-ahead"})
    assert unread.status_code == 422
    assert "Tick “I have read this”" in unread.text
    fields = {**hidden(page.text), "step": "go-ahead", "read": "yes"}
    kept = client.post(NEW, data=fields)
    assert str(kept.url).startswith("http://testserver.local/listings/checks/d_")
    assert "Recorded: you have read the warning" in kept.text
    assert "2026-05-01 00:00 UTC" in kept.text
    assert market.judge.asked == 1
    decision = str(kept.url).rsplit("/", 1)[1]
    record = client.get(f"/v1/decisions/{decision}").json()["acknowledgement"]
    assert (record["by"], record["at"]) == ("s-1", "2026-05-01T00:00:00Z")


def test_changing_the_listing_fills_the_form_again(client: Client) -> None:
    text = 'line one\nline "two" <b>\n\nline four'
    page = submit(client, title=FAKE, description=text.replace("\n", "\r\n"), brand="B&B")
    form = client.post(NEW, data={**hidden(page.text), "step": "change"}).text
    assert f'value="{FAKE}"' in form
    assert 'value="B&amp;B"' in form
    area = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form, flags=re.S)
    assert area
    assert html.unescape(area[1]) == text


def test_only_a_warning_offers_to_go_ahead(client: Client) -> None:
    page = submit(client, title=FAKE, category="cosmetics")
    assert "A person looks at your listing first" in page.text
    assert "go-ahead" not in page.text
    forced = client.post(NEW, data={**hidden(page.text), "step": "go-ahead", "read": "yes"})
    assert "A person looks at your listing first" in forced.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "  ", "Give the listing a title."),
        ("title", "x" * 301, "Keep the title under 300 characters."),
        ("price", "cheap", "Write the price as a number"),
        ("price", "1.005", "Write the price as a number"),
        ("price", "-5", "Write the price as a number"),
        ("currency", "XXY", "Choose a currency."),
        ("brand", "x" * 101, "Keep this under 100 characters."),
        ("description", "x" * 20_001, "Keep the description under 20,000 characters."),
        ("store_id", "", "Give your store number."),
    ],
)
def test_a_field_that_cannot_be_used_is_named(client: Client, field: str, value: str, said: str) -> None:
    page = submit(client, **{field: value})
    assert page.status_code == 422
    assert said in html.unescape(page.text)
    assert f'href="#{field}"' in page.text


@pytest.mark.parametrize(
    ("typed", "currency", "shown"),
    [
        ("1,299.5", "CNY", "1,299.50 CNY"),
        ("\uff11\uff12\uff19", "CNY", "129.00 CNY"),
        ("1299", "JPY", "1,299 JPY"),
    ],
)
def test_prices_are_read_as_people_write_them(client: Client, typed: str, currency: str, shown: str) -> None:
    assert shown in submit(client, price=typed, currency=currency).text


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7*7 }}{% raise %}",
    "</textarea><svg/onload=alert(1)>",
)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["title", "brand", "description", "category", "store_id"])
def test_nothing_typed_becomes_markup(client: Client, field: str, hostile: str) -> None:
    mixed = f"{FAKE} {hostile} 1:1" if field in ("title", "brand", "description") else hostile
    fields = {"title": FAKE, field: mixed}
    page = submit(client, **fields)
    again = client.post(NEW, data={**hidden(page.text), "step": "change"})
    for answer in (page, again):
        assert answer.status_code == 200
        for raw in ("<script", "<img src=x", "<svg/onload", "49"):
            assert raw not in re.sub(r"d_[0-9a-f]+|v=\w+|value=\"[\w-]+\"", "", answer.text)
    if field != "store_id":
        assert hostile in html.unescape(page.text)
        assert hostile in html.unescape(again.text)


def test_marks_stand_in_right_to_left_text(client: Client) -> None:
    text = "\u05e0\u05e2\u05dc\u05d9\u05d9\u05dd N\u0456\uff4b\uff45\u0301 \u202e1:1\u202c \U0001f45f"
    page = submit(client, title=text).text
    found = re.search(r'<dd dir="auto">(.*?)</dd>', page, flags=re.S)
    assert found
    plain = re.sub(r'<span class="reads">.*?</span> <bdi>.*?</bdi></span>', "", found[1])
    assert html.unescape(re.sub(r"</?mark>", "", plain)).strip() == text
    assert "<mark>N\u0456\uff4b\uff45\u0301</mark>" in page


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("sample", ["disguised", "honest", "contact"])
def test_no_page_shows_codes_or_enum_values(client: Client, language: str, sample: str) -> None:
    form = client.get(f"{NEW}?sample={sample}&lang={language}").text
    fields = {"brand": ""} | {
        name: html.unescape(value) for name, value in re.findall(r'<input id="(\w+)" name="\w+" value="([^"]*)"', form)
    }
    area = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form, flags=re.S)
    assert area
    description = html.unescape(area[1])
    page = client.post(NEW, data={**hidden(form), **fields, "description": description})
    assert page.status_code == 200
    shown = visible(page.text)
    for raw in (
        *(outcome.value for outcome in Outcome),
        "goods.c",
        "goods.b",
        "counterfeit",
        "diversion",
    ):
        assert not re.search(rf"(?<!\w){re.escape(raw)}(?!\w)", shown), raw


def test_the_language_is_asked_for_remembered_and_kept_through_the_check(client: Client) -> None:
    assert "Publish a listing" in client.get(NEW).text
    assert "发布商品" in client.get(NEW, headers={"accept-language": "fr, zh-TW;q=0.8, en;q=0.7"}).text
    assert "发布商品" in client.get(f"{NEW}?lang=zh").text
    page = submit(client, title=FAKE)
    assert "发布前请先阅读" in page.text
    assert 'lang="zh-Hans"' in page.text
    assert "标题用特殊字符书写了耐克的名称。" in page.text
    other = client.post(f"{NEW}?lang=en", data={**hidden(page.text), "step": "check"})
    assert "Please read this before you publish" in other.text


def test_every_outcome_and_concern_has_words() -> None:
    for outcome in Outcome:
        for key in (f"outcome.{outcome}", f"outcome.{outcome}.lead"):
            assert wording.TEXTS.text("en", key) != wording.TEXTS.text("zh", key)
    assert [wording.score_words(score) for score in (0, 0.1, 0.5, 0.75, 0.9, 1)] == [
        "score.none",
        "score.low",
        "score.doubtful",
        "score.high",
        "score.very-high",
        "score.very-high",
    ]
    assert wording.weight_words(-5) == "weight.very-strong"


def test_a_form_from_before_a_restart_is_refused_politely_and_mended(client: Client) -> None:
    client.cookies.set("agora_csrf", "0" * 128)
    stale = submit(client, title="Mug")
    assert stale.status_code == 403
    assert "This page was open for too long" in stale.text
    client.cookies.clear()  # as the answer asks the browser to
    assert "agora_csrf" in stale.headers["set-cookie"]
    assert submit(client).status_code == 200
