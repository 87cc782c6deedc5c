"""Claims and people for tests of rings, from what each test is about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agoranomos.promotions.tracing.judging import rings
from agoranomos.promotions.tracing.model import Claim, Person, Ring
from agoranomos.promotions.tracing.policy import load_policy
from tests.builders import NOW

POLICY = load_policy()


def claim(account: str, number: int = 0, hours: float = 0.0, campaign: str = "c1", **ties: Any) -> Claim:
    """A coupon that an account took, `hours` after the campaign began."""
    name = f"{account}/{campaign}/{number}"
    return Claim(
        account_id=account, campaign_id=campaign, coupon_id=name, at=NOW + timedelta(hours=hours), value=1_000,
        spent=True, event_id=f"e-{name}", **ties,
    )  # fmt: skip


def ring_of(many: int, turns: int = 6, name: str = "r", **ties: Any) -> list[Claim]:
    """`many` accounts on two devices whose value goes to one payee, `turns` times each; or with other `ties`."""
    shared = {"device": lambda place: f"{name}-d{place % 2}", "payee": lambda _: f"{name}-p", **ties}
    return [
        claim(f"{name}{place}", turn, hours=turn + place / 100,
              **{kind: of(place) if callable(of) else of for kind, of in shared.items()})
        for place in range(many) for turn in range(turns)
    ]  # fmt: skip


def settled(*accounts: str, days: int = 400) -> dict[str, Person]:
    """Accounts that were registered long ago, and bought without coupons."""
    return {
        account: Person(
            account_id=account, registered_at=NOW - timedelta(days=days), orders=4,
            first_order_at=NOW - timedelta(days=days - 1), devices={f"own-{account}": NOW - timedelta(days=days)},
        )
        for account in accounts
    }  # fmt: skip


def judged(claims: list[Claim], people: dict[str, Person] | None = None) -> list[Ring]:
    """The rings by the shipped policy."""
    return rings(claims, people or {}, POLICY)


def guilty(found: list[Ring]) -> set[str]:
    """Whom they accuse."""
    return {member.account_id for ring in found for member in ring.members if member.score >= 0.5 and not member.victim}
