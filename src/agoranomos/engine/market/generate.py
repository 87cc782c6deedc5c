"""A whole market: everybody who lives in it, and the plots that were asked for, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agoranomos.engine.market import access, browsing, notices, orders, sellers, staff
from agoranomos.engine.market.lives import Event, Life
from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.promotions import Promotions
from agoranomos.engine.market.schedule import run
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings, World


def generate(settings: Settings, plots: Sequence[Plot] = ()) -> Iterator[Event | Truth]:
    """The events of the market and its plots, and the truth about them, by time, source and id.

    What is from before the first day (registrations, applications, first listings, brands) comes first, dated as it
    was. The same settings give the same bytes. With more days the same comes first, without any difference: what lies
    beyond the end is cut off, nothing is shortened to fit. A plot adds its own and changes nothing else.
    """
    world = World(settings)
    return run(_lives(world, plots), world.end)


def _lives(world: World, plots: Sequence[Plot]) -> Iterator[Life]:
    promotions = Promotions(world)
    yield notices.registrations(world)
    yield world.buyers.past(world.start)
    yield from sellers.opening_sellers(world)
    yield sellers.arriving_sellers(world)
    yield world.buyers.daily(world.start)
    yield promotions.campaigns()
    yield promotions.claims()
    yield orders.shopping(world)
    yield orders.trends(world)
    yield browsing.looking(world)
    yield access.partners(world)
    yield access.canaries(world)
    yield access.exports(world)
    yield staff.working(world)
    yield notices.notices(world)
    yield notices.tests(world)
    for plot in plots:
        yield plot.plant(world, Stream.of(world.settings.seed, f"plot {plot.name}"))
