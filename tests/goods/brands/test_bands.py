"""Price bands: learned from enough, robust against the cheap fakes that they are meant to find."""

from __future__ import annotations

import numpy as np
import pytest

from agoranomos.goods.brands.bands import Fit, Group, learn, robust_fit, shrunk
from agoranomos.goods.brands.naming import named_brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from tests.builders import NOW, make_batch, make_brand

REGISTRY = RegistrySnapshot([make_brand("nike", names=["Nike", "耐克"]), make_brand("adidas")])


def prices(count: int, *, centre: float = 60_000, spread: float = 0.3, seed: int = 1) -> list[int]:
    logs = np.random.default_rng(seed).normal(np.log(centre), spread, count)
    return [int(price) for price in np.exp(logs)]


def learned(amounts: list[int], stores: int = 10, **columns: list[str]) -> dict[str, tuple[int, int]]:
    """Lows and highs by brand id from listings at `amounts`, all titled Nike unless told."""
    count = len(amounts)
    batch = make_batch(
        title=columns.get("title", ["Nike shoe"] * count),
        price_amount=amounts,
        currency=["CNY"] * count,
        store_id=columns.get("store_id", [f"s{n % stores}" for n in range(count)]),
        category=["shoes"] * count,
    )
    bands = learn([batch], REGISTRY, "a test", NOW).bands
    return {key: (of[0].low.amount, of[0].high.amount) for key, of in bands.items()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [0.1, 0.2, 0.3, 0.4])
def test_a_fifth_of_fakes_at_a_tenth_of_the_price(spread: float, seed: int) -> None:
    genuine = prices(100, spread=spread, seed=seed)
    fakes = [price // 10 for price in genuine[:20]]
    low, _ = learned(genuine[20:] + fakes)["nike"]
    clean_low, _ = learned(genuine)["nike"]
    assert sum(price < low for price in fakes) >= 19
    assert low == pytest.approx(clean_low, rel=0.35)
    assert sum(price < low for price in genuine[20:]) <= 6


def test_the_band_holds_nearly_all_genuine_prices() -> None:
    genuine = prices(2_000)
    low, high = learned(genuine)["nike"]
    assert np.mean([low <= price <= high for price in genuine]) == pytest.approx(0.98, abs=0.015)


def test_too_few_listings_or_stores_teach_nothing() -> None:
    assert learned(prices(19)) == {}
    assert learned(prices(50), stores=2) == {}
    assert "nike" in learned(prices(20), stores=20)


def test_one_store_cannot_lower_a_band() -> None:
    genuine = prices(100)
    stores = [f"s{n % 10}" for n in range(100)] + ["flood"] * 1_000
    low, _ = learned(genuine + [5_000] * 1_000, store_id=stores)["nike"]
    assert low > 20_000


def test_where_a_brand_names_its_stores_only_they_teach() -> None:
    registry = RegistrySnapshot([make_brand("nike", authorised_store_ids=("a", "b", "c"))])
    genuine, cheap = prices(60), prices(600, centre=5_000)
    batch = make_batch(
        title=["Nike shoe"] * 660,
        price_amount=genuine + cheap,
        currency=["CNY"] * 660,
        store_id=["abc"[n % 3] for n in range(60)] + [f"x{n}" for n in range(600)],
    )
    result = learn([batch], registry, "a test", NOW)
    (band,) = result.bands["nike"]
    assert band.low.amount > 20_000
    assert (result.listings, result.recognised, result.learned) == (660, 60, 1)
    assert (band.category, band.provenance, band.at) == (None, "a test", "2026-05-01T08:00:00Z")


def test_currencies_and_categories_are_kept_apart() -> None:
    yuan, yen = prices(30), prices(30, centre=12_000)
    batch = make_batch(
        title=["Nike shoe"] * 60,
        price_amount=yuan + yen,
        currency=["CNY"] * 30 + ["JPY"] * 30,
        category=["shoes", "bags"] * 30,
    )
    result = learn([batch], REGISTRY, "a test", NOW)
    assert (result.learned, result.refused) == (0, 4)


def test_prices_all_alike_and_odd_rows() -> None:
    low, high = learned([100] * 25)["nike"]
    assert 85 <= low < 100 < high <= 115
    assert learned([0] * 25) == {}
    assert learned([1] * 25)["nike"][0] == 1


def test_scale_and_centre_are_pulled_towards_the_category() -> None:
    def group(name: str) -> Group:
        return Group(name, "shoes", "CNY")

    fits = {
        group("a"): Fit(10.0, 0.3, 500),
        group("b"): Fit(10.4, 0.3, 500),
        group("c"): Fit(9.8, 0.3, 500),
        group("small"): Fit(12.0, 0.9, 20),
    }
    pulled = shrunk(fits)
    assert abs(pulled[group("a")].centre - 10.0) < 0.01
    assert 11.5 < pulled[group("small")].centre < 12.0
    # (20 * 0.3^2 + 19 * 0.9^2) / 39 = 0.4408 = 0.664^2
    assert pulled[group("small")].scale == pytest.approx(0.664, abs=0.001)
    two = {key: fits[key] for key in list(fits)[:2]}
    assert shrunk(two) == two


def test_brands_that_do_not_differ_get_one_centre() -> None:
    fits = {Group(name, "shoes", "CNY"): Fit(10.0, 0.3, 50) for name in "abc"}
    assert [fit.centre for fit in shrunk(fits).values()] == pytest.approx([10.0] * 3)


def test_the_fit_without_fakes_is_the_median() -> None:
    logs = np.log(np.array(prices(1_001)))
    fit = robust_fit(logs)
    assert fit.centre == pytest.approx(float(np.median(logs)), abs=0.01)
    assert fit.scale == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    ("title", "column", "expected"),
    [
        ("Nike Air shoe", "", "nike"),
        ("【正品】耐克跑鞋", "", "nike"),
        ("Running shoe", "NIKE", "nike"),
        ("Running shoe, Nike", "", None),
        ("Case for Nike shoe", "Nike", None),
        ("适用耐克鞋带", "", None),
        ("Coach bag", "", None),
        ("A bag", "Coach", "coach"),
        ("", "", None),
    ],
)
def test_which_brand_a_listing_names(title: str, column: str, expected: str | None) -> None:
    registry = RegistrySnapshot([*REGISTRY.brands, make_brand("coach", ordinary=("Coach",))])
    brand = named_brand(registry, title, column)
    assert (brand.brand_id if brand else None) == expected
