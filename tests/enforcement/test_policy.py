"""The policy is read strictly: what is misspelt is refused, and named."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from agoranomos.enforcement.policy import parse_policy
from agoranomos.kernel.actors import ActorKind
from agoranomos.kernel.errors import Invalid
from tests.enforcement.builders import POLICY, SHIPPED, policy_with

BRAKE_OF_KEYS = SHIPPED[SHIPPED.index("[brake.key]") : SHIPPED.index("# Timers")]


def test_a_kind_without_a_name_waits_for_a_person() -> None:
    assert POLICY.entry("listing.remove") == POLICY.kind("listing.remove")
    assert POLICY.entry("listing.paint").approval
    assert POLICY.entry("listing.paint").undo is None
    with pytest.raises(Invalid, match="does not name"):
        POLICY.kind("listing.paint")


@pytest.mark.parametrize(("live", "most"), [(1, 10), (1_000, 10), (1_099, 10), (1_100, 11), (1_000_000, 10_000)])
def test_a_share_grows_with_what_is_live_from_a_floor_on(live: int, most: int) -> None:
    assert POLICY.brake["rule"].shares["listing"].subjects_max(live) == most


def test_the_shipped_policy_knows_every_kind_of_the_contract_and_every_actor() -> None:
    named = (
        "listing.remove seller.warn seller.deduct_points store.suspend store.close payment.freeze payment.release "
        "coupon.void coupon.replace campaign.stop principal.throttle principal.suspend review.hold review.release"
    )
    assert set(named.split()) <= set(POLICY.kinds)
    assert set(POLICY.brake) == set(get_args(ActorKind))
    assert POLICY.version.startswith("1+")


def test_what_takes_back_is_taken_back_by_what_it_takes_back() -> None:
    for name, kind in POLICY.kinds.items():
        if kind.undo is not None:
            back = POLICY.kinds[kind.undo].undo  # for one of two that are taken back alike, it is the stronger
            assert back is not None, name
            assert POLICY.kinds[back].undo == kind.undo, name


def test_lines_of_single_kinds_stand_beside_the_line_for_all() -> None:
    assert POLICY.lines("rule", "payment.freeze") == [("", 50), ("payment.freeze", 20)]
    assert POLICY.lines("rule", "listing.remove") == [("", 50)]


def money(amount: int, currency: str = "CNY") -> dict[str, Any]:
    return {"amount": {"amount": amount, "currency": currency}}


def test_much_money_at_once_takes_a_second_person() -> None:
    refund = POLICY.kind("order.refund")
    line = refund.approval_above["CNY"]
    assert not refund.needs_approval([money(line - 1), money(1)])
    assert refund.needs_approval([money(line), money(1)])
    assert not refund.needs_approval([money(line), money(1, "EUR"), {}])
    assert refund.needs_approval([money(1, "JPY")]), "a currency without a line"
    assert POLICY.kind("store.close").needs_approval([{}])
    assert not POLICY.kind("listing.remove").needs_approval([money(line + 1)])


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("approval_above = { CNY", "approval_above = { RMB", "RMB"),
        ("subjects_max = 20", "subject_max = 20", "subject_max"),
        ("approval = false, undo", "aproval = false, undo", "aproval"),
        ('undo = "listing.restore"', 'undo = "listing.revive"', "kinds.listing.remove.undo"),
        ("[brake.model]", "[brake.modell]", "modell"),
        (BRAKE_OF_KEYS, "", "brake.key is missing"),
        ("listing = { percent = 1,", "listing = { percent = 0,", "percent"),
        ("store = { percent = 1,", "stall = { percent = 1,", "stall"),
        ("[unnamed]\napproval = true", "[unnamed]\napproval = false", "unnamed"),
        ("[unnamed]\napproval = true\n", "", "unnamed"),
        ("deliveries_s = 2592000", "deliveries_days = 30", "deliveries_days"),
        ('kinds = { "payment.freeze" = 20 }', 'kinds = { "payment.frieze" = 20 }', "payment.frieze"),
        ("attempts_max = 12", "attempts_max = 0", "attempts_max"),
        ("window_s = 3600", 'window_s = "1h"', "window_s"),
        ('version = "1"', "version = 1", "version"),
        ("[webhooks]", "[webhooks", "TOML"),
    ],
)
def test_what_cannot_be_used_is_named(old: str, new: str, named: str) -> None:
    with pytest.raises(Invalid, match=named.replace(".", r"\.")):
        policy_with((old, new))


def test_an_edit_shows_in_the_version() -> None:
    assert parse_policy(SHIPPED.encode() + b"\n# another day\n").version != POLICY.version
