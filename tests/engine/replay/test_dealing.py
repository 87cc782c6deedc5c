"""Seats are dealt so that the last process ends early; who needs the same sits together where that pays."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from agoranomos.engine.replay.dealing import READ_US, START_US, dealt, events_in
from agoranomos.engine.replay.desks import Seat
from agoranomos.engine.stream.lines import event_files
from tests.drawing import examples


def seats(*given: tuple[str, float, tuple[str, ...]]) -> list[Seat]:
    return [Seat(name, list, cost_us, needs) for name, cost_us, needs in given]


def test_everybody_sits_somewhere_and_the_dearest_apart() -> None:
    five = seats(("a", 5, ()), ("b", 4, ()), ("c", 3, ()), ("d", 1, ()), ("e", 0.1, ()))
    assert dealt(five, {}, 1, 1_000) == [[0, 1, 2, 3, 4]]
    assert dealt(five, {}, 2, 1_000) == [[0, 3, 4], [1, 2]]
    assert dealt(five, {}, 9, 1_000) == [[0], [1], [2], [3], [4]], "nobody waits at an empty table"
    assert dealt(five, {}, 2, 0) == [[0, 1, 2, 3, 4]], "for nothing nobody is called"


def test_what_is_dear_to_get_ready_is_shared_in_a_short_history_and_not_in_a_long_one() -> None:
    given = seats(("a", 2, ("code",)), ("b", 2, ("code",)), ("c", 5, ()), ("d", 6, ()))
    assert dealt(given, {"code": 1_000_000}, 2, 100_000) == [[0, 1, 2], [3]]
    assert dealt(given, {"code": 1_000_000}, 2, 1_000_000) == [[0, 2], [1, 3]]


def test_who_hears_what_few_others_hear_sits_together() -> None:
    many = (("b", 5, ()), ("d", 4, ()), ("e", 1, ()), ("f", 1, ()), ("g", 1, ()))
    given = seats(("a", 5.5, ("reads",)), ("c", 4.5, ("reads",)), *many)
    assert dealt(given, {}, 2, 1_000, {"reads": 3.0}) == [[0, 1], [2, 3, 4, 5, 6]]
    assert dealt(given, {}, 2, 1_000, {"reads": 30.0}) == [[0, 1], [2, 3, 4, 5, 6]]


@pytest.mark.parametrize("seed", range(4))
def test_no_deal_is_much_better(seed: int) -> None:
    draw = random.Random(seed)
    ready = {"x": 300_000.0, "y": 150_000.0}
    for _ in range(examples(25)):
        given = seats(
            *(
                (str(n), draw.choice((0.1, 1, 2, 5, 9)), tuple(draw.sample(["x", "y"], draw.randint(0, 2))))
                for n in range(7)
            )
        )
        events = draw.choice((1_000, 50_000, 1_000_000))

        def ends(shares: list[list[int]], given: list[Seat] = given, events: int = events) -> float:
            needs = [{need for n in share for need in given[n].needs} for share in shares]
            prepares = [sum(ready[need] for need in sorted(each)) for each in needs]
            begins = max(*prepares, (START_US + events * READ_US + sum(prepares)) / len(shares))
            return begins + events * max(sum(given[n].cost_us for n in share) for share in shares)

        shares = dealt(given, ready, 2, events)
        assert sorted(itertools.chain(*shares)) == [*range(7)]
        best = min(
            ends([[n for n in range(7) if choice >> n & 1 == side] for side in (0, 1)]) for choice in range(1 << 7)
        )
        assert ends(shares) <= 4 / 3 * best


def test_about_how_many_events_files_hold(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"x" * 31_000)
    (tmp_path / "b.jsonl.gz").write_bytes(b"x" * 31_000)
    assert events_in(event_files([tmp_path / "a.jsonl"])) == 100
    assert events_in(event_files([tmp_path])) == 900
