"""Over a store: what follows the log says what a history says, and what it asks for is done without a question."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import msgspec

from agoranomos.enforcement import queries as enforced
from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event as Told
from agoranomos.engine.market.plots.deletion_pressure import DeletionPressure
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings
from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.intake.actions import accept
from agoranomos.intake.queries import read_after
from agoranomos.judgements.queries import About, list_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.reviews.numbers import monitor as numbers
from agoranomos.reviews.numbers.telling import NAME as NUMBERS
from agoranomos.reviews.pressure import monitor as pressure
from agoranomos.reviews.pressure.telling import NAME as PRESSURE
from agoranomos.rules.keeping import keep_outputs
from tests.reviews.numbers.builders import ACTIONS, VAULT, Desk

PLOT = DeletionPressure(day=1, days=8, stores=2, kind=1, critics=10)


@lru_cache(maxsize=1)
def market() -> tuple[list[Event], dict[str, str]]:
    """What both monitors hear of a small market with the plot, in order; and the part of each store in it."""
    made = list(generate(Settings(seed=3, start=date(2026, 3, 2), days=22, sellers=10, buyers=200), [PLOT]))
    hears = {*numbers.HEARS, *pressure.HEARS}
    events = [parse_event(each.raw()) for each in made if isinstance(each, Told) and each.type in hears]
    roles = {
        each.subject_id: each.role for each in made
        if isinstance(each, Truth) and each.plot == PLOT.name and each.subject_kind == "store"
    }  # fmt: skip
    return sorted(events, key=lambda each: (each.time, each.source, each.id)), roles


def replayed(desk: Desk, name: str) -> list[Output]:
    """What a monitor of the desk says of that history."""
    return Run([desk.rooms.followed()[name]()]).feed(market()[0])


def test_the_plot_is_found(store: Store) -> None:
    _, roles = market()
    said = replayed(Desk(store), PRESSURE)
    named = {each.subject.id for each in said if isinstance(each, Finding)}
    assert {roles.get(each) for each in named} == {"calling", "paying"}
    assert len(named) == 2
    late = {
        each.subject.id for each in replayed(Desk(store), NUMBERS)
        if isinstance(each, Finding) and each.code == "reviews.calls_after_expiry"
    }  # fmt: skip
    assert {roles.get(each) for each in late} == {"calling", "paying"}, "they ring from an old list"


def test_live_says_what_a_history_says(store: Store) -> None:
    events, _ = market()
    desk, until = Desk(store), events[-1].time + timedelta(days=2)
    with store.transaction() as connection:
        accept(connection, VAULT, events, now=events[-1].time)
    for name in (NUMBERS, PRESSURE):
        live = Live(
            store, desk.rooms.followed()[name], read_after=read_after, mine=lambda _: None,
            keep=lambda connection, said, now: keep_outputs(connection, said, now, policy=ACTIONS),
        )  # fmt: skip
        while not live.step(until).idle:
            pass
    said = [*replayed(desk, NUMBERS), *replayed(desk, PRESSURE)]
    newest = {each.id: each for each in said if isinstance(each, Finding)}
    asked = {each.id: each for each in said if isinstance(each, Action)}
    with store.reading() as connection:
        found = list_findings(connection, About(), after=None, limit=500)
        done = enforced.listed(connection, enforced.About(), after=None, limit=500)
    assert {each.id: msgspec.json.encode(each, order="sorted") for each in found} == {
        name: msgspec.json.encode(each, order="sorted") for name, each in newest.items()
    }  # fmt: skip
    assert {each.id: each.status for each in done} == dict.fromkeys(asked, "pending")
    assert {each.kind for each in done} == {"contact.block", "number.expire"}
