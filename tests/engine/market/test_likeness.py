"""Is the market like one? Wide bounds around public figures."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict

import pytest

from agoranomos.engine.market.lives import Event
from agoranomos.engine.market.rhythm import DAY, HOUR, hour_of, midnight
from agoranomos.engine.market.truth import LOOKALIKES
from tests.engine.market.builders import START, Market, make_market, make_settings, month

pytestmark = pytest.mark.slow
_BEGIN = midnight(START)


def day_number(event: Event) -> int:
    return (event.at - _BEGIN) // DAY


def test_orders_follow_day_and_night() -> None:
    hours = Counter(hour_of(event.at) for event in month().of("order.placed"))
    assert hours[21] / hours[4] > 10
    assert hours[21] > hours[15] > hours[7] > hours[4]


def test_orders_follow_the_festivals() -> None:
    market = make_market(make_settings(4, start=START.replace(month=11, day=9)))
    by_day = Counter(
        (event.at - midnight(START.replace(month=11, day=9))) // DAY for event in market.of("order.placed")
    )
    assert by_day[2] > 5 * by_day[3]


def test_buyers_order_very_unequally() -> None:
    counts = sorted(Counter(event.data["buyer_id"] for event in month().of("order.placed")).values(), reverse=True)
    top = sum(counts[: len(counts) // 10]) / sum(counts)
    assert 0.25 < top < 0.7, "the tenth that orders most"
    mean = sum(counts) / 2_500
    variance = statistics.pvariance([*counts, *[0] * (2_500 - len(counts))])
    assert variance > 2 * mean, "more spread than chance alone makes"
    assert 0.07 < mean / 40 < 0.16


def test_parcels_take_their_time() -> None:
    times: dict[str, dict[str, int]] = defaultdict(dict)
    for event in month().of("order.placed", "order.shipped", "order.delivered"):
        times[event.data["order_id"]][event.type] = event.at
    sent = [(t["order.shipped"] - t["order.placed"]) / HOUR for t in times.values() if "order.shipped" in t]
    took = [
        (t["order.delivered"] - t["order.shipped"]) / DAY
        for t in times.values()
        if "order.delivered" in t and "order.shipped" in t
    ]
    assert 8 < statistics.median(sent) < 30
    assert 1.5 < statistics.median(took) < 4.5


def test_prices_are_log_normal_around_their_kind() -> None:
    prices = defaultdict(list)
    for event in month().of("listing.submitted"):
        prices[event.data["category"]].append(event.data["price"]["amount"])
    assert statistics.median(prices["bags"]) > 2 * statistics.median(prices["food"])
    assert set(prices["top_up"]) <= {1_000, 2_000, 3_000, 5_000, 10_000, 20_000}
    clothing = statistics.quantiles(prices["clothing"], n=10)
    assert 3 < clothing[-1] / clothing[0] < 14, "a deviation of the logarithm of 0.7 makes 6"


def test_titles_are_as_long_as_titles_are() -> None:
    titles = [event.data["title"] for event in month().of("listing.submitted") if event.data["category"] != "top_up"]
    latin = [title for title in titles if title.isascii()]
    assert 0.05 < len(latin) / len(titles) < 0.2
    assert 10 < statistics.median(len(title) for title in titles if not title.isascii()) < 40
    assert 50 < statistics.median(map(len, latin)) < 120


def test_ratings_are_j_shaped_and_few_reviews_go_away() -> None:
    market = make_market(make_settings(60, sellers=30, buyers=2_500))
    reviews = {event.data["review_id"]: event for event in market.of("review.posted")}
    ratings = Counter(event.data["rating"] for event in reviews.values())
    shares = {stars: ratings[stars] / len(reviews) for stars in range(1, 6)}
    assert shares[5] > 0.6
    assert shares[5] > shares[4] > shares[1] > shares[2]
    assert 0.35 < sum(event.data["anonymous"] for event in reviews.values()) / len(reviews) < 0.55
    gone = [event for event in market.of("review.deleted") if event.data["by"] == "author"]
    early = [event for event in reviews.values() if day_number(event) < 35]
    assert 0.010 < len(gone) / (len(early) + (len(reviews) - len(early)) / 2) < 0.032


def test_claims_are_as_unequal_as_real_ones() -> None:
    claims = [event for event in month().of("coupon.claimed") if day_number(event) < 30]
    counts = sorted(Counter(event.data["account_id"] for event in claims).values())
    assert statistics.median(counts) == 1
    assert 3 <= counts[int(len(counts) * 0.99)] <= 9
    days = Counter((event.data["account_id"], event.data["campaign_id"], day_number(event)) for event in claims)
    assert sum(count > 3 for count in days.values()) <= 0.005 * len(days), "sent coupons are claimed on a later day"


def test_coupons_never_take_two_thirds() -> None:
    with_coupon = [event.data for event in month().of("order.placed") if "face_value" in event.data]
    assert len(with_coupon) > 100
    for data in with_coupon:
        paid, face = data["paid"]["amount"], data["face_value"]["amount"]
        assert face / (paid + face) <= 0.667


def test_a_coupon_goes_its_way_once() -> None:
    steps: dict[str, list[str]] = defaultdict(list)
    for event in month().of("coupon.issued", "coupon.claimed", "coupon.redeemed", "coupon.refunded", "coupon.voided"):
        steps[event.data["coupon_id"]].append(event.type.partition(".")[2])
    whole = ["issued", "claimed", "redeemed", "refunded"]
    for way in steps.values():
        assert way in (whole[:1], whole[:2], whole[:3], whole, ["issued", "claimed", "voided"])


def test_returns_name_fakes_hardly_ever() -> None:
    returns = [event.data["reason_code"] for event in month().of("return.requested")]
    delivered = len(month().of("order.delivered"))
    assert 0.03 < len(returns) / delivered < 0.10
    assert returns.count("suspected_fake") <= 3


def test_sellers_are_closed_seldom_and_rarely_for_cause() -> None:
    market = month()
    closed = [event.data["reason"] for event in market.of("store.closed")]
    assert len(closed) < 0.25 * len(market.of("store.opened"))
    assert closed.count("violation") <= max(2, len(closed) // 3)


def reads(market: Market, kind: str) -> dict[str, list[tuple[int, list[str]]]]:
    found: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    for event in market.of("data.read"):
        if event.data["principal_kind"] == kind and "subject_ids" in event.data:
            found[event.data["principal_id"]].append((event.at, event.data["subject_ids"]))
    return found


def coverage(read: list[tuple[int, list[str]]], begin: int, days: int) -> float:
    """Distinct people over reads, the median over windows of so many days from day `begin` on."""
    shares = []
    for start in range(begin, begin + max(1, 31 - days)):
        low = _BEGIN + start * DAY
        people = [one for at, page in read if low <= at < low + days * DAY for one in page]
        if people:
            shares.append(len(set(people)) / len(people))
    return statistics.median(shares)


def test_honest_partners_read_the_same_people_again_and_again() -> None:
    market = make_market(make_settings(72, sellers=60, buyers=1_800))
    growing = {row.subject_id for row in market.truth if row.plot == "growing_partner"}
    for partner, read in reads(market, "partner").items():
        one, week, moon = (coverage(read, 40, days) for days in (1, 7, 30))
        assert 0.55 < one < 0.75
        assert 0.10 < week < 0.22
        assert (0.035 if partner in growing else 0.02) < moon < (0.09 if partner in growing else 0.06)


def test_partners_and_merchants_read_only_whom_they_have_business_with() -> None:
    bought: dict[str, set[str]] = defaultdict(set)
    stores: dict[str, list[str]] = {}
    owners: dict[str, str] = {}
    checked = 0
    for event in month().events:
        data = event.data
        if event.type == "order.placed":
            bought[data["store_id"]].add(data["buyer_id"])
        elif event.type == "partner.contracted":
            stores[data["principal_id"]] = data["store_ids"]
        elif event.type == "session.started" and data["principal_kind"] == "merchant":
            owners[data["account_id"]] = data["store_id"]
        elif event.type == "data.read" and data["principal_kind"] in ("partner", "merchant"):
            mine = stores.get(data["principal_id"]) or [data["store_id"]]
            assert set(data["subject_ids"]) <= set().union(*(bought[store] for store in mine))
            checked += 1
    assert checked > 1_000
    assert len(owners) > 50


def test_nobody_touches_a_canary() -> None:
    planted = {e.data.get("subject_id") or e.data["number"] for e in month().of("canary.planted")}
    assert len(planted) >= 5
    used = {
        value
        for event in month().events
        if event.type != "canary.planted"
        for field in event.data.values()
        for value in (field if isinstance(field, list) else [field])
        if isinstance(value, str)
    }
    assert not planted & used


def test_look_alikes_share_what_they_are_said_to_share() -> None:
    market = month()
    rows = defaultdict(set)
    for row in market.truth:
        rows[row.plot].add(row.subject_id)
    applied = {event.data["seller_id"]: event.data for event in market.of("seller.applied")}
    phones = Counter(applied[one]["phone"] for one in rows["agency_phone"])
    assert len(phones) < len(rows["agency_phone"]) / 3
    by_name = defaultdict(list)
    for data in applied.values():
        by_name[data["legal_name"]].append(data)
    for one in rows["namesake"]:
        same = by_name[applied[one]["legal_name"]]
        assert len({data["id_number"] for data in same}) == len(same) > 1
    accounts = {event.data["account_id"]: event.data for event in market.of("account.registered")}
    families = defaultdict(set)
    for event in market.of("order.placed"):
        if event.data["buyer_id"] in rows["family"]:
            families[event.data["device_id"]].add((event.data["recipient_token"], event.data["district"]))
    assert len(families) > 50
    assert all(len(shared) == 1 for shared in families.values())
    devices = Counter(accounts[one]["device_id"] for one in rows["rural_agency"])
    assert max(devices.values()) >= 8
    lines_of_campus = Counter(accounts[one]["ip"] for one in rows["campus"])
    assert max(lines_of_campus.values()) >= 50


def test_a_viral_product_stands_out() -> None:
    market = month()
    row = next(row for row in market.truth if row.plot == "viral_product")
    assert row.ended_at is not None
    sold = [e.at for e in market.of("order.placed") if e.data["lines"][0]["listing_id"] == row.subject_id]
    during = sum(row.started_at <= at < row.ended_at for at in sold)
    assert during > 20
    assert during / 3 > 10 * (len(sold) - during) / 37, "a day"


def test_some_clerks_stand_out_without_harm() -> None:
    market = month()
    acted: dict[str, Counter[str]] = defaultdict(Counter)
    for event in market.of("staff.acted"):
        acted[event.data["staff_id"]][event.data["action"]] += 1
    named = {row.plot: row.subject_id for row in market.truth if row.subject_kind == "staff"}
    cleared = {one: counts["case.clear"] for one, counts in acted.items()}
    usual = statistics.median(cleared.values())
    assert cleared[named["easy_queue"]] > 1.7 * usual
    assert cleared[named["busy_colleague"]] > 1.4 * usual
    easy = acted[named["easy_queue"]]
    assert easy["case.decide"] < 0.02 * easy["case.clear"]


def test_the_truth_names_every_likeness_and_knows_its_subjects() -> None:
    market = month()
    rows = [row for row in market.truth if row.kind == "lookalike"]
    assert {row.plot for row in rows} >= set(LOOKALIKES) - {"coupon_hunter"}, "hunters are one in 2,500"
    ids = {value for event in market.events for value in event.data.values() if isinstance(value, str)}
    assert {row.subject_id for row in rows} <= ids
    assert all(row.role == "innocent" for row in rows)
