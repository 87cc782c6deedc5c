"""The life of cases as a machine: whatever people, clocks and desks do, in whatever order, what always holds, holds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agoranomos.cases.bulk.actions import BulkRuling
from agoranomos.cases.desk.model import Case, Outcome
from agoranomos.cases.desk.queries import About
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cases.office import ADA, BEN, CYD, REASON, Office, make_finding
from tests.stores import make_store

PEOPLE = st.sampled_from((ADA, BEN, CYD))
LISTINGS = st.sampled_from(("l0", "l1", "l2"))
REFUSED = (Conflict, Forbidden, NotFound, Invalid)


class Life(RuleBasedStateMachine):
    """Three people, three listings of one seller, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = make_store(Path(self.folder.name))
        self.office = Office(self.store)
        self.office.opened("s1", "u1", "l0", "l1", "l2")
        self.decided: dict[str, Any] = {}
        self.appeals = 0
        self.bulks: list[str] = []

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def _cases(self) -> list[Case]:
        return self.office.cases.listed(About(), after=None, limit=500)

    def _try(self, verb: Any, *arguments: Any, **named: Any) -> Any:
        """What `verb` gives; None when it is refused, which must change nothing."""
        before = self._cases()
        try:
            return verb(*arguments, **named)
        except REFUSED:
            assert self._cases() == before
            return None

    def _one(self, draw: Any) -> Case | None:
        cases = self._cases()
        return draw.draw(st.sampled_from(cases)) if cases else None

    @rule(name=LISTINGS, episode=st.integers(0, 2), revision=st.integers(1, 3))
    def find(self, name: str, episode: int, revision: int) -> None:
        score = (0.4, 0.6, 0.9)[revision - 1]
        self.office.find(make_finding(name, episode=str(episode), score=score, revision=revision))

    @rule(who=PEOPLE, queue=st.sampled_from(("goods", "appeals")), leads=st.booleans())
    def take(self, who: Actor, queue: str, leads: bool) -> None:
        case = self._try(self.office.cases.take_next, queue, by=who, leads=leads)
        assert case is None or case.holder == str(who)

    @rule(draw=st.data(), who=PEOPLE, to=PEOPLE)
    def lead(self, draw: Any, who: Actor, to: Actor) -> None:
        if case := self._one(draw):
            self._try(self.office.cases.assign, case.case_id, to, by=who)
            self._try(self.office.cases.pick, case.case_id, by=who)

    @rule(draw=st.data(), who=PEOPLE, why=st.sampled_from(("break", "conflict")))
    def leave(self, draw: Any, who: Actor, why: Any) -> None:
        if case := self._one(draw):
            self._try(self.office.cases.release, case.case_id, why, by=who)
            self._try(self.office.cases.escalate, case.case_id, "I cannot tell.", by=who)

    @rule(draw=st.data(), who=PEOPLE)
    def pause(self, draw: Any, who: Actor) -> None:
        if case := self._one(draw):
            self._try(self.office.cases.wait, case.case_id, "seller", 2, by=who)

    @rule(draw=st.data(), who=PEOPLE)
    def resume(self, draw: Any, who: Actor) -> None:
        if case := self._one(draw):
            self._try(self.office.cases.resume, case.case_id, by=who)
            self._try(self.office.cases.renew, case.case_id, by=who)

    @rule(who=PEOPLE, draw=st.data(), outcome=st.sampled_from(("upheld", "rejected", "overturned")))
    def decide(self, who: Actor, draw: Any, outcome: Outcome) -> None:
        held = self.office.cases.mine(who)
        case = held[0] if held else self._one(draw)
        if case is not None:
            self._try(self.office.decide, case, outcome, who)

    @rule(who=PEOPLE)
    def decide_many(self, who: Actor) -> None:
        ids = [each.case_id for each in self._cases() if each.state == "open" and each.kind == "finding"]
        ruling = BulkRuling(outcome="upheld", clause="counterfeit", reason=REASON)
        if ids and (bulk := self._try(self.office.rooms.bulk.decide, ids, ruling, by=who)):
            self.bulks.append(bulk.bulk_id)

    @rule(who=PEOPLE)
    def undo_many(self, who: Actor) -> None:
        if self.bulks:
            self.office.rooms.bulk.undo(self.bulks.pop(), by=who)

    @rule(draw=st.data())
    def appeal(self, draw: Any) -> None:
        ended = [each for each in self._cases() if each.decision and each.decision.outcome == "upheld"]
        if ended:
            self.appeals += 1
            about = draw.draw(st.sampled_from(ended)).case_id
            self.office.tell("appeal.filed", appeal_id=f"ap{self.appeals}", case_id=about, statement="No.")

    @rule(minutes=st.sampled_from((1, 25, 300, 5_000)))
    def passes(self, minutes: int) -> None:
        self.office.later(minutes=minutes)

    @invariant()
    def holds(self) -> None:
        cases, now = self._cases(), self.office.now
        pending = [each.gather_key for each in cases if each.state != "decided"]
        assert len(pending) == len(set(pending)), "1: one case of each thing is not decided"
        for case in cases:
            assert (case.state == "waiting") == (case.wait_until is not None), "2"
            assert (case.state == "open") == (case.due_at is not None), "2"
            assert (case.state == "decided") == (case.decision is not None), "2"
            assert case.holder is None or case.state == "open", "2"
            if case.case_id in self.decided and case.decision is not None:
                outcome, clause, by = self.decided[case.case_id]
                assert (case.decision.outcome, case.decision.clause, case.decision.by) == (outcome, clause, by), "2"
            if case.decision is not None:
                self.decided[case.case_id] = (case.decision.outcome, case.decision.clause, case.decision.by)
            view = self.office.cases.view(case.case_id)
            going = [each for each in view.claims if each.ended is None]
            assert len(going) <= 1, "3: held by one at most"
            assert bool(going) == (case.holder is not None), "4: every claim has an end"
            if case.held_at(now) is not None:
                assert [each.actor for each in going] == [case.holder], "3"
            if case.about is not None:
                first = next(each for each in cases if each.case_id == case.about)
                assert first.decision is None or first.decision.by not in {each.actor for each in view.claims}, "5"
            assert [each.number for each in view.steps] == list(range(1, case.steps + 1)), "8: no gaps"
            assert sum(each.verb == "decide" for each in view.steps) == (case.state == "decided"), "4"
        assert {each.case_id for each in cases} >= set(self.decided), "2: a decision stays"

    @invariant()
    def tells_the_truth(self) -> None:
        told = self.office.told()
        upheld = [each["case_id"] for each in told if each["outcome"] == "upheld"]
        taken_back = [each["overturns"] for each in told if each["outcome"] == "overturned"]
        assert len(upheld) == len(set(upheld)), "6: told once"
        assert len(taken_back) == len(set(taken_back)), "6: overturned at most once"
        assert set(taken_back) <= set(upheld), "6: nothing that was not told"
        parts = {
            part.case_id: part.overturned_by
            for case in self._cases()
            if case.decision is not None and case.decision.outcome == "upheld"
            for part in case.decision.parts
        }
        assert set(parts) == set(upheld), "6"
        assert {name for name, by in parts.items() if by is not None} == set(taken_back), "6"


TestLife = Life.TestCase
TestLife.settings = hypothesis.settings(max_examples=12, stateful_step_count=25, deadline=None)
