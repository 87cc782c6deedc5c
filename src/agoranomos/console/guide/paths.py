"""The five stories: which page each step opens. A step has no address until the desks have found its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from agoranomos.console.addresses import finding_url, subject_url, with_query
from agoranomos.console.guide import queries
from agoranomos.web.auth import Caller

Address = Callable[[sa.Connection], str | None]


@dataclass(frozen=True)
class Step:
    """`permission`: what it takes to open the page."""

    permission: str
    address: Address


@dataclass(frozen=True)
class Told:
    """A story as it can be followed now: the address of each step, None where there is nothing yet."""

    name: str
    steps: tuple[str | None, ...]


@dataclass(frozen=True)
class Guide:
    """All stories."""

    stories: list[Told]

    @property
    def waits(self) -> bool:
        """Whether some step has no page yet."""
        return any(None in story.steps for story in self.stories)


def _page(path: str) -> Address:
    return lambda _: path


def _finding(*codes: str) -> Address:
    def address(connection: sa.Connection) -> str | None:
        found = queries.worst(connection, *codes)
        return None if found is None else finding_url(found[0])

    return address


def _subject(path: str, *codes: str) -> Address:
    """The page of what the surest finding is about: `path`, or that of its kind."""

    def address(connection: sa.Connection) -> str | None:
        found = queries.worst(connection, *codes)
        if found is None:
            return None
        return with_query(path, id=found[1].id) if path else subject_url(found[1].kind, found[1].id)

    return address


def _case(*codes: str) -> Address:
    def address(connection: sa.Connection) -> str | None:
        found = queries.worst(connection, *codes)
        case_id = None if found is None else queries.case_of(connection, found[0])
        return None if case_id is None else with_query("/cases", id=case_id)

    return address


_FAKE: Final = ("goods.brand_disguised", "goods.counterfeit_suspected", "goods.suspected_counterfeit")
_NIGHT: Final = ("promotions.paid_below_floor", "promotions.campaign_unsafe")
STORIES: Final[dict[str, tuple[Step, ...]]] = {
    "fake": (
        Step("findings.read", _finding(*_FAKE)), Step("findings.read", _subject("", *_FAKE)),
        Step("cases.read", _case(*_FAKE)), Step("actions.read", _page("/numbers/removed_before_sale")),
    ),
    "night": (
        Step("promotions.read", _subject("/promotions/campaign", *_NIGHT)),
        Step("promotions.read", _subject("/promotions/incident", *_NIGHT)),
        Step("findings.read", _finding("promotions.coupon_ring")),
        Step("promotions.read", _page("/promotions/lint?live=1")),
    ),
    "reviewer": (
        Step("findings.read", _finding("reviews.deletion_pressure")),
        Step("findings.read", _subject("", "reviews.deletion_pressure")),
        Step("findings.read", _finding("reviews.hired_operator")), Step("reviews.read", _page("/reviews")),
    ),
    "crawler": (
        Step("findings.read", _finding("access.harvest")), Step("access.read", _subject("/access", "access.harvest")),
        Step("findings.read", _finding("access.canary_touched", "access.canary_called")),
        Step("actions.read", _page(with_query("/actions", kind="principal.suspend"))),
    ),
    "clerk": (
        Step("cases.read", _page("/cases")), Step("audit.read", _page("/audit-log")),
        Step("insiders.read", _page("/insiders")),
        Step("reports.read", _page("/report")),
    ),
}  # fmt: skip
"""Story → its steps; the words are in `wording`."""


def guide_for(connection: sa.Connection, caller: Caller) -> Guide:
    """The stories as `caller` can follow them."""
    return Guide(
        [
            Told(name, tuple(step.address(connection) if caller.may(step.permission) else None for step in steps))
            for name, steps in STORIES.items()
        ]
    )
