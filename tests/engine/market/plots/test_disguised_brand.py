from __future__ import annotations

import unicodedata

from agoranomos.engine.market.goods import BY_CODE, INVENTED_BRANDS
from agoranomos.engine.market.plots.disguised_brand import DisguisedBrand, disguised
from agoranomos.engine.market.rhythm import DAY, midnight
from agoranomos.engine.market.streams import Stream
from tests.engine.market.builders import START, make_market, make_settings

PLOT = DisguisedBrand()
MARKET = make_market(make_settings(6), PLOT)
ROWS = [row for row in MARKET.truth if row.plot == PLOT.name]
COPIES = {row.subject_id for row in ROWS if row.role == "copy"}
STORES = {row.subject_id for row in ROWS if row.role == "seller of copies"}
LISTED = [event for event in MARKET.of("listing.submitted") if event.data["store_id"] in STORES]


def test_each_store_lists_copies_and_ordinary_goods() -> None:
    assert len(STORES) == PLOT.stores
    assert len(COPIES) == PLOT.stores * PLOT.copies
    assert len(LISTED) == PLOT.stores * (PLOT.copies + PLOT.plain)
    assert {row.notes for row in ROWS} == {e.data["seller_id"] for e in MARKET.of("store.opened")
                                           if e.data["store_id"] in STORES}  # fmt: skip
    begins = midnight(START) + PLOT.day * DAY
    assert all(begins <= event.at <= begins + (PLOT.days + 2) * DAY for event in LISTED)


def test_copies_are_cheap_and_name_no_brand_as_it_is_spelt() -> None:
    names = [name for brand in INVENTED_BRANDS for name in brand.names]
    for event in LISTED:
        copy = event.data["listing_id"] in COPIES
        cheap = event.data["price"]["amount"] <= 0.25 * BY_CODE[event.data["category"]].price
        assert cheap or not copy
        assert not any(name in event.data["title"] for name in names)
        assert "brand" not in event.data


def test_a_disguised_name_is_another_text_that_people_read_as_the_name() -> None:
    for number, brand in enumerate(INVENTED_BRANDS * 10):
        written = disguised(Stream.of(3, "names").child(number), brand.names[0])
        assert written != brand.names[0]
        plain = unicodedata.normalize("NFKC", written).lower().translate(str.maketrans("013@5", "oiea" + "s", " .*-·"))
        assert plain == brand.names[0].lower()
