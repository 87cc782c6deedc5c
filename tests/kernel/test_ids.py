"""Ids derived from content."""

from __future__ import annotations

from datetime import timedelta

from agoranomos.kernel.ids import derived, derived_at
from tests.builders import NOW


def test_parts_are_told_apart() -> None:
    assert derived("f", "ab", "c") != derived("f", "a", "bc")
    assert derived_at(NOW, "f", "ab", "c") != derived_at(NOW, "f", "a", "bc")
    assert derived("f", "a") == derived("f", "a")


def test_ids_with_a_moment_sort_by_it() -> None:
    moments = [NOW + timedelta(microseconds=10**power) for power in range(14)]
    ids = [derived_at(moment, "d", "listing", str(number)) for number, moment in enumerate(moments)]
    assert ids == sorted(ids)
    assert {len(each) for each in ids} == {len(derived("d", "listing"))}
