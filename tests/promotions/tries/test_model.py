"""The rules of trying codes: what is free, how waits grow, what is forgotten, and that the book names nobody."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.promotions.budgets.model import Asked
from agoranomos.promotions.tries.model import Book, Tried, after_miss, keys_of
from agoranomos.promotions.tries.policy import Tries
from tests.builders import NOW

POLICY = Tries()
HOUR = timedelta(hours=1)


def asked(account: str = "a", device: str | None = "d", network: str = "10.1.2.0/24", campaign: str = "c1") -> Asked:
    return Asked(
        coupon_id="k", campaign_id=campaign, account_id=account, at=NOW, source="s", event_id="e", device_id=device,
        network=network,
    )  # fmt: skip


def test_some_misses_are_free_and_each_further_one_waits_twice_as_long() -> None:
    known, waits = None, []
    at = NOW
    for _ in range(24):
        known = after_miss(known, "account", at, POLICY, guarded=False)
        waits.append(0 if known.until is None else int((known.until - at).total_seconds()))
        at = known.until or at
    assert waits[:8] == [0, 0, 0, 0, 0, 30, 60, 120]
    assert waits[-1] == POLICY.most_s
    assert waits == sorted(waits)


def test_whoever_tries_without_rest_gets_fewer_than_twenty_tries_in_a_day() -> None:
    known, at, tries = None, NOW, 0
    while at < NOW + timedelta(days=1):
        known = after_miss(known, "account", at, POLICY, guarded=False)
        at, tries = known.until or at, tries + 1
    assert tries < 20


def test_what_was_long_ago_does_not_count_but_a_wait_does_not_end_by_waiting() -> None:
    many = Tried(9, NOW, NOW + HOUR)
    assert after_miss(many, "account", NOW + 2 * HOUR, POLICY, guarded=False).misses == 10
    assert after_miss(many, "account", NOW + 2 * HOUR + timedelta(seconds=1), POLICY, guarded=False).misses == 1


def test_under_many_names_each_name_has_less() -> None:
    book = Book({})
    for number in range(POLICY.campaign):
        assert book.wait_s(asked(f"a{number}", f"d{number}", f"10.{number // 250}.{number % 250}.0/24"), NOW) is None
        said = book.told(asked(f"a{number}", f"d{number}", f"10.{number // 250}.{number % 250}.0/24"), NOW, POLICY)
        assert [each.code for each in said] == (
            ["promotions.codes_tried_widely"] if number + 1 == POLICY.campaign else []
        )
    fresh = asked("new", "new", "192.0.2.0/24")
    assert book.wait_s(fresh, NOW) is None, "a campaign shuts nobody out"
    book.missed(fresh, NOW, POLICY)
    assert book.wait_s(fresh, NOW) is None, "one typing error is free, also then"
    book.missed(fresh, NOW, POLICY)
    assert book.wait_s(fresh, NOW) == POLICY.first_s
    elsewhere = asked("other", "other", "198.51.100.0/24", campaign="c2")
    for _ in range(POLICY.account):
        book.missed(elsewhere, NOW, POLICY)
    assert book.wait_s(elsewhere, NOW) is None, "another campaign is not under attack"


@pytest.mark.parametrize(
    ("other", "waits"),
    [
        (asked("b", "d", ""), True),
        (asked("a", "x", ""), True),
        (asked("b", None, "10.1.2.0/24"), False),
        (asked("a", "x", "", campaign="c2"), True),
        (asked("b", "x", ""), False),
    ],
)
def test_account_and_device_are_shut_out_wherever_they_go(other: Asked, waits: bool) -> None:
    book = Book({})
    for _ in range(POLICY.account + 1):
        book.missed(asked(), NOW, POLICY)
    assert (book.wait_s(other, NOW) is not None) is waits


def test_a_network_is_shut_out_when_many_accounts_of_it_miss() -> None:
    book = Book({})
    for number in range(POLICY.network + 1):
        book.missed(asked(f"a{number}", f"d{number}"), NOW, POLICY)
    assert book.wait_s(asked("new", "new"), NOW) == POLICY.first_s
    assert book.wait_s(asked("new", "new"), NOW + timedelta(seconds=POLICY.first_s)) is None


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9_999)), max_size=60))
def test_the_book_is_bounded_and_names_nobody(misses: list[tuple[int, int]]) -> None:
    book, at = Book({}, most=10), NOW
    for who, seconds in misses:
        at += timedelta(seconds=seconds)
        book.missed(asked(f"account-{who}", f"device-{who}", "network-1"), at, POLICY)
        assert len(book.tried) <= 10
    assert not any(word in repr(book) for word in ("account-", "device-", "network-1"))


def test_the_book_survives_a_stop_of_a_replay() -> None:
    book = Book({})
    for number in range(POLICY.account + 2):
        book.missed(asked(), NOW + timedelta(minutes=number), POLICY)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(book), type=Book) == book


def test_who_has_no_device_and_no_network_has_no_keys_of_them() -> None:
    assert [key.kind for key in keys_of(asked(device=None, network=""))] == ["account", "campaign"]
