"""Price bands learned from listings: what a new genuine main product of a brand costs in a
category.

On the log scale, per (brand, category, currency):

1. Centre m and scale s by median and upper half: s = 1.4826 * median(x - m for x > m). Fakes and
   accessories are cheap, so the half above the median is the clean one (Rousseeuw and Croux 1993,
   one-sided). What lies more than 3 s below m is left out and both are taken again, twice: up to a
   fifth of fakes at a tenth of the price falls out where genuine prices spread no more than
   s = 0.5, a factor of 1.6 either way (19 of 20 fakes at 0.5, 5 of 6 at 0.6, half at 0.8).
2. Scale shrunk to its category: s'^2 = (d0 s0^2 + d s^2) / (d0 + d), d = n - 1, s0 the category's
   median scale (Smyth 2004, moderated variance; d0 fixed at 20, the least n).
3. Centre shrunk to its category: m' = (m / v + mu / t2) / (1 / v + 1 / t2) with v = (pi / 2) s'^2
   / n, the variance of a median, and t2 between brands by DerSimonian and Laird 1986; the
   normal-normal empirical Bayes estimate (Efron and Morris 1975).
4. The band is exp(m' -+ 2.33 s'): 98 of 100 genuine prices if their logs are normal.

Fewer than 20 listings, or fewer than 3 stores where stores are named, teach nothing. No store
counts for more than a fifth of a band, so that nobody can lower a brand's band by listing a
thousand fakes in one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.goods.brands.model import Brand, PriceBand
from agoranomos.goods.brands.naming import named_brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.money import AMOUNT_MAX, Money

LISTINGS_MIN = 20
STORES_MIN = 3
BRANDS_MIN = 3
"""Of fewer brands in a category nothing is learned about the category, and nothing is shrunk."""
Z = 2.33  # the 1st and 99th percentile of a normal distribution
_CUT = 3.0  # scales below the centre
_SCALE_MIN = 0.05  # prices all alike still leave room for 5 % either way
_STORE_SHARE_MAX = 0.2
_PRICES_MAX = 20_000  # of one store and group; beyond, every second one is kept

Array = npt.NDArray[np.float64]
_MAD_TO_SIGMA = 1.4826  # 1 / the upper quartile of the standard normal


class Group(NamedTuple):
    """What one band is for; `category` "" when the listings name none."""

    brand_id: str
    category: str
    currency: str


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """Bands by brand id, and how many groups were refused because they had too few listings or
    stores.
    """

    bands: dict[str, list[PriceBand]]
    learned: int
    refused: int
    listings: int
    recognised: int


class Fit(NamedTuple):
    """Centre and scale of log prices, and of how many they are."""

    centre: float
    scale: float
    n: int


def learn(
    batches: Iterable[pa.RecordBatch],
    registry: RegistrySnapshot,
    provenance: str,
    now: datetime,
    category_of: Callable[[str], str] = str.strip,
) -> Learned:
    """Learns bands from listings with the columns title, price_amount, currency and, if present,
    brand, store_id, category. `provenance` is kept with each band; `category_of` turns a listing's
    category into the band's.

    Where a brand names its authorised stores, only their listings count.
    """
    prices: dict[Group, dict[str, list[float]]] = {}
    listings = recognised = 0
    for row in _rows(batches):
        listings += 1
        brand = named_brand(registry, row.title, row.brand)
        if brand is not None and _counts(brand, row):
            recognised += 1
            group = Group(brand.brand_id, category_of(row.category), row.currency)
            kept = prices.setdefault(group, {}).setdefault(row.store, [])
            kept.append(math.log(row.amount))
            if len(kept) > _PRICES_MAX:
                del kept[::2]
    fits = {group: fit for group, stores in sorted(prices.items()) if (fit := _fit_stores(stores)) is not None}
    bands: dict[str, list[PriceBand]] = {}
    for group, fit in shrunk(fits).items():
        bands.setdefault(group.brand_id, []).append(_band(group, fit, provenance, now))
    return Learned(
        bands=bands,
        learned=len(fits),
        refused=len(prices) - len(fits),
        listings=listings,
        recognised=recognised,
    )


def robust_fit(logs: Array) -> Fit:
    """Centre and scale of log prices with up to a fifth of them far too low (step 1 above)."""
    kept = logs
    for _ in range(3):
        centre = float(np.median(kept))
        above = kept[kept > centre] - centre
        scale = max(_SCALE_MIN, _MAD_TO_SIGMA * float(np.median(above))) if above.size else _SCALE_MIN
        clean = logs[logs >= centre - _CUT * scale]
        if clean.size == kept.size:
            break
        kept = clean
    return Fit(centre, scale, int(kept.size))


def shrunk(fits: dict[Group, Fit]) -> dict[Group, Fit]:
    """`fits` pulled towards their category, the more the fewer listings they rest on (steps 2 and
    3 above).
    """
    result = dict(fits)
    categories: dict[tuple[str, str], list[Group]] = {}
    for group in fits:
        categories.setdefault((group.category, group.currency), []).append(group)
    for groups in categories.values():
        if len(groups) >= BRANDS_MIN:
            result.update(zip(groups, _pulled([fits[group] for group in groups]), strict=True))
    return result


def _pulled(fits: list[Fit]) -> Iterator[Fit]:
    centres = np.array([fit.centre for fit in fits])
    counts = np.array([float(fit.n) for fit in fits])
    own = np.array([fit.scale for fit in fits]) ** 2
    common = float(np.median(np.sqrt(own))) ** 2
    scales = np.sqrt((LISTINGS_MIN * common + (counts - 1) * own) / (LISTINGS_MIN + counts - 1))
    variances = (math.pi / 2) * scales**2 / counts
    between = _between(centres, variances)
    if between == 0.0:
        weights = 1 / variances
        pulled = np.full_like(centres, float(np.sum(weights * centres) / np.sum(weights)))
    else:
        weights = 1 / (variances + between)
        mean = float(np.sum(weights * centres) / np.sum(weights))
        pulled = (centres / variances + mean / between) / (1 / variances + 1 / between)
    for fit, centre, scale in zip(fits, pulled, scales, strict=True):
        yield Fit(float(centre), float(scale), fit.n)


def _between(centres: Array, variances: Array) -> float:
    """The variance between brands by the method of moments (DerSimonian and Laird 1986, equation
    8).
    """
    weights = 1 / variances
    mean = np.sum(weights * centres) / np.sum(weights)
    excess = np.sum(weights * (centres - mean) ** 2) - (len(centres) - 1)
    return max(0.0, float(excess / (np.sum(weights) - np.sum(weights**2) / np.sum(weights))))


def _fit_stores(stores: dict[str, list[float]]) -> Fit | None:
    """The fit over all stores, none counting for more than its share; None when there is too
    little.
    """
    total = sum(map(len, stores.values()))
    named = set(stores) - {""}
    if total < LISTINGS_MIN or (named and len(stores) < STORES_MIN):
        return None
    most = _per_store([len(prices) for prices in stores.values()]) if named else total
    logs = np.concatenate([_spread(np.sort(np.array(prices)), most) for _, prices in sorted(stores.items())])
    return robust_fit(logs) if logs.size >= LISTINGS_MIN else None


def _per_store(counts: list[int]) -> int:
    """The most listings of one store that count, so that none is more than its share of the rest;
    with fewer than five stores all count alike.
    """
    share = max(_STORE_SHARE_MAX, 1 / len(counts))
    most = max(counts)
    while (fair := max(1, math.floor(share * sum(min(count, most) for count in counts)))) < most:
        most = fair
    return most


def _spread(ordered: Array, most: int) -> Array:
    """At most `most` of `ordered`, evenly over its quantiles."""
    if ordered.size <= most:
        return ordered
    picks = ((np.arange(most) + 0.5) * ordered.size / most).astype(np.int64)
    return ordered[picks]


def _band(group: Group, fit: Fit, provenance: str, now: datetime) -> PriceBand:
    low, high = (math.exp(fit.centre + sign * Z * fit.scale) for sign in (-1, 1))
    low_amount = max(1, math.floor(low))
    return PriceBand(
        low=Money(low_amount, group.currency),
        high=Money(max(low_amount, min(AMOUNT_MAX, math.ceil(high))), group.currency),
        category=group.category or None,
        provenance=provenance,
        n=fit.n,
        at=rfc3339(now),
    )


class _Row(NamedTuple):
    title: str
    amount: int
    currency: str
    brand: str
    store: str
    category: str


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[_Row]:
    for batch in batches:
        absent = [""] * batch.num_rows
        columns = [
            batch.column(name).to_pylist() if name in batch.schema.names else absent
            for name in ("title", "price_amount", "currency", "brand", "store_id", "category")
        ]
        for title, amount, currency, brand, store, category in zip(*columns, strict=True):
            yield _Row(title or "", amount or 0, currency or "", brand or "", store or "", category or "")


def _counts(brand: Brand, row: _Row) -> bool:
    """Whether the listing may teach what `brand` costs."""
    if not (0 < row.amount <= AMOUNT_MAX and row.currency):
        return False
    return brand.authorised_store_ids is None or row.store in brand.authorised_store_ids
