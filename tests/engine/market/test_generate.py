"""The market as a whole: form, order, determinism, references. What it is like stands in test_likeness."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from hashlib import sha256

import pytest

from agoranomos.engine.market import catalogue
from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.goods import Brand
from agoranomos.engine.market.lives import SOURCE_OF
from agoranomos.engine.market.plots.bad_faith_notices import BadFaithNotices
from agoranomos.engine.market.plots.disguised_brand import DisguisedBrand
from agoranomos.engine.market.plots.returning_seller import ReturningSeller
from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.market.rhythm import DAY, midnight
from tests.engine.market.builders import START, fortnight, lines, make_market, make_settings
from tests.engine.market.contract import TABLE, faults

PLOTS = (BadFaithNotices(), DisguisedBrand(), ReturningSeller(), TopUpGlitch())


@pytest.mark.slow
def test_every_type_of_event_happens_and_keeps_to_the_contract() -> None:
    seen: Counter[str] = Counter()
    for line in lines(make_settings(60, sellers=200, buyers=6_000)):
        kind = line.partition(b'"type":"')[2].partition(b'"')[0].decode()
        seen[kind] += 1
        if seen[kind] <= 1_000 or seen[kind] % 100 == 0:
            assert not (found := faults(line)), found
    assert set(seen) == set(TABLE), "all happen in sixty days of a middling market; none is left to the plots"


@pytest.mark.slow
def test_events_of_plots_keep_to_the_contract() -> None:
    assert not [fault for line in lines(make_settings(8), *PLOTS) for fault in faults(line)]


def test_the_sources_cover_the_contract() -> None:
    assert set(SOURCE_OF) == {kind.partition(".")[0] for kind in TABLE}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "from hashlib import sha256; from tests.engine.market.builders import lines, make_settings;"
        "print(sha256(b''.join(lines(make_settings(2)))).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert there == sha256(b"".join(lines(make_settings(2)))).hexdigest()
    assert there != sha256(b"".join(lines(make_settings(2, seed=8)))).hexdigest()


@pytest.mark.slow
def test_a_longer_market_begins_with_the_shorter_one_byte_for_byte() -> None:
    short = [one.line() for one in generate(make_settings(4), PLOTS)]
    long = [one.line() for one in generate(make_settings(9), PLOTS)]
    assert long[: len(short)] == short
    assert len(long) > 1.2 * len(short)


@pytest.mark.slow
def test_a_plot_changes_nothing_else() -> None:
    plain = list(lines(make_settings(8)))
    planted = list(lines(make_settings(8), *PLOTS))
    assert set(plain) < set(planted)
    known = set(plain)
    assert [line for line in planted if line in known] == plain


@pytest.mark.slow
def test_two_plots_do_not_know_of_each_other() -> None:
    one, other, both = (set(lines(make_settings(8), *plots)) for plots in (PLOTS[:1], PLOTS[1:], PLOTS))
    assert both == one | other


@pytest.mark.slow
def test_events_come_in_order_once_and_before_the_end() -> None:
    market = fortnight()
    keys = [(event.at, event.source, event.id) for event in market.events]
    assert keys == sorted(keys)
    assert len({key[1:] for key in keys}) == len(keys)
    assert keys[-1][0] < midnight(START) + 14 * DAY


@pytest.mark.slow
def test_what_was_before_the_first_day_is_only_who_and_what_is_there() -> None:
    before = {event.type for event in fortnight().events if event.at < midnight(START)}
    assert before <= {
        "account.registered", "seller.applied", "application.decided", "store.opened", "brand.registered",
        "goods.received", "listing.submitted", "batch.condemned", "listing.removed", "course.completed",
        "certification.held", "programme.milestone", "consent.given", "campaign.declared",
    }  # fmt: skip
    assert {"account.registered", "listing.submitted", "brand.registered"} <= before


def test_events_speak_of_what_has_been_told_before() -> None:
    known: dict[str, set[str]] = {
        name: set() for name in ("listing_id", "store_id", "order_id", "account_id", "coupon_id")
    }
    makes = {
        "listing.submitted": "listing_id",
        "store.opened": "store_id",
        "order.placed": "order_id",
        "account.registered": "account_id",
        "coupon.issued": "coupon_id",
    }
    for event in fortnight().events:
        data = event.data
        if (name := makes.get(event.type)) is not None:
            known[name].add(data[name])
        for name in ("listing_id", "store_id", "coupon_id"):
            assert data.get(name) is None or data[name] in known[name], (event.type, name)
        if event.type not in ("coupon.redeemed",):  # a second before its order
            assert data.get("order_id") is None or data["order_id"] in known["order_id"], event.type
        buyer = data.get("buyer_id") or data.get("author_id")
        assert buyer is None or buyer in known["account_id"], event.type


def test_orders_add_up() -> None:
    market = fortnight()
    paid = {}
    for event in market.of("order.placed"):
        data = event.data
        total = sum(line["quantity"] * line["price"]["amount"] for line in data["lines"])
        face = data.get("face_value", {"amount": 0})["amount"]
        assert data["paid"]["amount"] == total - face > 0
        paid[data["order_id"]] = data["paid"]["amount"]
    for event in market.of("order.refunded"):
        assert event.data["amount"]["amount"] == paid[event.data["order_id"]]
    asked = [order for event in market.of("payout.requested") for order in event.data["order_ids"]]
    assert len(asked) == len(set(asked)), "no order is paid out twice"
    for event in market.of("payout.requested"):
        earned = sum(paid[order] for order in event.data["order_ids"])
        assert event.data["amount"]["amount"] == int(earned * 0.95)


def test_an_order_is_shipped_once_then_delivered_or_refunded_before() -> None:
    story: dict[str, list[str]] = {}
    for event in fortnight().of("order.placed", "order.shipped", "order.delivered", "order.refunded"):
        story.setdefault(event.data["order_id"], []).append(event.type.partition(".")[2])
    whole = ["placed", "shipped", "delivered", "refunded"]
    for steps in story.values():
        assert steps in (whole[:1], whole[:2], whole[:3], whole, ["placed", "refunded"], ["placed", "delivered"]), steps
    assert sum(steps == whole[:3] for steps in story.values()) > len(story) / 2


def test_brands_can_be_given() -> None:
    brands = (Brand("x1", ("Exemplo", "艾森普洛"), ("shoes", "clothing")),)
    market = make_market(make_settings(1, brands=brands))
    assert [event.data["brand_id"] for event in market.of("brand.registered")] == ["x1"]
    named = {event.data["brand"] for event in market.of("listing.submitted") if "brand" in event.data}
    assert named == {"Exemplo"}


@pytest.mark.slow
def test_no_event_carries_the_truth() -> None:
    told = b"".join(lines(make_settings(8), *PLOTS))
    for word in ("plot", "lookalike", "innocent", "glitch", "ring", *(plot.name for plot in PLOTS)):
        assert f'"{word}"'.encode() not in told


@pytest.mark.slow
def test_an_identity_is_told_once_also_when_batches_of_one_article_fail_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "_CONDEMNED", 0.9)
    told = make_market(make_settings(60, sellers=10, buyers=100)).events
    assert sum(event.type == "batch.condemned" for event in told) > 100
    assert len({(event.source, event.id) for event in told}) == len(told)
