"""What is live is counted as the event log tells it, once, whatever the parts in which the log is read."""

from __future__ import annotations

import random

import pytest

from agoranomos.enforcement import catalogue
from agoranomos.kernel.store import Store
from tests.enforcement.builders import log

Told = tuple[str, dict[str, str]]


def opened(store_id: str) -> Told:
    return "store.opened", {"store_id": store_id}


def closed(store_id: str) -> Told:
    return "store.closed", {"store_id": store_id}


def submitted(listing_id: str, store_id: str = "s1") -> Told:
    return "listing.submitted", {"listing_id": listing_id, "store_id": store_id}


def removed(listing_id: str) -> Told:
    return "listing.removed", {"listing_id": listing_id}


def live(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return catalogue.live(connection)


def test_nothing_is_known_of_an_empty_log(store: Store) -> None:
    log(store)
    assert live(store) == {}


def test_what_comes_and_goes(store: Store) -> None:
    log(store, opened("s1"), opened("s2"), submitted("l1"), submitted("l2"), submitted("l3", "s2"))
    assert live(store) == {"listing": 3, "store": 2}
    log(store, submitted("l1"), ("listing.updated", {"listing_id": "l4", "store_id": "s2"}), removed("l9"))
    assert live(store) == {"listing": 4, "store": 2}
    log(store, removed("l1"), closed("s2"))
    assert live(store) == {"listing": 1, "store": 1}


def test_a_store_that_closes_takes_its_listings_with_it(store: Store) -> None:
    log(store, opened("s1"), submitted("l1"), submitted("l2"), closed("s1"), submitted("l2"))
    assert live(store) == {"listing": 1, "store": 0}, "what is submitted again afterwards is live"
    log(store, closed("s1"), submitted("l1"), removed("l1"), submitted("l3"), removed("l3"), submitted("l3"))
    assert live(store) == {"listing": 1, "store": 0}


@pytest.mark.parametrize("step", [1, 3, 1_000])
@pytest.mark.slow
def test_the_parts_in_which_it_is_read_change_nothing(store: Store, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "POSITIONS_MAX", step)
    draw = random.Random(5)
    listings: dict[str, str] = {}
    stores: set[str] = set()
    told: list[Told] = []
    for _ in range(150):
        one, where = f"l{draw.randrange(12)}", f"s{draw.randrange(4)}"
        match draw.randrange(5):
            case 0:
                told.append(opened(where))
                stores.add(where)
            case 1:
                told.append(closed(where))
                stores.discard(where)
                listings = {each: its for each, its in listings.items() if its != where}
            case 2:
                told.append(removed(one))
                listings.pop(one, None)
            case _:
                own = f"s{int(one[1:]) % 4}"
                told.append(submitted(one, own))
                listings[one] = own
    log(store, *told)
    assert live(store) == {"listing": len(listings), "store": len(stores)}
