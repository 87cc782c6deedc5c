"""Insiders: how many of the clerks who do wrong are found in made markets, and how many honest ones are blamed."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date

from agoranomos.access.insiders.monitor import HEARS, InsiderMonitor
from agoranomos.access.insiders.policy import load_policy
from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.plots.corrupt_clerk import CorruptClerk
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding

SEEDS = (5201, 5202, 5203, 5204, 5205, 5206, 5207, 5208)
"""Nothing was chosen by these."""
CODE_OF = {
    "favouring": "staff.clears_for_seller", "looking": "staff.looks_without_case",
    "mutual": "staff.approves_for_each_other", "night": "staff.exports_at_night",
    "restoring": "staff.restores_removed",
}  # fmt: skip


def told(seed: int, plot: CorruptClerk) -> tuple[list[Event], list[Truth], int]:
    """The events that the monitor hears, the truth, and how many events there are in all."""
    events, truth, count = list[Event](), list[Truth](), 0
    for each in generate(Settings(seed=seed, start=date(2026, 1, 1), days=32, sellers=40, buyers=400), [plot]):
        if isinstance(each, Truth):
            truth.append(each)
        else:
            count += 1
            if each.type in HEARS:
                events.append(parse_event(each.raw()))
    return events, truth, count


def found(events: list[Event]) -> list[Finding]:
    """What the monitor says, in the end."""
    run = Run([InsiderMonitor(load_policy())])
    said = [*run.feed(events), *run.pass_until(events[-1].time)]
    return list({each.id: each for each in said if isinstance(each, Finding)}.values())


def cost() -> str:
    """What an event of an ordinary market costs."""
    count, events = 0, list[Event]()
    for each in generate(Settings(seed=3, start=date(2026, 1, 1), days=5, sellers=200, buyers=20_000)):
        if not isinstance(each, Truth):
            count += 1
            if each.type in HEARS:
                events.append(parse_event(each.raw()))
    began = time.process_time()
    found(events)
    seconds = time.process_time() - began
    return f"{1e6 * seconds / count:.2f} µs of CPU for each of {count:,} events of a market of 20,000 buyers"


def rows(seeds: tuple[int, ...], plot: CorruptClerk) -> Iterator[str]:
    """What was found, by kind of wrong."""
    there, hit, blamed, honest = Counter[str](), Counter[str](), list[str](), 0
    seconds = events_all = wrong_found = 0.0
    for seed in seeds:
        events, truth, count = told(seed, plot)
        began = time.process_time()
        findings = found(events)
        seconds += time.process_time() - began
        events_all += count
        role = {each.subject_id: each.role for each in truth if each.plot == plot.name and each.kind == "plot"}
        like = {each.subject_id: each.notes or each.plot for each in truth if each.kind == "lookalike"}
        pairs = {(each.code, each.subject.id) for each in findings}
        people = {staff_id for _, staff_id in pairs}
        for staff_id, what in role.items():
            there[what] += 1
            hit[what] += (CODE_OF[what], staff_id) in pairs
        wrong_found += len(people & role.keys())
        honest += len({each.data["staff_id"] for each in events if each.type == "staff.acted"} - role.keys())
        blamed += [f"{code}: {like.get(who, 'ordinary')}" for code, who in sorted(pairs) if who not in role]
    for what in CODE_OF:
        yield f"{what:12} {hit[what]:>3} of {there[what]:>3}"
    yield f"recall {hit.total() / there.total():.2f}"
    precision = wrong_found / max(1.0, wrong_found + len(blamed))
    yield f"precision {precision:.2f}; blamed {len(blamed)} of {honest}: {blamed}"
    yield f"{1e6 * seconds / events_all:.2f} µs of CPU for each event of the market"


if __name__ == "__main__":
    sys.stdout.write(cost() + "\n")
    for percent in (100, 60):
        for row in rows(tuple(map(int, sys.argv[1:])) or SEEDS, CorruptClerk(percent=percent)):
            sys.stdout.write(f"{percent:>4} %  {row}\n")
