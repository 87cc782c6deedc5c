from __future__ import annotations

from collections import Counter

import pytest

from agoranomos.engine.market.plots.returning_seller import LEVELS, ReturningSeller, doctored
from agoranomos.engine.market.rhythm import DAY
from agoranomos.engine.market.sellers import new_person
from agoranomos.engine.market.shops import Person
from agoranomos.engine.market.streams import Stream
from tests.engine.market.builders import make_market, make_settings
from tests.engine.market.test_identity import resident_is_valid

PERSON = next(
    person
    for person in (new_person(Stream.of(3, "p").child(number)) for number in range(50))
    if person.id_kind == "cn_resident"
)
NEWS = [Stream.of(9, "tries").child(number) for number in range(300)]


def differing(one: Person, other: Person) -> set[str]:
    return {name for name in one.__struct_fields__ if getattr(one, name) != getattr(other, name)}


def test_level_one_changes_nothing() -> None:
    assert doctored(NEWS[0], PERSON, 1) == PERSON


def test_level_two_doctors_one_or_two_digits_and_mostly_mends_the_check() -> None:
    numbers = []
    for stream in NEWS:
        again = doctored(stream, PERSON, 2)
        assert differing(again, PERSON) <= {"id_number", "birth_date"}
        changed = sum(a != b for a, b in zip(again.id_number[:17], PERSON.id_number[:17], strict=True))
        assert 1 <= changed <= 2
        assert again.birth_date.replace("-", "") == again.id_number[6:14]
        numbers.append(again.id_number)
    valid = sum(map(resident_is_valid, numbers)) / len(numbers)
    assert 0.55 < valid < 0.80, "the check digit catches about a third"


def test_level_three_also_changes_name_and_phone_but_not_surname_device_or_home() -> None:
    for stream in NEWS:
        again = doctored(stream, PERSON, 3)
        assert differing(again, PERSON) <= {"id_number", "birth_date", "legal_name", "phone", "bank_account"}
        assert again.legal_name[0] == PERSON.legal_name[0]
        assert again.phone != PERSON.phone


def test_level_four_keeps_one_item() -> None:
    kept: Counter[str] = Counter()
    for stream in NEWS:
        again = doctored(stream, PERSON, 4)
        same = {"bank_account", "phone", "device_id", "address"} - differing(again, PERSON)
        assert len(same) == 1
        kept[same.pop()] += 1
        assert again.id_number != PERSON.id_number
    assert len(kept) == 4


@pytest.mark.slow
def test_every_one_was_closed_before_he_came_back() -> None:
    plot = ReturningSeller(per_level=2, tries=3)
    market = make_market(make_settings(45), plot)
    rows = [row for row in market.truth if row.plot == plot.name]
    people = {row.notes for row in rows}
    assert len(people) == 2 * len(LEVELS)
    applied = {event.data["seller_id"]: event for event in market.of("seller.applied")}
    stores = {event.data["store_id"]: event.data["seller_id"] for event in market.of("store.opened")}
    closed = {stores[e.data["store_id"]]: e for e in market.of("store.closed") if e.data["reason"] == "violation"}
    upheld = [event.data["seller_id"] for event in market.of("case.decided") if event.data["outcome"] == "upheld"
              and "seller_id" in event.data]  # fmt: skip
    for person in people:
        first, *again = [row for row in rows if row.notes == person]
        assert first.role == "closed"
        assert len(again) == 3
        assert {row.role for row in again} <= {f"level {level}" for level in LEVELS}
        assert upheld.count(first.subject_id) == 3
        assert all(applied[row.subject_id].at == row.started_at > closed[first.subject_id].at for row in again)
        assert closed[first.subject_id].at - applied[first.subject_id].at > 30 * DAY
