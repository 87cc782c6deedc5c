"""The features of readers: counted as one would by hand, and crawlers stand out from people."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.access.harvest.judging import of_visitor
from agoranomos.access.harvest.policy import load_policy
from agoranomos.access.reach.days import days_of
from agoranomos.access.reach.windows import WINDOWS, Windows
from agoranomos.kernel.calendar import begins, day_of

DAY = 86_400_000_000
POLICY = load_policy()
PAIRS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(0, 40), st.integers(1, 3)), max_size=60)


def collected(rows: list[tuple[int, int, int, int]]) -> Windows:
    windows = Windows()
    for start in range(0, len(rows), 7):
        part = np.array(rows[start : start + 7], np.int64).reshape(-1, 4)
        windows.add_pairs(
            part[:, 0].astype(np.uint64), part[:, 1].astype(np.uint64), part[:, 2] * DAY, part[:, 3].astype(np.uint64),
            np.zeros(len(part), np.bool_),
        )  # fmt: skip
    return windows


@given(PAIRS)
def test_reads_and_people_are_counted_as_by_hand(rows: list[tuple[int, int, int, int]]) -> None:
    found = {row["principal"]: row for row in collected(rows).features(40).to_pylist()}
    assert set(found) == {row[0] for row in rows}
    for window in WINDOWS:
        inside = [row for row in rows if row[2] > 40 - window]
        reads = Counter(row[0] for row in inside)
        people = Counter(pair[0] for pair in {(row[0], row[1]) for row in inside})
        for principal, row in found.items():
            assert (row[f"reads_{window}"], row[f"people_{window}"]) == (reads[principal], people[principal])


def test_days_are_those_of_the_calendar() -> None:
    moment = datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert day_of(moment) == day_of(moment - timedelta(microseconds=1)) + 1
    assert begins(day_of(moment)) == moment
    micros = np.array([(moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)])
    assert days_of(micros).tolist() == [day_of(moment)]


def a_week(crawlers: int, *, seed: int = 5) -> tuple[dict[str, Any], Any]:
    """People who look at whom others look at, and `crawlers` who share the rest among them under a client of their own:
    20 people a day each.
    """
    draw = np.random.default_rng(seed)
    people, subjects = 600, 40_000
    weights = np.cumsum(1.0 / np.arange(1, subjects + 1) ** 0.9)
    windows, order = Windows(), draw.permutation(subjects)
    for day in range(7):
        who = draw.integers(0, people, people * 6)
        seen = np.searchsorted(weights, draw.random(len(who)) * weights[-1])
        mine = np.arange(crawlers * 20)
        who, groups = np.append(who, people + mine % max(crawlers, 1)), np.append(who % 12, np.full(len(mine), 99))
        seen = np.append(seen, order[(day * len(mine) + mine) % subjects])
        windows.add_pairs(
            (who + 1).astype(np.uint64), (seen + 1).astype(np.uint64), np.full(len(who), day * DAY),
            (groups + 1).astype(np.uint64), np.zeros(len(who), np.bool_),
        )  # fmt: skip
    table = windows.features()
    return {name: table[name].to_numpy() for name in table.column_names}, table["principal"].to_numpy() > people


def test_shards_read_whom_nobody_reads_and_nothing_twice() -> None:
    found, crawls = a_week(40)
    assert found["excess_7"][crawls].min() > found["excess_7"][~crawls].max()
    assert np.nanmax(found["group_overlap_7"][crawls]) < 0.3
    assert np.abs(found["group_overlap_7"][~crawls] - 1.0).max() < 0.2
    assert (found["group_readers_7"][crawls] == 40).all()


def test_without_crawlers_nobody_stands_out() -> None:
    found, _ = a_week(0)
    assert found["excess_7"].max() < 4.5
    assert abs(np.median(found["excess_7"])) < 0.3


@pytest.mark.parametrize("rows", [[], [(1, 1, 0, 1)], [(1, 1, 39, 1), (2, 1, 39, 2)]])
def test_little_is_no_trouble(rows: list[tuple[int, int, int, int]]) -> None:
    assert collected(rows).features(40).num_rows == len({row[0] for row in rows})


def heavy_and_light(*, fleet: int, crawl: float, seed: int = 5) -> dict[str, Any]:
    """A week of people who read a little, and of `fleet` readers with one client who read twenty a day: of each hundred
    `crawl` * 100 of them go through everybody, the others are chosen as people choose.
    """
    draw = np.random.default_rng(seed)
    people, subjects = 600, 4_000
    weights = np.cumsum(1.0 / np.arange(1, subjects + 1))
    windows, order, place = Windows(), draw.permutation(subjects), 0
    for day in range(7):
        light, heavy = draw.integers(0, people, people), np.repeat(np.arange(fleet), 20) + people
        who = np.append(light, heavy)
        seen = np.searchsorted(weights, draw.random(len(who)) * weights[-1])
        crawls = np.flatnonzero((who >= people) & (draw.random(len(who)) < crawl))
        seen[crawls] = order[(place + np.arange(len(crawls))) % subjects]
        place += len(crawls)
        groups = np.where(who >= people, 99, who % 6)
        windows.add_pairs(
            (who + 1).astype(np.uint64), (seen + 1).astype(np.uint64), np.full(len(who), day * DAY),
            (groups + 1).astype(np.uint64), np.zeros(len(who), np.bool_),
        )  # fmt: skip
        wrote = np.arange(0, people, 2)
        windows.add_pairs(
            (wrote + 1).astype(np.uint64), np.zeros(len(wrote), np.uint64), np.full(len(wrote), day * DAY),
            (wrote % 6 + 1).astype(np.uint64), np.ones(len(wrote), np.bool_),
        )  # fmt: skip
    table = windows.features()
    mine = table["principal"].to_numpy() > people
    return {name: table[name].to_numpy()[mine] for name in table.column_names}


def test_who_reads_much_as_people_do_is_as_usual_as_who_reads_little() -> None:
    """They come back to whom everybody reads, which counts once: what is left is rarer, and nothing is wrong."""
    for fleet in (1, 5, 40):
        found = heavy_and_light(fleet=fleet, crawl=0.0)
        assert np.abs(found["excess_7"]).max() < 3.5, fleet
        assert abs(found["excess_7"].mean()) < 1.0, fleet


def test_a_fleet_of_which_each_looks_like_people_stands_out_as_one() -> None:
    mimics, people = heavy_and_light(fleet=40, crawl=0.1), heavy_and_light(fleet=40, crawl=0.0)
    assert np.median(mimics["excess_7"]) < 3.5, "no one of them is told from people"
    assert of_visitor({**row_of(people)}, POLICY).score < 0.05
    found = of_visitor(row_of(mimics), POLICY)
    assert found.score >= POLICY.report_line
    assert "access.seldom_together" in {each.code for each in found.reasons}
    assert of_visitor({**row_of(mimics), "writes_7": 1}, POLICY).score < 0.05, "who buys something is no part of it"
    assert of_visitor({**row_of(mimics), "group_overlap_7": 1.1}, POLICY).score < 0.05, "a club reads the same people"
    assert of_visitor({**row_of(mimics), "group_readers_7": 9}, POLICY).score < 0.05


def row_of(found: dict[str, Any]) -> dict[str, Any]:
    """The reader in the middle of a fleet."""
    at = int(np.argsort(found["excess_7"])[len(found["excess_7"]) // 2])
    return {name: values[at].item() for name, values in found.items()}
