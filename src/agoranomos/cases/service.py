"""One request, one transaction: what HTTP, commands, background work and pages share of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.cases.calibration.queries import curves
from agoranomos.cases.desk import again, gathering, queries
from agoranomos.cases.desk.buyers import ForBuyers, for_buyers
from agoranomos.cases.desk.deciding import Ruling
from agoranomos.cases.desk.model import Case, Harm
from agoranomos.cases.desk.queries import About, Joined, Said, Step
from agoranomos.cases.desk.rulings import rule
from agoranomos.cases.desk.tools import Tools, say, stepped
from agoranomos.cases.papers.queries import Paper, of_case
from agoranomos.cases.quality.queries import findings_of_seed, seeds
from agoranomos.cases.queue import actions as claiming
from agoranomos.cases.queue import queries as queue
from agoranomos.cases.queue.actions import Why
from agoranomos.cases.queue.queries import Behind, Claim
from agoranomos.cases.statements.making import Statement
from agoranomos.cases.statements.reading import statements_of
from agoranomos.judgements.queries import findings_of
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import begins, day_of
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store
from agoranomos.sellers.appeals.desk import record_by
from agoranomos.sellers.appeals.policy import Complaining
from agoranomos.sellers.appeals.queries import StoreCabinet

FINDINGS_SHOWN: Final = 100
COMPLAINANTS_SHOWN: Final = 20


class Complainant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who called goods of the case fake, and how what they said before came out. `weight`: how likely they are
    right this time; `doubtful`: by itself it counts for nothing.
    """

    account_id: str
    listing_id: str
    right: int
    wrong: int
    weight: float
    doubtful: bool


class QueueCounts(msgspec.Struct, frozen=True, kw_only=True):
    """A queue in numbers; `left` of `per_day` are still to be decided today."""

    queue: str
    per_day: int
    decided: int
    left: int
    open: int
    held: int
    overdue: int
    escalated: int
    waiting: int


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is to see of a case; findings the most harmful first, `history` other cases of the subject, its
    seller and its ring. `why`: what is expected of it, in words. `buyers`: what was set going for those who bought.
    """

    case: Case
    why: str
    findings: list[Finding]
    joined: list[Joined]
    history: list[Case]
    complainants: list[Complainant]
    steps: list[Step]
    texts: list[Said]
    claims: list[Claim]
    papers: list[Paper]
    buyers: list[ForBuyers]


@dataclass(frozen=True, slots=True)
class CaseService:
    """The store, what the verbs work with, how complainants are weighed, and the clock."""

    store: Store
    tools: Tools
    complaining: Complaining
    clock: Clock

    # Queues

    def queues(self) -> list[QueueCounts]:
        """All queues in numbers."""
        now = self.clock()
        today = begins(day_of(now))
        found = []
        with self.store.reading() as connection:
            for name in self.tools.queue_names():
                counted = queue.counts(connection, name, now, today)
                per_day = self.tools.per_day(name)
                left = max(0, per_day - counted["decided"])
                found.append(QueueCounts(queue=name, per_day=per_day, left=left, **counted))
        return found

    def page(self, name: str, *, after: Behind | None, limit: int) -> list[Case]:
        """What waits in a queue, escalated first, then the most harmful."""
        with self.store.reading() as connection:
            return queue.page(connection, name, after=after, limit=limit)

    def due(self, name: str | None, *, after: tuple[datetime, str] | None, limit: int) -> list[Case]:
        """What is due first, of a queue or of all."""
        with self.store.reading() as connection:
            return queue.due_page(connection, name, after=after, limit=limit)

    def listed(self, about: About, *, after: Place | None, limit: int) -> list[Case]:
        """Cases, newest first."""
        with self.store.reading() as connection:
            return queries.listed(connection, about, after=after, limit=limit)

    def mine(self, by: Actor) -> list[Case]:
        """What `by` holds."""
        with self.store.reading() as connection:
            return queue.held_by(connection, str(by), self.clock())

    # One case

    def get(self, case_id: str) -> Case:
        """Raises NotFound."""
        with self.store.reading() as connection:
            return queries.get(connection, case_id)

    def view(self, case_id: str) -> CaseView:
        """Raises NotFound."""
        with self.store.reading() as connection:
            case = queries.get(connection, case_id)
            joined = queries.joined(connection, case_id, FINDINGS_SHOWN)
            shown = findings_of(connection, [each.finding_id for each in joined])
            found = {each.id: each for each in [*shown, *findings_of_seed(connection, case_id)]}
            return CaseView(
                case=case, why=words(case.harm, case.currency), joined=joined,
                findings=[found[each.finding_id] for each in joined if each.finding_id in found],
                history=queries.history(connection, case, seeds()),
                complainants=self._complainants(connection, case), steps=queries.steps(connection, case_id),
                texts=queries.texts(connection, case_id), claims=queue.claims_of(connection, case_id),
                papers=of_case(connection, case_id), buyers=for_buyers(connection, case),
            )  # fmt: skip

    def statements(self, case_id: str) -> list[Statement]:
        """What each party is told. Raises NotFound, Conflict while nothing is decided."""
        with self.store.reading() as connection:
            return statements_of(connection, self.tools, case_id)

    def _complainants(self, connection: sa.Connection, case: Case) -> list[Complainant]:
        cabinet = StoreCabinet(connection)
        found: list[Complainant] = []
        for subject in case.members:
            if subject.kind != "listing" or len(found) >= COMPLAINANTS_SHOWN:
                continue
            for account_id in cabinet.claimants(subject.id)[: COMPLAINANTS_SHOWN - len(found)]:
                record = record_by(cabinet, self.complaining, account_id)
                weight, doubtful = round(record.expected(self.complaining), 4), record.doubtful(self.complaining)
                found.append(
                    Complainant(
                        account_id=account_id, listing_id=subject.id, right=record.right, wrong=record.wrong,
                        weight=weight, doubtful=doubtful,
                    )
                )  # fmt: skip
        return found

    # Verbs

    def take_next(self, name: str, *, by: Actor, leads: bool) -> Case:
        """See `queue.actions.take_next`."""
        with self.store.transaction() as connection:
            return claiming.take_next(connection, self.tools, name, by=by, leads=leads, now=self.clock())

    def pick(self, case_id: str, *, by: Actor) -> Case:
        """See `queue.actions.pick`."""
        with self.store.transaction() as connection:
            return claiming.pick(connection, self.tools, case_id, by=by, now=self.clock())

    def assign(self, case_id: str, to: Actor, *, by: Actor) -> Case:
        """See `queue.actions.assign`."""
        with self.store.transaction() as connection:
            return claiming.assign(connection, self.tools, case_id, to, by=by, now=self.clock())

    def renew(self, case_id: str, *, by: Actor) -> Case:
        """See `queue.actions.renew`."""
        with self.store.transaction() as connection:
            return claiming.renew(connection, self.tools, case_id, by=by, now=self.clock())

    def release(self, case_id: str, why: Why, *, by: Actor) -> Case:
        """See `queue.actions.release`."""
        with self.store.transaction() as connection:
            return claiming.release(connection, self.tools, case_id, why, by=by, now=self.clock())

    def escalate(self, case_id: str, reason: str, *, by: Actor) -> Case:
        """See `queue.actions.escalate`."""
        with self.store.transaction() as connection:
            return claiming.escalate(connection, self.tools, case_id, reason, by=by, now=self.clock())

    def wait(self, case_id: str, waits_for: str, days: int, *, by: Actor) -> Case:
        """See `queue.actions.wait`."""
        with self.store.transaction() as connection:
            return claiming.wait(connection, self.tools, case_id, waits_for, days, by=by, now=self.clock())

    def resume(self, case_id: str, *, by: Actor) -> Case:
        """See `queue.actions.resume`."""
        with self.store.transaction() as connection:
            return claiming.resume(connection, case_id, by=by, now=self.clock())

    def decide(self, case_id: str, ruling: Ruling, *, by: Actor) -> Case:
        """See `desk.rulings.rule`."""
        with self.store.transaction() as connection:
            return rule(connection, self.tools, case_id, ruling, by=by, now=self.clock())

    def tag(self, case_id: str, tags: Sequence[str], *, by: Actor) -> Case:
        """The tags of a case are these from now on. Raises NotFound, Invalid."""
        wrong = [each for each in tags if not is_id(each) or len(each) > 40 or each != each.strip() or "@" in each]
        if wrong or len(tags) > 20:
            raise Invalid("a case has at most 20 tags of 1 to 40 characters", pointer="/tags")
        with self.store.transaction() as connection:
            case = queries.get(connection, case_id)
            case = msgspec.structs.replace(case, tags=tuple(sorted(set(tags))))
            return stepped(connection, case, "tag", by=by, now=self.clock(), params={"tags": len(case.tags)})

    def comment(self, case_id: str, text: str, *, by: Actor) -> CaseView:
        """Adds words to a case; what looks like personal data is taken out. Raises NotFound, Invalid."""
        with self.store.transaction() as connection:
            case, now = queries.get(connection, case_id), self.clock()
            kept = say(connection, case, f"comment-{case.steps + 1}", text, by=by, now=now)
            stepped(connection, case, "comment", by=by, now=now, reason=kept, draw=self.tools.draw)
        return self.view(case_id)

    def report(self, key: str, subject: Subject, text: str, *, by: Actor) -> Case:
        """Opens a case by hand, of a subject that nothing was found on; of one `key` of `by` there is one case. Raises
        Invalid, Conflict when the subject has an open case.
        """
        if not is_id(key) or not is_id(subject.id):
            raise Invalid("ids and keys have 1 to 128 printable characters")
        with self.store.transaction() as connection:
            now = self.clock()
            if queries.open_for(connection, f"{subject.kind}:{subject.id}") is not None:
                raise Conflict("this subject has a case that is not decided; add a comment to it")
            ref = f"report:{by}:{key}"
            known = queries.by_ref(connection, ref)
            if known is not None:
                return known
            case = gathering.open_case(connection, self.tools, "report", ref, subject, by=by, now=now)
            kept = say(connection, case, "report", text, by=by, now=now)
            return stepped(connection, case, "comment", by=by, now=now, reason=kept, draw=self.tools.draw)

    # Background work

    def gather(self) -> int:
        """Gathers what was found, a part in each transaction; how many findings that were."""
        total = 0
        while count := self._gather_some():
            total += count
        with self.store.transaction() as connection:
            again.take_appeals(connection, self.tools, self.clock())
        return total

    def run_clocks(self) -> int:
        """Ends waits that are over, and escalates what is overdue; how many cases."""
        total = 0
        while count := self._run_some():
            total += count
        return total

    def _gather_some(self) -> int:
        with self.store.transaction() as connection:
            return gathering.gather(connection, self.tools, curves(connection), now=self.clock())

    def _run_some(self) -> int:
        with self.store.transaction() as connection:
            return claiming.run_clocks(connection, self.clock())


def words(harm: Harm, currency: str) -> str:
    """What is expected of a case that nobody looks at, in a sentence."""
    if not harm.code:
        return f"By the policy, {harm.harm / 100:,.2f} {currency} for a case of this kind."
    source = "as the events say" if harm.exposure_known else "by the policy"
    fitted = "fitted to decided cases" if harm.calibrated else "as the detector says"
    return (
        f"{harm.harm / 100:,.2f} {currency} = {harm.probability:.0%} probable ({fitted})"
        f" × {harm.exposure / 100:,.2f} at stake ({source}) × {harm.irreversibility:.0%} of it gone for good:"
        f" {harm.code}"
    )
