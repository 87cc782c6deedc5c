"""What can be reached from every page, and who sees it."""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.web.auth import Caller


class Place(msgspec.Struct, frozen=True):
    """One entry: its `name` (the key of its texts), where it leads, what it takes to see it, and the key that is
    pressed after `g`.
    """

    name: str
    path: str
    permission: str
    key: str


class Group(msgspec.Struct, frozen=True):
    """Entries under one heading; "" has none."""

    name: str
    places: tuple[Place, ...]


GROUPS: Final = (
    Group(
        "",
        (
            Place("overview", "/overview", "findings.read", "o"),
            Place("inbox", "/cases", "cases.read", "i"),
            Place("findings", "/findings", "findings.read", "f"),
            Place("approvals", "/approvals", "approvals.read", "a"),
        ),
    ),
    Group(
        "desks",
        (
            Place("brands", "/brands", "brands.read", "b"),
            Place("notices", "/notices", "notices.read", "n"),
            Place("testbuys", "/testbuys", "testbuys.read", "y"),
            Place("sellers", "/sellers", "conduct.read", "s"),
            Place("promotions", "/promotions", "promotions.read", "p"),
            Place("reviews", "/reviews", "reviews.read", "v"),
            Place("access", "/access", "access.read", "e"),
            Place("rules", "/rules", "rules.read", "r"),
        ),
    ),
    Group(
        "more",
        (
            Place("actions", "/actions", "actions.read", "d"),
            Place("referrals", "/referrals", "referrals.read", "x"),
            Place("report", "/report", "reports.read", "w"),
            Place("check", "/listings/new", "checks.run", "k"),
        ),
    ),
    Group(
        "house",
        (
            Place("audit", "/audit-log", "audit.read", "t"),
            Place("insiders", "/insiders", "insiders.read", "h"),
            Place("people", "/people", "people.manage", "m"),
            Place("system", "/system", "metrics.read", "j"),
            Place("retention", "/retention", "retention.read", "l"),
        ),
    ),
)
"""The way through the console."""


def seen_by(caller: Caller | None) -> list[Group]:
    """What `caller` may see, without headings over nothing."""
    if caller is None:
        return []
    groups = [Group(group.name, tuple(p for p in group.places if caller.may(p.permission))) for group in GROUPS]
    return [group for group in groups if group.places]


def start_of(caller: Caller | None) -> str | None:
    """Where somebody begins: the first place that is theirs to see."""
    return next((group.places[0].path for group in seen_by(caller)), None)
