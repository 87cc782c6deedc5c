"""Rings: two independent ways of being tied make one, one way never does."""

from __future__ import annotations

import numpy as np

from agoranomos.engine.rings.uniting import Tie, united

FAMILY = {"device": "place", "network": "place", "payee": "money"}


def tie(kind: str, *held: tuple[int, int], holders_max: int = 10) -> Tie:
    people = np.array([person for person, _ in held], np.int32)
    keys = np.array([key for _, key in held], np.int32)
    return Tie(kind, people, keys, int(keys.max(initial=0)) + 1, holders_max)


def groups(*ties: Tie) -> list[list[int]]:
    return [group.tolist() for group in united(ties, FAMILY, 12, 3)]


def test_two_families_of_ties_make_a_ring_and_one_does_not() -> None:
    devices = tie("device", (0, 0), (1, 0), (2, 0), (5, 1), (6, 1), (7, 1))
    networks = tie("network", (5, 3), (6, 3), (7, 3))
    assert groups(devices, networks) == [], "a household has one device and one network"
    assert groups(devices, networks, tie("payee", (0, 4), (1, 4), (2, 4), (9, 4))) == [[0, 1, 2]]


def test_chains_hold_within_a_family_and_need_the_other_as_well() -> None:
    devices = tie("device", (0, 0), (1, 0), (1, 1), (2, 1), (3, 2), (4, 2))
    payees = tie("payee", *[(person, 0) for person in range(5)])
    assert groups(devices, payees) == [[0, 1, 2]], "3 and 4 are a pair of their own"


def test_a_key_that_too_many_hold_ties_nobody() -> None:
    devices = tie("device", *[(person, 0) for person in range(5)])
    assert groups(devices, tie("payee", *[(person, 0) for person in range(12)])) == []
    assert groups(devices, tie("payee", *[(person, 0) for person in range(12)], holders_max=12)) == [[0, 1, 2, 3, 4]]


def test_nothing_is_tied_by_nothing() -> None:
    assert groups() == []
    assert groups(tie("device"), tie("payee")) == []
