"""Kinds of data that end otherwise than events do: attachments of cases, and what was found about the staff."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agoranomos.access.insiders.service import InsiderService
from agoranomos.cases.desk.model import Case
from agoranomos.cases.referral.model import About
from agoranomos.goods.listings import actions as listings
from agoranomos.goods.listings.policy import load_policy
from agoranomos.judgements import asking
from agoranomos.judgements.actions import keep_findings
from agoranomos.judgements.queries import AboutStaff
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.cases.office import ADA, Office, make_finding
from tests.cases.referral.scene import service_of
from tests.goods.listings.market import TrickJudge, make_listing
from tests.judgements.test_judgements import make_decision
from tests.retention.test_runs import part, service, session

YEARS = timedelta(days=1_500)


def with_paper(office: Office, listing_id: str, seller_id: str) -> Case:
    """A case with an attachment."""
    office.opened(f"s-{listing_id}", seller_id, listing_id)
    office.find(make_finding(listing_id))
    case = office.next()
    office.rooms.papers.attach(case.case_id, "letter.txt", f"about {listing_id}".encode(), by=ADA)
    return case


def read(office: Office, case: Case) -> bytes:
    paper = office.cases.view(case.case_id).papers[0]
    return office.rooms.papers.open(case.case_id, paper.paper_id, "test", by=ADA)[1]


def test_attachments_go_long_after_the_decision_and_their_sums_stay(store: Store, tmp_path: Path) -> None:
    office, retention = Office(store), service(store)
    gone, held, referred = (office.decide(with_paper(office, f"l{n}", f"u{n}"), "rejected") for n in range(3))
    waits = with_paper(office, "l3", "u3")
    retention.place("seller", "u1", why="litigation", by=ADA)
    referrals = service_of(store, tmp_path)
    referrals.open(About("listing", "l2"), "police", because=referred.case_id, by=ADA)
    retention.clock.now = NOW + YEARS  # type: ignore[attr-defined] # the clock of tests
    run = retention.run(by=ADA)
    assert (part(run, "cases.papers").gone, part(run, "cases.papers").held) == (1, 2)
    with pytest.raises(NotFound, match="erased"):
        read(office, gone)
    assert [read(office, each) for each in (held, referred, waits)] == [b"about l1", b"about l2", b"about l3"]
    assert len(office.cases.view(gone.case_id).papers[0].sha256) == 64
    assert part(retention.run(by=ADA), "cases.papers").gone == 0, "what is erased is not due again"


def test_findings_on_the_staff_go_when_their_time_is_over(store: Store) -> None:
    old = make_finding("clerk-1", code="staff.looks_without_case", kind="staff")
    new = make_finding("clerk-2", code="staff.looks_without_case", kind="staff")
    for found, ago in ((old, YEARS), (new, timedelta(days=30))):
        with store.transaction() as connection:
            keep_findings(connection, [found], now=NOW - ago)
    retention = service(store)
    assert part(retention.run(by=ADA), "judgements.staff").gone == 1
    left = InsiderService(store).found(AboutStaff(), after=None, limit=9)
    assert [each.subject.id for each in left] == ["clerk-2"]


def test_what_stands_under_a_key_goes_with_its_decision(store: Store) -> None:
    """Else a repeat would be told that its own first decision is not there."""
    event = session("e1", timedelta(0))
    ages = {"old": YEARS, "new": timedelta(days=30)}
    first = {name: make_decision(number) for name, number in zip(ages, (0, 2), strict=True)}
    for name, ago in ages.items():
        with store.transaction() as connection:
            asking.kept(connection, first[name], event, f"key-{name}", now=NOW - ago)
    assert part(service(store).run(by=ADA), "judgements.approvals").gone == 1
    again = make_decision(4)
    with store.transaction() as connection:
        assert asking.answered(connection, again.check, event, "key-old") is None
        assert asking.answered(connection, again.check, event, "key-new") == first["new"]
        assert asking.kept(connection, again, event, "key-old", now=NOW) == again


def test_words_of_listings_that_were_approved_go_and_warnings_stay(store: Store) -> None:
    judge, policy = TrickJudge(), load_policy()

    def check(listing_id: str, ago: timedelta, **fields: str) -> Decision:
        listing = make_listing(listing_id=listing_id, **fields)
        with store.transaction() as connection:
            return listings.check_listing(
                connection, listing, assessment=judge.assess(listing), judge_version=judge.version, policy=policy,
                now=NOW - ago, idempotency_key=f"key-{listing_id}",
            ).decision  # fmt: skip

    check("old", YEARS)
    check("held", YEARS, store_id="s-held")
    new = check("new", timedelta(days=30))
    warned = check("fake", YEARS, title="N\u0456\uff4b\uff45 1:1")
    assert warned.outcome != "approve"
    retention = service(store)
    retention.place("store", "s-held", why="litigation", by=ADA)
    ended = part(retention.run(by=ADA), "listings.approvals")
    assert (ended.gone, ended.held) == (1, 1)
    assert check("new", timedelta(0)).id == new.id
    assert check("fake", timedelta(0), title="N\u0456\uff4b\uff45 1:1").id == warned.id
    assert check("old", timedelta(0)).outcome == "approve", "under a key that is free again"
