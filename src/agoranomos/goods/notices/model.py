"""A notice and what becomes of it: pure values and the moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

Kind = Literal["counterfeit", "trademark", "copyright", "patent"]
KINDS: Final[tuple[Kind, ...]] = ("counterfeit", "trademark", "copyright", "patent")
State = Literal["incomplete", "open", "countered", "decided", "merged"]
"""`incomplete` waits for what the form lacks, and no clock runs. `open` and `countered` wait for a decision. `merged`:
every listing of it is in an earlier notice of the same holder, which decides for both."""
STATES: Final[tuple[State, ...]] = ("incomplete", "open", "countered", "decided", "merged")
WAITING: Final[frozenset[State]] = frozenset({"open", "countered"})
Verdict = Literal["upheld", "rejected"]
Outcome = Literal["upheld", "rejected", "overturned"]
Standing = Literal["trusted", "usual", "doubtful"]
PRIORITY: Final[dict[Standing, int]] = {"trusted": 0, "usual": 1, "doubtful": 2}


Element = Literal[
    "listings", "explanation", "name", "contact", "capacity", "work", "right", "evidence", "good_faith", "accurate",
    "authorised", "signature",
]  # fmt: skip
"""What a form may have to say; see `form`."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that a notice is about. `merged_into`: an earlier notice of the same holder decides about it."""

    listing_id: str
    store_id: str | None = None
    outcome: Outcome | None = None
    merged_into: str | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it stands.

    `missing` are the elements that its form lacks. `decide_by` is what the clock says, `counter_until` the end of the
    seller's time to answer; None while it is incomplete. `standing` is that of the holder when it came, `conflicts`
    the codes of what contradicts it. `source` and `event_id` lead to the event, which holds what was said.
    `decision_event`: source and id of the event that decided it. `case_id`: the case that decided or overturned it.
    """

    notice_id: str
    rights_holder_id: str
    brand_id: str
    kind: Kind
    filed_at: datetime
    state: State
    targets: tuple[Target, ...]
    source: str
    event_id: str
    missing: tuple[Element, ...] = ()
    standing: Standing = "usual"
    expected: float = 0.5
    conflicts: tuple[str, ...] = ()
    decide_by: datetime | None = None
    counter_until: datetime | None = None
    countered_at: datetime | None = None
    overdue_told: bool = False
    decided_at: datetime | None = None
    decision_event: tuple[str, str] | None = None
    case_id: str | None = None

    @property
    def waits(self) -> bool:
        """Whether it waits for a decision."""
        return self.state in WAITING

    @property
    def priority(self) -> int:
        """The order among those that wait: a trusted holder goes first, a doubtful one last."""
        return PRIORITY[self.standing]

    @property
    def own(self) -> tuple[Target, ...]:
        """The listings that it decides about itself."""
        return tuple(each for each in self.targets if each.merged_into is None)

    @property
    def share_upheld(self) -> float | None:
        """Which share of its listings was upheld and stands; None while it is not decided or decides nothing."""
        if self.state != "decided" or not self.own:
            return None
        return sum(each.outcome == "upheld" for each in self.own) / len(self.own)

    def stores(self, outcome: Outcome | None = None) -> tuple[str, ...]:
        """The stores that it is about, of all its own listings or of those with this outcome, in order."""
        found = {each.store_id for each in self.own if outcome is None or each.outcome == outcome}
        return tuple(sorted(each for each in found if each is not None))

    def late(self, now: datetime) -> bool:
        """Whether the decision is owed since before `now`."""
        return self.waits and self.decide_by is not None and self.decide_by <= now


class Record(msgspec.Struct, frozen=True):
    """How a holder's decided notices came out: the sum of their upheld shares, and how many they are."""

    upheld: float = 0.0
    decided: int = 0


class BrandFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a brand: who may file in its name (none named: anybody), which stores it has authorised (None:
    it sells openly), and who has filed in its name so far.
    """

    registered: bool = False
    holders: tuple[str, ...] = ()
    authorised_store_ids: tuple[str, ...] | None = None
    claimed_by: tuple[str, ...] = ()


def countered(notice: Notice, at: datetime) -> Notice:
    """The seller has answered; what is decided or merged stays as it is."""
    if not notice.waits:
        return notice
    return msgspec.structs.replace(notice, state="countered", countered_at=notice.countered_at or at)


def decided(
    notice: Notice,
    outcomes: Mapping[str, Verdict],
    otherwise: Verdict,
    at: datetime,
    event: tuple[str, str],
    case_id: str | None = None,
) -> Notice:
    """`notice` with an outcome for each of its own listings: that of `outcomes`, or `otherwise`.

    `event` is source and id of what says so.
    """
    targets = tuple(
        msgspec.structs.replace(each, outcome=outcomes.get(each.listing_id, otherwise))
        if each.merged_into is None
        else each
        for each in notice.targets
    )
    return msgspec.structs.replace(
        notice, state="decided", targets=targets, decided_at=at, decision_event=event, case_id=case_id
    )


def overturned(notice: Notice, case_id: str, listing_id: str | None = None) -> Notice:
    """What was upheld no longer is: of all listings, or of one."""
    targets = tuple(
        msgspec.structs.replace(each, outcome="overturned")
        if each.outcome == "upheld" and listing_id in (None, each.listing_id)
        else each
        for each in notice.targets
    )
    return msgspec.structs.replace(notice, targets=targets, case_id=case_id)
