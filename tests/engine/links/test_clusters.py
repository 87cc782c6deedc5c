"""Groups: one link between two never makes them one, in whatever order links come."""

from __future__ import annotations

from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.links.clusters import groups

GROUP_MIN = 3


def test_a_closed_seller_and_his_eight_tries_are_one_group() -> None:
    assert groups([("root", f"try {number}") for number in range(8)], GROUP_MIN) == [
        ["root", *(f"try {number}" for number in range(8))]
    ]


def test_one_link_between_two_groups_is_cut() -> None:
    one = list(combinations(("a1", "a2", "a3", "a4"), 2))
    other = list(combinations(("b1", "b2", "b3"), 2))
    apart = [["a1", "a2", "a3", "a4"], ["b1", "b2", "b3"]]
    assert groups([*one, *other, ("a1", "b1")], GROUP_MIN) == apart
    assert groups([*one, *other, ("a1", "b1"), ("a2", "b2")], GROUP_MIN) == [[*apart[0], *apart[1]]]


def test_a_pair_joins_by_one_link() -> None:
    assert groups([("a", "b"), ("b", "c"), ("c", "d")], GROUP_MIN) == [["a", "b", "c", "d"]]


graph = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40)


@given(graph, graph, st.integers(0, 14), st.integers(0, 14))
def test_a_bad_link_glues_no_two_groups(
    one: list[tuple[int, int]], other: list[tuple[int, int]], a: int, b: int
) -> None:
    left = [(f"a{x:02}", f"a{y:02}") for x, y in one]
    right = [(f"b{x:02}", f"b{y:02}") for x, y in other]
    before = groups(left + right, GROUP_MIN)
    after = groups([*left, *right, (f"a{a:02}", f"b{b:02}")], GROUP_MIN)
    large = [group for group in before if len(group) >= GROUP_MIN]
    for group in after:
        held = [each for each in large if len(set(each) & set(group)) >= GROUP_MIN]
        assert len({each[0][0] for each in held}) <= 1, "no group holds much of a group of either side"


@given(graph, st.randoms(use_true_random=False))
def test_the_order_of_links_changes_nothing(links: list[tuple[int, int]], random: Random) -> None:
    pairs = [(str(x), str(y)) for x, y in links]
    turned = [(y, x) for x, y in pairs]
    random.shuffle(turned)
    assert groups(pairs, GROUP_MIN) == groups(turned, GROUP_MIN)
    assert all(len(group) > 1 for group in groups(pairs, GROUP_MIN))
