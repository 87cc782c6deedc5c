"""In a replay several desks that ask for one thing are one action, and who lifts it waits for the others."""

from __future__ import annotations

from typing import Any

from agoranomos.enforcement.model import Want
from agoranomos.enforcement.replayed import Joined
from agoranomos.kernel.actions import Action
from agoranomos.kernel.findings import Subject
from tests.enforcement.builders import POLICY


def said(kind: str, by: str, because: str, status: str = "pending", subject: str = "l1", **params: Any) -> Action:
    want = Want(kind, Subject("listing", subject), params)
    return Action(
        id=want.action_id((because,)), at=f"2026-01-0{because[-1]}T00:00:00Z", kind=kind, subject=want.subject,
        params=params, because=(because,), requested_by=f"model:{by}", status=status,  # type: ignore[arg-type] # one
    )  # fmt: skip


def test_who_asks_for_what_stands_adds_a_reason() -> None:
    first, second = said("listing.remove", "a", "f1"), said("listing.remove", "b", "f2", notice_id="n")
    told = list(Joined(POLICY)([first, second, second, first, said("listing.remove", "a", "f3", subject="l2")]))
    assert [(each.id, each.because) for each in told if isinstance(each, Action)][:2] == [
        (first.id, ("f1",)), (first.id, ("f1", "f2")),
    ]  # fmt: skip
    assert len(told) == 3
    assert isinstance(told[1], Action)
    assert told[1].at == second.at


def test_who_lifts_waits_for_the_others() -> None:
    joined = Joined(POLICY)
    first, second = said("listing.remove", "a", "f1"), said("listing.remove", "b", "f2")
    lift_a, lift_b = said("listing.restore", "a", "c3"), said("listing.restore", "b", "c4")
    assert list(joined([first, second, lift_a, lift_a, lift_b]))[2:] == [lift_b]
    again = said("listing.remove", "a", "f5")
    assert list(joined([again])) == [again], "what was lifted is asked for anew"


def test_what_waits_for_a_person_holds_up_nobody_who_need_not() -> None:
    waits, acts = said("listing.remove", "a", "f1", "proposed"), said("listing.remove", "b", "f2")
    assert list(Joined(POLICY)([waits, acts])) == [waits, acts]


def test_other_kinds_are_said_each_and_once() -> None:
    one, two = said("order.refund", "a", "f1"), said("order.refund", "b", "f2")
    assert list(Joined(POLICY)([one, two, one])) == [one, two]


def test_who_was_told_is_told_again_only_when_more_is_known() -> None:
    def inform(by: str, because: str, offer: str, listing: str = "l1", kind: str = "buyer.inform") -> Action:
        return said(kind, by, because, subject="o1", offer=offer, listing_id=listing)

    first, same = inform("a", "f1", "return"), inform("b", "f2", "return")
    more, less = inform("b", "f3", "refund"), inform("a", "f4", "return")
    other = inform("a", "f5", "return", "l2")
    told = list(Joined(POLICY)([first, same, more, less, other]))
    assert [each.id for each in told if isinstance(each, Action)] == [first.id, first.id, more.id, more.id, other.id]
    # Whoever says that it was not confirmed speaks of what he said himself.
    joined = Joined(POLICY)
    back_b, back_a = (inform(by, "c6", "return", kind="buyer.correct") for by in ("b", "a"))
    assert list(joined([first, same, back_b, back_a]))[2:] == [back_a]
