"""Deletion pressure: who is found and who is wrongly blamed, in made markets and in a second one, beside plain rules.

The plain rules are what one would think of first: stores of whose bad reviews many go away, and stores whose score
jumps. They see the same events.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event as Happened
from agoranomos.engine.market.plots import chosen
from agoranomos.engine.market.plots.shipped import SHIPPED
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.pressure.chances import tail
from agoranomos.reviews.pressure.monitor import HEARS, PressureMonitor
from agoranomos.reviews.pressure.policy import load_policy
from agoranomos.reviews.pressure.telling import HARASSMENT, PRESSURE
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table
from tests.reviews.pressure.market import Market, make_market

SIZES = ((1, 2), (3, 4), (5, 7), (8, 10_000))
"""People who gave in to a store, within the time."""
Judge = Callable[[list[Event]], set[str]]


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - nothing is kept
    """Two tables."""
    tiny = size.rounds == 1
    return [second_table(1 if tiny else 10, 60 if tiny else 3_000), made_table(1 if tiny else 8, tiny=tiny)]


def second_table(seeds: int, stores: int) -> Table:
    """A market of stores of all sizes and manners, one in fifty of which presses its critics."""
    judges: tuple[tuple[str, Judge], ...] = (
        ("Agoranomos: pressure", lambda events: named(events, PRESSURE)),
        ("Agoranomos: reports of harassment", lambda events: named(events, HARASSMENT)),
        ("many deletions", many_deletions),
        ("the score jumps", score_jumps),
    )
    markets = [make_market(stores, max(4, stores // 50), seed=100 + seed) for seed in range(seeds)]
    rows = []
    for name, judge in judges:
        begun = time.process_time()
        found = [judge(market.events) for market in markets]
        spent = (time.process_time() - begun) / sum(len(market.events) for market in markets) * 1e6
        cells = []
        for means in (("call",), ("paid",), ("report",)):
            for low, high in SIZES:
                cells.append(_share(markets, found, means, low, high))
        honest = sum(stores - len(market.pressing) for market in markets)
        false = sum(len(each - market.pressing.keys()) for market, each in zip(markets, found, strict=True))
        rows.append((name, *cells, f"{false} of {honest:,}", f"{spent:.0f}"))
    columns = tuple(f"{means} {low}-{high if high < 1_000 else ''}" for means in ("call", "paid", "report")
                    for low, high in SIZES)  # fmt: skip
    notes = (
        "columns: by what stores press, and how many people gave in; found of those there were",
        "reports are calls from elsewhere, which only their victims tell of",
    )
    return Table("A second market", ("judge", *columns, "honest blamed", "µs an event"), tuple(rows), notes)


def made_table(seeds: int, *, tiny: bool) -> Table:
    """Markets of the generator with the plot."""
    rows = []
    for plot in ("deletion-pressure", "deletion-pressure:percent=30", "deletion-pressure:critics=5"):
        pressing = caught = polite = blamed = others = 0
        for seed in range(301, 301 + seeds):
            days, buyers = (12, 200) if tiny else (40, 3_000)
            settings = Settings(seed=seed, start=date(2026, 3, 2), days=days, sellers=60, buyers=buyers)
            events, roles, stores = played(settings, plot)
            found = named(events, PRESSURE)
            bad = {each for each, role in roles.items() if role != "polite"}
            pressing, caught = pressing + len(bad), caught + len(found & bad)
            polite, blamed = polite + len(roles) - len(bad), blamed + len(found - bad)
            others += len(stores - roles.keys())
        rows.append((plot, f"{caught} of {pressing}", f"{blamed} of {polite} polite and {others:,} others"))
    return Table("Made markets", ("plot", "found", "honest blamed"), tuple(rows))


def played(settings: Settings, plot: str) -> tuple[list[Event], dict[str, str], set[str]]:
    """What is heard, the parts of stores in the plot, all stores that were reviewed badly."""
    roles: dict[str, str] = {}
    events: list[Event] = []
    for each in generate(settings, chosen([plot], SHIPPED)):
        if isinstance(each, Truth):
            if each.kind == "plot" and each.subject_kind == "store":
                roles[each.subject_id] = each.role
        elif isinstance(each, Happened) and each.type in HEARS:
            events.append(parse_event(each.raw()))
    return events, roles, {each.data["store_id"] for each in events if each.type == "review.posted"}


def named(events: list[Event], code: str) -> set[str]:
    """The stores of which the monitor says this."""
    said = Run([PressureMonitor(load_policy())]).feed(events)
    return {each.subject.id for each in said if isinstance(each, Finding) and each.code == code}


def many_deletions(events: list[Event]) -> set[str]:
    """Stores of whose bad reviews improbably many are deleted by their authors: at most one in a thousand by chance."""
    posted, gone = _fates(events)
    total: dict[str, list[int]] = {}
    for review_id, (store_id, _) in posted.items():
        counts = total.setdefault(store_id, [0, 0])
        counts[0] += 1
        counts[1] += gone.get(review_id) == 0
    rate = sum(each[1] for each in total.values()) / max(1, sum(each[0] for each in total.values()))
    return {store for store, (size, count) in total.items() if count and tail(count, size, rate) < 1e-3}


def score_jumps(events: list[Event]) -> set[str]:
    """Stores of which the bad reviews that are left are better by half a star than those that were posted."""
    posted, gone = _fates(events)
    before: dict[str, list[int]] = {}
    after: dict[str, list[int]] = {}
    for review_id, (store_id, rating) in posted.items():
        before.setdefault(store_id, []).append(rating)
        left = gone.get(review_id, rating)
        if left:
            after.setdefault(store_id, []).append(left)
    return {
        store for store, ratings in before.items()
        if store in after and sum(after[store]) / len(after[store]) - sum(ratings) / len(ratings) >= 0.5
    }  # fmt: skip


def _fates(events: list[Event]) -> tuple[dict[str, tuple[str, int]], dict[str, int]]:
    """Review → its store and stars; review → what its author made of it, 0 where it is gone."""
    posted: dict[str, tuple[str, int]] = {}
    fates: dict[str, int] = {}
    bad = load_policy().bad_rating
    for each in events:
        if each.type == "review.posted" and each.data["rating"] <= bad:
            posted[each.data["review_id"]] = (each.data["store_id"], each.data["rating"])
        elif each.type in ("review.edited", "review.deleted") and each.data["by"] == "author":
            fates[each.data["review_id"]] = 0 if each.type == "review.deleted" else each.data.get("rating") or 1
    return posted, fates


def _share(markets: list[Market], found: list[set[str]], means: tuple[str, ...], low: int, high: int) -> str:
    hit = there = 0
    for market, named_here in zip(markets, found, strict=True):
        some = {
            store for store, by in market.pressing.items() if by in means and low <= market.victims[store] <= high
        }  # fmt: skip
        there, hit = there + len(some), hit + len(some & named_here)
    return f"{hit}/{there}"
