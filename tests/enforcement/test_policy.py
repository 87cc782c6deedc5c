"""The policy is read strictly: what is misspelt is refused, and named."""

from __future__ import annotations

from typing import get_args

import pytest

from agoranomos.enforcement.policy import parse_policy
from agoranomos.kernel.actors import ActorKind
from agoranomos.kernel.errors import Invalid
from tests.enforcement.builders import POLICY, SHIPPED, policy_with


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
        assert kind.undo is None or POLICY.kinds[kind.undo].undo == name


def test_lines_of_single_kinds_stand_beside_the_line_for_all() -> None:
    assert POLICY.lines("rule", "payment.freeze") == [("", 50), ("payment.freeze", 20)]
    assert POLICY.lines("rule", "listing.remove") == [("", 50)]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("subjects_max = 20", "subject_max = 20", "subject_max"),
        ("approval = false }", "aproval = false }", "aproval"),
        ('undo = "listing.restore"', 'undo = "listing.revive"', "kinds.listing.remove.undo"),
        ("[brake.model]", "[brake.modell]", "modell"),
        ("[brake.key]\nwindow_s = 3600\nsubjects_max = 50\n", "", "brake.key is missing"),
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
