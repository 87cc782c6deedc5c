"""Whatever people do in whatever order, nothing is live that a second person has not approved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from agoranomos.kernel.approvals import actions as plain_approvals
from agoranomos.kernel.approvals.model import ApprovalStatus
from agoranomos.kernel.errors import Conflict, Forbidden, NotFound
from agoranomos.kernel.store import Store
from agoranomos.rules import actions, queries
from agoranomos.rules.model import PROMOTE, ROLL_BACK
from agoranomos.rules.tables import rule_changes
from agoranomos.staff import approving
from tests.builders import NOW
from tests.rules.builders import ADA, BOB, EVE, make_proposal

PEOPLE = st.sampled_from((ADA, BOB, EVE))
VERSIONS = st.integers(1, 3)
_NUMBERS = count()


def life_of(store: Store, seen: dict[str, int]) -> type[RuleBasedStateMachine]:
    """A machine whose steps are everything that anybody can do to one rule; `seen` counts what came of it."""

    class Life(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.rule_id = f"goods.rule_{next(_NUMBERS)}"
            self.now = NOW
            self.asked: list[str] = []

        def attempt(self, verb: Callable[..., Any], *args: Any, **fields: Any) -> Any:
            """Whatever may be refused is."""
            self.now += timedelta(minutes=1)
            with suppress(Conflict, Forbidden, NotFound), store.transaction() as connection:
                return verb(connection, *args, now=self.now, **fields)
            return None

        @rule(who=PEOPLE, line=st.integers(1, 4), owner=st.sampled_from(("risk", "person:eve")))
        def write(self, who: Any, line: int, owner: str) -> None:
            self.propose(who, line, owner)

        def propose(self, who: Any, line: int, owner: str) -> None:
            self.attempt(actions.propose, [make_proposal(self.rule_id, line, owner=owner)], by=who)

        @rule(who=PEOPLE, version=st.none() | VERSIONS)
        def try_out(self, who: Any, version: int | None) -> None:
            self.shadow(who, version)

        def shadow(self, who: Any, version: int | None) -> None:
            self.attempt(actions.put_into_shadow, self.rule_id, version, by=who)

        @rule(who=PEOPLE)
        def ask_for_it(self, who: Any) -> None:
            self.ask(who)

        def ask(self, who: Any) -> None:
            self.remember(self.attempt(actions.ask_promotion, self.rule_id, by=who))

        @rule(who=PEOPLE, writer=PEOPLE, line=st.integers(1, 4))
        def hurry(self, who: Any, writer: Any, line: int) -> None:
            self.propose(writer, line, "risk")
            self.shadow(who, None)
            self.ask(who)

        @rule(who=PEOPLE)
        def approve_the_last(self, who: Any) -> None:
            if self.asked:
                self.attempt(actions.approve, self.asked[-1], by=who)

        @rule(who=PEOPLE, version=VERSIONS)
        def ask_back(self, who: Any, version: int) -> None:
            self.remember(self.attempt(actions.ask_rollback, self.rule_id, version, by=who))

        def remember(self, approval: Any) -> None:
            if approval is not None:
                self.asked.append(approval.approval_id)

        @rule(who=PEOPLE, which=st.integers(0, 5))
        def approve(self, who: Any, which: int) -> None:
            if self.asked:
                self.attempt(actions.approve, self.asked[which % len(self.asked)], by=who)

        @rule(who=PEOPLE, which=st.integers(0, 5), verb=st.sampled_from(("approve", "refuse", "withdraw")))
        def decide_elsewhere(self, who: Any, which: int, verb: str) -> None:
            if self.asked:
                self.attempt(getattr(approving, verb), self.asked[which % len(self.asked)], by=who)

        @rule()
        def settle(self) -> None:
            self.attempt(actions.settle)

        @rule(who=PEOPLE, shadow_only=st.booleans())
        def expire(self, who: Any, shadow_only: bool) -> None:
            self.attempt(actions.expire, self.rule_id, by=who, shadow_only=shadow_only)

        @rule(days=st.integers(1, 3))
        def wait(self, days: int) -> None:
            self.now += timedelta(days=days)

        @invariant()
        def whatever_is_live_was_approved(self) -> None:
            if not hasattr(self, "rule_id"):
                return
            with store.reading() as connection:
                standing = queries.find_standing(connection, self.rule_id)
                if standing is None or standing.live_version is None:
                    return
                assert standing.live_approval is not None
                approval = plain_approvals.get(connection, standing.live_approval)
                version = queries.get_version(connection, self.rule_id, standing.live_version)
                table = rule_changes.c
                used = sa.select(sa.func.count()).where(table.approval_id == standing.live_approval)
                assert connection.execute(used).scalar_one() == 1
            wanted = approval.wanted
            assert approval.status is ApprovalStatus.SPENT
            assert (wanted.kind in (PROMOTE, ROLL_BACK), wanted.subject_id) == (True, self.rule_id)
            assert wanted.params["version"] == standing.live_version
            assert wanted.params["digest"] == version.digest
            second = str(approval.decided_by)
            assert second not in (str(approval.requested_by), version.proposed_by, version.owner)
            seen[wanted.kind] = seen.get(wanted.kind, 0) + 1

    return Life


@pytest.mark.slow
def test_no_sequence_makes_an_unapproved_version_live(store: Store) -> None:
    seen: dict[str, int] = {}
    steps = settings(max_examples=60 if store.embedded else 25, stateful_step_count=40)
    run_state_machine_as_test(life_of(store, seen), settings=steps)
    assert seen[PROMOTE] > 20  # or nothing was tried
    assert not store.embedded or seen[ROLL_BACK] > 0
