from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.market.streams import Stream


def test_draws_are_those_of_splitmix64() -> None:
    # Seed 1234567, from the reference implementation (Vigna, splitmix64.c), as test suites of other languages quote it.
    stream = Stream(1234567)
    assert [stream.bits() for _ in range(3)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_a_child_does_not_depend_on_what_was_drawn() -> None:
    fresh, used = Stream.of(7, "a"), Stream.of(7, "a")
    for _ in range(100):
        used.random()
    assert fresh.child("x").bits() == used.child("x").bits()
    assert fresh.child(3).bits() == used.child(3).bits()


def test_streams_differ_by_seed_name_and_number() -> None:
    roots = [Stream.of(seed, name) for seed in range(20) for name in ("a", "b")]
    keys = {child for root in roots for child in (root.key, *(root.child(n).key for n in range(-50, 50)))}
    assert len(keys) == len(roots) * 101


@given(st.integers(0, 2**64 - 1), st.integers(1, 10**6))
def test_draws_keep_their_bounds(key: int, count: int) -> None:
    stream = Stream(key)
    assert 0.0 <= stream.random() < 1.0
    assert 0 <= stream.below(count) < count
    assert -5 <= stream.between(-5, count) <= count
    assert stream.pick("abc", (1.0, 1.5, 4.0)) in "abc"
    assert sorted(stream.sample(range(10), 20)) == list(range(10))
    assert stream.poisson(0.0) == 0


def test_pick_follows_the_weights() -> None:
    stream = Stream.of(1, "pick")
    drawn = [stream.pick("ab", (1.0, 4.0)) for _ in range(20_000)]
    assert abs(drawn.count("a") / len(drawn) - 0.25) < 0.02


def test_distributions_have_their_means() -> None:
    stream = Stream.of(1, "means")
    many = range(20_000)
    assert abs(statistics.fmean(stream.exponential(3.0) for _ in many) - 3.0) < 0.1
    assert abs(statistics.median(stream.lognormal(12.0, 0.8) for _ in many) - 12.0) < 0.4
    assert abs(statistics.fmean(stream.gamma(0.4) for _ in many) - 1.0) < 0.05
    assert abs(statistics.fmean(stream.gamma(3.0) for _ in many) - 1.0) < 0.03
    assert min(stream.pareto(2.0, 1.5) for _ in many) >= 2.0


def test_poisson_has_its_mean_and_variance() -> None:
    stream = Stream.of(1, "poisson")
    for mean in (0.3, 4.0, 29.0, 200.0):
        drawn = [stream.poisson(mean) for _ in range(20_000)]
        assert abs(statistics.fmean(drawn) / mean - 1.0) < 0.04
        assert abs(statistics.variance(drawn) / mean - 1.0) < 0.08
