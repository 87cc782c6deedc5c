"""What people do in this system's own pages counts among what insiders are found by, and each act once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agoranomos.access.insiders.monitor import InsiderMonitor
from agoranomos.access.insiders.policy import load_policy
from agoranomos.audit import queries as audit
from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.cases.trail import queries
from agoranomos.enforcement import actions as enforcing
from agoranomos.engine.stream.run import Run
from agoranomos.intake.queries import read_after
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.approvals.model import Wanted
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from agoranomos.vault.actions import read, tokenise
from agoranomos.vault.queries import sealed_of
from agoranomos.vault.revealing import queries as permits
from agoranomos.vault.revealing.model import Permit
from tests.cases.office import ACTIONS, ADA, BEN, CYD, Office, make_finding


def acts(office: Office) -> list[dict[str, Any]]:
    office.rooms.tell_trail()
    return [each for each in office.told("staff.acted") if "audit_index" in each]


def looked_at(office: Office, account: str, case_id: str, by: Actor = ADA) -> None:
    """Somebody reads a phone number under a permit for a case."""
    with office.store.transaction() as connection:
        key = f"account:{account}"
        tokenise(connection, office.vault, "phone", f"1380000{account}", subject=key, now=office.now)
        permit = Permit(permit_id=f"vp_{account}", actor=str(by), case_id=case_id, purpose="contact", subjects=(key,),
                        asked_at=office.now, until=None)  # fmt: skip
        permits.add(connection, permit)
        params = {"permit": permit.permit_id, "case": case_id}
        rows = list(sealed_of(connection, [key]))
        read(connection, office.vault, rows, purpose="contact", actor=by, now=office.now, params=params)


def test_what_is_decided_looked_at_agreed_to_and_carried_off_is_told_once(store: Store) -> None:
    office = Office(store)
    office.opened("s1", "u1", "l1")
    office.find(make_finding())
    case = office.next()
    looked_at(office, "1001", case.case_id)
    looked_at(office, "1002", case.case_id, by=CYD)
    looked_at(office, "1003", "elsewhere-7", by=CYD)
    office.decide(case)
    with store.transaction() as connection:
        wanted = Wanted(kind="role.grant", subject_kind="person", subject_id="cyd", params={})
        asked = approving.request(connection, wanted, by=ADA, now=office.now)
        approving.approve(connection, asked.approval_id, by=BEN, now=office.now)
        fetched = Entry(at=office.now, actor=BEN, verb="referral.fetch", subject_kind="referral", subject_id="rf_1")
        record(connection, fetched)
        record(connection, Entry(at=office.now, actor=SYSTEM, verb="credit.export", subject_kind="seller",
                                 subject_id="sl_1"))  # fmt: skip
    found = [(each["staff_id"], each["action"], each["target_id"], each.get("case_id")) for each in acts(office)]
    assert found == [
        ("ada", "data.reveal", "1001", case.case_id),
        ("cyd", "data.reveal", "1002", None),
        ("cyd", "data.reveal", "1003", "elsewhere-7"),
        ("ada", "case.decide", "l1", case.case_id),
        ("ben", "other", "ada", None),
        ("ben", "export", "rf_1", None),
    ], "a case that the reader never held explains nothing, one of another system may"
    assert len(acts(office)) == len(found)
    with store.reading() as connection:
        assert queries.next_index(connection) == audit.next_index(connection)


def test_a_listing_that_comes_back_is_told_unless_an_appeal_has_said_so(store: Store) -> None:
    office = Office(store)
    office.opened("s1", "u1", "l1", "l2")
    removed = {}
    for name in ("l1", "l2"):
        office.find(make_finding(name))
        case = office.next()
        decided = office.decide(case, clause="misleading_listing", wants=[("listing.remove", Subject("listing", name))])
        assert decided.decision is not None
        removed[name] = (case, decided.decision.actions[0])
    office.carried_out()
    with store.transaction() as connection:
        enforcing.undo(connection, removed["l1"][1], by=BEN, policy=ACTIONS, now=office.now)
    office.tell("appeal.filed", appeal_id="a1", case_id=removed["l2"][0].case_id, statement="It says what it is.")
    office.decide(office.next(CYD, "appeals", leads=True), "overturned", CYD, clause="misleading_listing")
    back = [(each["staff_id"], each["target_id"]) for each in acts(office) if each["action"] == "listing.restore"]
    assert back == [("ben", "l1")]


@pytest.mark.slow
def test_who_clears_for_a_seller_is_found_and_an_act_told_both_ways_counts_once(store: Store) -> None:
    office = Office(store)
    team = [Actor("person", f"w{number}") for number in range(6)]
    listings = [f"l{number}" for number in range(10)]
    office.opened("s1", "u1", *listings)
    office.opened("s2", "u2", *(f"m{number}" for number in range(24)))
    for number, name in enumerate([*listings, *(f"m{number}" for number in range(24))]):
        office.find(make_finding(name))
        mine = name.startswith("l")
        by = team[0] if mine and number < 7 else team[1 + number % 5]
        case = office.next(by)
        office.decide(case, "rejected" if mine and by == team[0] else "upheld", by, clause="misleading_listing")
        office.tell("staff.acted", staff_id=by.id, action="case.decide", target_kind="listing", target_id=name,
                    case_id=case.case_id)  # fmt: skip
        office.now += timedelta(minutes=70)
        office.rooms.tell_trail()
    with store.reading() as connection:
        events = sorted((each.event for each in read_after(connection, 0)), key=lambda each: each.time)
    run = Run([InsiderMonitor(load_policy())])
    said = [*run.feed(events), *run.pass_until(office.now + timedelta(days=2))]
    found = [each for each in said if isinstance(each, Finding)]
    assert [(each.code, each.subject.id) for each in found] == [("staff.clears_for_seller", "w0")]
    evidence = found[0].reasons[0].evidence
    assert (evidence["cleared"], evidence["cases"]) == (7, 7)
