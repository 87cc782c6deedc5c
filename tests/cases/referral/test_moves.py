"""How a referral moves: no sequence of verbs, in any order, breaks what must hold."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agoranomos.audit import queries as audit
from agoranomos.cases.referral import actions, queries
from agoranomos.cases.referral.model import About, Figures, Made
from agoranomos.cases.referral.policy import load_policy
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.cases.referral.scene import ADA, BOB, agreed, service_of
from tests.stores import make_store

MADE = Made(
    number=1, made_at=NOW, made_by=str(ADA), bytes=1, sha256="a" * 64, manifest_sha256="b" * 64, audit_entries=1,
    personal=False, facts={}, totals={},
)  # fmt: skip
POLICY = load_policy()


def with_package(store: Store, number: int = 1, referral_id: str | None = None) -> str:
    """A referral of which a package was made."""
    with store.transaction() as connection:
        if referral_id is None:
            referral_id = actions.open_referral(
                connection, About("store", "s1"), "police", because=None, policy=POLICY, by=ADA, now=NOW
            ).referral_id
        made = msgspec.structs.replace(MADE, number=number, sha256=str(number) * 64)
        actions.made(connection, referral_id, made, by=ADA, now=NOW)
    return referral_id


def test_what_goes_out_is_what_the_second_person_saw(store: Store, tmp_path: Path) -> None:
    service = service_of(store, tmp_path)
    referral_id = with_package(store)
    asked = service.ask_to_send(referral_id, by=ADA)
    with pytest.raises(Conflict):
        service.send(referral_id, asked.approval_id, by=ADA)
    with pytest.raises(Forbidden):
        agreed(store, asked.approval_id, by=ADA)
    agreed(store, asked.approval_id)
    with_package(store, 2, referral_id)
    with pytest.raises(Conflict, match="something else"):
        service.send(referral_id, asked.approval_id, by=ADA)
    service.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined] # the clock of tests
    asked = service.ask_to_send(referral_id, by=ADA)
    agreed(store, asked.approval_id)
    sent = service.send(referral_id, asked.approval_id, by=ADA)
    assert (sent.state, sent.sent) == ("sent", 2)


def test_without_a_package_nothing_goes_out(store: Store, tmp_path: Path) -> None:
    service = service_of(store, tmp_path)
    referral_id = service.open(About("store", "s1"), "police", because=None, by=ADA).referral_id
    assert service.open(About("store", "s1"), "police", because=None, by=ADA).referral_id == referral_id
    with pytest.raises(Conflict, match="no package"):
        service.ask_to_send(referral_id, by=ADA)
    service.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined] # the clock of tests
    with pytest.raises(Conflict, match="open"):
        service.open(About("store", "s1"), "police", because=None, by=ADA)
    service.move(referral_id, "withdraw", by=ADA)
    assert service.open(About("store", "s1"), "police", because=None, by=ADA).referral_id != referral_id


def test_figures_add_up_by_year_of_the_house_and_can_be_corrected(store: Store, tmp_path: Path) -> None:
    service = service_of(store, tmp_path)
    referral_id = with_package(store)
    with pytest.raises(Conflict):
        service.report(referral_id, Figures(cases=1), by=ADA)
    agreed(store, (asked := service.ask_to_send(referral_id, by=ADA)).approval_id)
    service.send(referral_id, asked.approval_id, by=ADA)
    service.move(referral_id, "accept", by=BOB, reference="2026-刑-17")
    for wrong in (Figures(), Figures(suspects=-1), Figures(recovered=-5)):
        with pytest.raises(Invalid):
            service.report(referral_id, wrong, by=BOB)
    with pytest.raises(Invalid, match="happened already"):
        service.report(referral_id, Figures(cases=1), by=BOB, at=NOW + timedelta(days=1))
    # 31 December 16:00 UTC is the new year already in Shanghai.
    service.report(
        referral_id,
        Figures(cases=2, suspects=9, involved=430),
        by=BOB,
        at=NOW.replace(year=2025, month=12, day=31, hour=16),
    )
    service.report(referral_id, Figures(suspects=-1, recovered=100), by=BOB)
    service.report(referral_id, Figures(recovered=7, currency="USD"), by=BOB)
    with pytest.raises(Invalid):
        service.report(referral_id, Figures(recovered=-8, currency="USD"), by=BOB)
    before, year = service.years(2025, 2026)
    assert (before.cases, before.sent) == (0, 0)
    assert (year.sent, year.accepted, year.rejected, year.cases, year.suspects) == (1, 1, 0, 2, 8)
    assert (year.involved, year.recovered) == ({"CNY": 430}, {"CNY": 100, "USD": 7})
    assert service.show(referral_id).referral.reference == "2026-刑-17"
    service.move(referral_id, "close", by=BOB)
    with pytest.raises(Conflict):
        service.report(referral_id, Figures(cases=1), by=BOB)
    with pytest.raises(Invalid):
        service.years(2026, 2025)


class Moves(RuleBasedStateMachine):
    """Verbs in any order by two people. What must hold stands in the invariants."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = make_store(Path(self.folder.name))
        self.service = service_of(self.store, Path(self.folder.name))
        self.asked: list[str] = []
        self.sums = 0

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @initialize()
    def opens(self) -> None:
        self.referral_id = self.service.open(About("store", "s1"), "police", because=None, by=ADA).referral_id

    @rule()
    def makes(self) -> None:
        with self._refused():
            with_package(self.store, self.service.show(self.referral_id).referral.package + 1, self.referral_id)

    @rule()
    def asks(self) -> None:
        self.service.clock.now += timedelta(seconds=1)  # type: ignore[attr-defined] # the clock of tests
        with self._refused():
            self.asked.append(self.service.ask_to_send(self.referral_id, by=ADA).approval_id)

    @rule(index=st.integers(0, 3), by=st.sampled_from([ADA, BOB]))
    def agrees(self, index: int, by: Any) -> None:
        if self.asked:
            with self._refused():
                agreed(self.store, self.asked[index % len(self.asked)], by)

    @rule(index=st.integers(0, 3))
    def sends(self, index: int) -> None:
        if self.asked:
            with self._refused():
                self.service.send(self.referral_id, self.asked[index % len(self.asked)], by=ADA)

    @rule(verb=st.sampled_from(["receive", "accept", "reject", "close", "withdraw"]))
    def moves(self, verb: Any) -> None:
        with self._refused():
            self.service.move(self.referral_id, verb, by=BOB)

    @rule(suspects=st.integers(-3, 5))
    def reports(self, suspects: int) -> None:
        with self._refused():
            self.service.report(self.referral_id, Figures(suspects=suspects), by=BOB)
            self.sums += suspects

    @invariant()
    def custody_is_a_chain_in_the_log(self) -> None:
        shown = self.service.show(self.referral_id)
        assert [each.number for each in shown.custody] == list(range(1, len(shown.custody) + 1))
        with self.store.reading() as connection:
            for step in shown.custody:
                entry = audit.get_entry(connection, step.audit_index).entry
                assert (entry.verb, entry.subject_id) == (f"referral.{step.verb}", self.referral_id)
                assert entry.params["step"] == step.number

    @invariant()
    def only_what_two_people_agreed_to_went_out_and_once(self) -> None:
        shown = self.service.show(self.referral_id)
        sent = [each for each in shown.custody if each.verb == "send"]
        assert len(sent) == (shown.referral.state not in ("open", "withdrawn"))
        assert shown.referral.sent == (sent[0].package if sent else 0)

    @invariant()
    def figures_are_those_reported_and_never_below_nothing(self) -> None:
        year = self.service.years(2026, 2026)[0]
        assert year.suspects == self.sums >= 0

    def _refused(self) -> Any:
        return _Refused()


class _Refused:
    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        return isinstance(error, Conflict | Forbidden | Invalid)


TestMoves = pytest.mark.slow(Moves.TestCase)
TestMoves.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_two_packages_of_one_number_are_one(store: Store) -> None:
    referral_id = with_package(store)
    with pytest.raises(Conflict, match="same time"):
        with_package(store, 1, referral_id)
    with store.reading() as connection:
        assert [each.number for each in queries.packages(connection, referral_id)] == [1]
