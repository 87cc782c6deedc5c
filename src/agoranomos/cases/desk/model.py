"""A case and the moves between its states: pure values.

`open` waits for somebody, or somebody holds it; `waiting` stands still until a party has answered; `decided` is the end
of it: what turns out otherwise is another case, which overturns it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from agoranomos.cases.policy import Kind
from agoranomos.kernel.errors import Conflict, Forbidden
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived

State = Literal["open", "waiting", "decided"]
STATES: Final[tuple[State, ...]] = get_args(State)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Outcome = Literal["upheld", "rejected", "overturned"]
"""`upheld`: what the case says is right. `rejected`: it is not. `overturned`, of appeals and second looks: what was
decided first does not stand."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
MEMBERS_SHOWN: Final = 200
TAGS_MAX: Final = 20


class Harm(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be expected when nobody looks, and how that comes about: probability × money × what of it is gone for
    good, of the finding for which it is the most. In minor units. `calibrated`: the probability was fitted to decided
    cases; `exposure_known`: the events said how much money it is about.
    """

    harm: int
    finding_id: str = ""
    code: str = ""
    probability: float = 1.0
    calibrated: bool = False
    exposure: int = 0
    exposure_known: bool = False
    irreversibility: float = 1.0


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about one subject of a case; it is told under `case_id`, which of the first is the case's own.
    `overturned_by`: the case that says it does not stand.
    """

    case_id: str
    subject: Subject
    seller_id: str | None = None
    store_id: str | None = None
    overturned_by: str | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """How a case ended. `parts`: the subjects it was decided about; of an upheld case the others are cleared.
    `bulk_id`: with others at once. The reason is kept beside it (`case_texts`).
    """

    outcome: Outcome
    clause: str
    by: str
    at: datetime
    parts: tuple[Part, ...] = ()
    actions: tuple[str, ...] = ()
    bulk_id: str | None = None

    @property
    def stands(self) -> bool:
        """Whether nothing of it was overturned."""
        return not any(part.overturned_by for part in self.parts)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it stands; moments with an offset, `priority` in minor units of `currency`.

    `gather_key` is what it gathers about, `number` which case of that it is. `revision` rises with every finding. `ref`
    is where it came from when not from a finding, such as `appeal:a1`; `about` the case that it looks at again.
    `members` are the subjects of its findings, the most harmful first. `left_s`: what was left of its time when the
    clock stopped; `waits_for` the party it was stopped for. `level` 1 is escalated.
    """

    case_id: str
    kind: Kind
    queue: str
    state: State = "open"
    level: int = 0
    priority: int
    currency: str
    harm: Harm
    subject: Subject
    seller_id: str | None = None
    store_id: str | None = None
    ring_id: str | None = None
    gather_key: str
    number: int = 1
    revision: int = 1
    findings: int = 0
    codes: tuple[str, ...] = ()
    members: tuple[Subject, ...] = ()
    ref: str | None = None
    about: str | None = None
    earlier: str | None = None
    tags: tuple[str, ...] = ()
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None = None
    left_s: int | None = None
    wait_until: datetime | None = None
    waits_for: str | None = None
    overdue_told: bool = False
    holder: str | None = None
    claim_id: str | None = None
    claimed_at: datetime | None = None
    claim_until: datetime | None = None
    steps: int = 0
    decision: Decided | None = None

    def held_at(self, now: datetime) -> str | None:
        """Who holds it; nobody when the claim has ended by itself."""
        return self.holder if self.claim_until is not None and now < self.claim_until else None

    def overdue_at(self, now: datetime) -> bool:
        """Whether the decision is owed since before `now`."""
        return self.due_at is not None and self.due_at <= now

    def require_open(self) -> None:
        """Raises Conflict, saying what to do."""
        if self.state == "waiting":
            raise Conflict("this case waits for an answer of a party; resume it first")
        if self.state == "decided":
            raise Conflict("this case is decided; what turns out otherwise is decided on an appeal")

    def require_held(self, by: str, now: datetime) -> None:
        """Raises Conflict unless `by` holds it, Forbidden while somebody else does."""
        self.require_open()
        holder = self.held_at(now)
        if holder is None:
            raise Conflict("nobody holds this case, or the claim has run out; take it first")
        if holder != by:
            raise Forbidden("somebody else holds this case")


def case_id(gather_key: str, number: int) -> str:
    """The id of the so-maniest case of what `gather_key` names."""
    return derived("c", gather_key, str(number))


def part_id(of: str, subject: Subject, place: int) -> str:
    """Under which id the decision about a subject is told: the first under that of the case."""
    return of if place == 0 else derived("cp", of, subject.kind, subject.id)


def freed(case: Case) -> Case:
    """Nobody holds it."""
    return msgspec.structs.replace(case, holder=None, claim_id=None, claimed_at=None, claim_until=None)
