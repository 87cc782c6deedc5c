"""Notices over the store: the same as in a replay, whatever the history, and what people do with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.audit import queries as audit
from agoranomos.goods.live import GoodsLive
from agoranomos.goods.notices import queries
from agoranomos.goods.notices.actions import Ruling, Verbs
from agoranomos.goods.notices.model import Notice
from agoranomos.goods.notices.queries import About
from agoranomos.goods.notices.service import NoticeService
from agoranomos.intake.queries import read_after
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from tests.builders import NOW
from tests.drawing import examples
from tests.goods.trade.builders import (
    FORM,
    POLICIES,
    VAULT,
    Shop,
    actions,
    case,
    filed,
    findings,
    listed,
    registered,
    replayed,
    ruled,
    told,
)
from tests.stores import make_store

ADA, BOB = Actor("person", "ada"), Actor("person", "bob")
BEGUN = (registered(), listed("l1"), listed("l2", "s2"), listed("l3"))
DATA: dict[str, Any] = {
    "rights_holder_id": "h1", "brand_id": "b1", "listing_ids": ["l1", "l2"], "kind": "counterfeit",
    "statement": "These goods are not ours.", **FORM,
}  # fmt: skip


class Office:
    """People at work on notices; `now` is what their clock says."""

    def __init__(self, store: Store) -> None:
        self.shop = Shop(store)
        self.shop.take(*BEGUN)
        self.now = NOW
        verbs = Verbs(VAULT, POLICIES.notices, self.shop.live.catch_up, lambda count: b"s" * count)
        self.service = NoticeService(store, verbs, lambda: self.now)

    def later(self, **passed: float) -> Office:
        self.now += timedelta(**passed)
        return self


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def trace(office: Office) -> list[str]:
    with office.shop.store.reading() as connection:
        return [each.entry.verb for each in audit.find(connection, after=-1, limit=10_000)]


def test_filed_answered_decided_and_told(office: Office) -> None:
    service = office.service
    notice = service.file(DATA, by=ADA, key="k1")
    assert (notice.state, [each.store_id for each in notice.targets]) == ("open", ["s1", "s2"])
    assert service.file(DATA, by=ADA, key="k1") == notice, "asking again is asking once"
    with pytest.raises(Conflict, match="other content"):
        service.file({**DATA, "listing_ids": ["l3"]}, by=ADA, key="k1")
    upheld = Ruling(outcome="upheld", listings={"l2": "rejected"}, reason="No such article was ever made.")
    with pytest.raises(Conflict, match="the seller may answer until 2026-05-04"):
        service.decide(notice.notice_id, upheld, by=BOB)
    office.later(hours=2)
    assert service.counter(notice.notice_id, "We have invoices.", by=ADA).state == "countered"
    assert service.counter(notice.notice_id, "We have invoices.", by=ADA).state == "countered"
    decided = service.decide(notice.notice_id, upheld, by=BOB)
    assert isinstance(decided, Notice)
    assert [each.outcome for each in decided.targets] == ["upheld", "rejected"]
    with pytest.raises(Conflict, match="is decided"):
        service.decide(notice.notice_id, upheld, by=BOB)
    statements = service.statements(notice.notice_id)
    assert [(each.party.kind, each.party.id, each.dsa is not None) for each in statements] == [
        ("principal", "h1", False), ("store", "s1", True), ("store", "s2", False),
    ]  # fmt: skip
    assert "No such article was ever made." in statements[1].text["en"]
    assert [each for each in trace(office) if each.startswith("notice.")] == [
        "notice.file", "notice.counter", "notice.decide",
    ]  # fmt: skip


def test_the_data_of_a_statement_are_those_of_the_transparency_database(office: Office) -> None:
    service = office.service
    notice = service.file(DATA, by=ADA)
    with pytest.raises(Conflict, match="nothing is decided"):
        service.statements(notice.notice_id)
    office.later(days=4)
    service.decide(notice.notice_id, Ruling(outcome="upheld"), by=BOB)
    dsa = service.statements(notice.notice_id)[1].dsa
    assert dsa is not None
    explained = dsa.pop("decision_facts")
    assert dsa.pop("incompatible_content_explanation") == explained
    assert dsa.pop("puid") == service.statements(notice.notice_id)[1].statement_id
    assert dsa.pop("incompatible_content_ground").startswith("Terms of use")
    assert dsa == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_illegal": "Yes",
        "category": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "category_specification": ["KEYWORD_TRADEMARK_INFRINGEMENT"],
        "content_type": ["CONTENT_TYPE_PRODUCT"],
        "account_type": "ACCOUNT_TYPE_BUSINESS",
        "application_date": "2026-05-05",
        "source_type": "SOURCE_ARTICLE_16",
        "source_identity": "h1",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }


def test_who_filed_stays_behind_tokens(office: Office) -> None:
    notice = office.service.file(DATA, by=ADA)
    office.later(days=4)
    office.service.decide(notice.notice_id, Ruling(outcome="upheld"), by=BOB)
    shown = msgspec.json.encode([office.service.get(notice.notice_id), office.service.statements(notice.notice_id)])
    with office.shop.store.reading() as connection:
        log = [each.event for each in read_after(connection, 0)]
        kept = msgspec.json.encode([event.data for event in log])
    for private in (b"Li Na", b"li.na@brand.example"):
        assert private not in shown
        assert private not in kept
    assert log[-2].data["filer_name"].startswith("nam_")


def test_what_is_lacking_is_completed_under_the_same_id(office: Office) -> None:
    first = office.service.file({**DATA, "signature": ""}, by=ADA)
    assert (first.state, first.missing) == ("incomplete", ("signature",))
    with pytest.raises(Conflict, match="the form lacks signature"):
        office.service.decide(first.notice_id, Ruling(outcome="rejected"), by=BOB)
    stranger = {**DATA, "notice_id": first.notice_id, "rights_holder_id": "h2"}
    with pytest.raises(Conflict, match="another rights holder"):
        office.service.file(stranger, by=ADA)
    office.later(hours=1)
    whole = office.service.file({**DATA, "notice_id": first.notice_id}, by=ADA)
    assert (whole.state, whole.filed_at) == ("open", office.now)


def test_refusals(office: Office) -> None:
    with pytest.raises(NotFound):
        office.service.get("none")
    with pytest.raises(NotFound):
        office.service.counter("no\0ne", "x", by=ADA)
    notice = office.service.file(DATA, by=ADA)
    with pytest.raises(Invalid, match="does not decide about"):
        office.service.decide(notice.notice_id, Ruling(outcome="rejected", listings={"l9": "rejected"}), by=BOB)
    with pytest.raises(Invalid):
        About(brand_id="b\n1")
    twin = office.later(hours=1).service.file({**DATA, "statement": "Once more: not ours."}, by=ADA)
    with pytest.raises(Conflict, match=notice.notice_id):
        office.service.decide(twin.notice_id, Ruling(outcome="rejected"), by=BOB)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ((registered(hours=-1, authorised_store_ids=["s1"]),), "an authorised store"),
        ((registered(hours=-1, rights_holder_ids=["h7"]),), "a holder who is not registered"),
    ],
)
def test_what_one_person_does_not_decide_alone(office: Office, before: tuple[Event, ...], why: str) -> None:
    office.shop.take(*before, now=NOW)
    notice = office.service.file(DATA, by=ADA)
    office.later(days=4)
    ruling = Ruling(outcome="upheld", reason="Looked at by two.")
    waits = office.service.decide(notice.notice_id, ruling, by=ADA)
    assert isinstance(waits, Approval), why
    with pytest.raises(Conflict, match="pending"):
        office.service.decide(notice.notice_id, ruling, by=ADA, approval_id=waits.approval_id)
    with office.shop.store.transaction() as connection:
        approving.approve(connection, waits.approval_id, by=BOB, now=office.now)
    other = Ruling(outcome="upheld", listings={"l2": "rejected"})
    with pytest.raises(Conflict, match="something else"):
        office.service.decide(notice.notice_id, other, by=ADA, approval_id=waits.approval_id)
    done = office.service.decide(notice.notice_id, ruling, by=ADA, approval_id=waits.approval_id)
    assert isinstance(done, Notice)
    assert done.state == "decided"


def test_rejecting_takes_one_person(office: Office) -> None:
    office.shop.take(registered(hours=-1, authorised_store_ids=["s1"]), now=NOW)
    notice = office.service.file(DATA, by=ADA)
    assert isinstance(office.service.decide(notice.notice_id, Ruling(outcome="rejected"), by=ADA), Notice)


def test_trusted_holders_go_first_and_lists_find_what_is_asked(store: Store) -> None:
    standing = msgspec.structs.replace(POLICIES.notices.standing, trusted=("h2",))
    trusted = msgspec.structs.replace(POLICIES.notices, standing=standing)
    office = Office(store)
    office.shop.live = GoodsLive(msgspec.structs.replace(POLICIES, notices=trusted))
    office.shop.take(filed("n1", 0), filed("n2", 1, holder="h2", listings=["l2"]), filed("n3", 2, kind="patent"))
    service = office.service
    assert [each.notice_id for each in service.waiting(9)] == ["n2", "n1", "n3"]
    asks: list[tuple[About, list[str]]] = [
        (About(), ["n3", "n2", "n1"]), (About(rights_holder_id="h2"), ["n2"]), (About(kind="patent"), ["n3"]),
        (About(store_id="s1"), ["n3", "n1"]), (About(listing_id="l2"), ["n2"]), (About(state="decided"), []),
    ]  # fmt: skip
    for about, names in asks:
        assert [each.notice_id for each in service.listed(about, after=None, limit=9)] == names
    (first, second) = service.listed(About(), after=None, limit=2)
    assert service.listed(About(), after=(second.filed_at, second.notice_id), limit=2)[0].notice_id == "n1"
    office.shop.take(ruled("n1", 100), ruled("n3", 101))
    assert [(each.brand_id, each.store_id, each.notices) for each in service.strikes(1, 9)] == [("b1", "s1", 2)]
    assert service.strikes(3, 9) == []
    assert first.filed_at > second.filed_at


# Whatever the history, tables and memory come to the same.

_LACKING: dict[str, Any] = {"good_faith": False}
_NAMES = st.sampled_from(["n1", "n2", "n3", "n4"])
_MADE: dict[str, Callable[..., st.SearchStrategy[Any]]] = {
    "filed": lambda at: st.builds(
        lambda name, holder, listings, kind, lacking: filed(
            name, at, holder=holder, listings=sorted(listings), kind=kind, **(_LACKING if lacking else {})
        ),
        _NAMES, st.sampled_from(["h1", "h2"]), st.sets(st.sampled_from(["l1", "l2", "l3", "l9"]), min_size=1),
        st.sampled_from(["counterfeit", "patent"]), st.booleans(),
    ),
    "countered": lambda at: st.builds(
        lambda name: told("notice.countered", f"k{at}", at, notice_id=name, statement="no"), _NAMES
    ),
    "decided": lambda at: st.builds(
        lambda name, outcome, other: ruled(
            name, at, outcome, listings=[{"listing_id": "l1", "outcome": other}] if other else []
        ),
        _NAMES, st.sampled_from(["upheld", "rejected"]), st.sampled_from(["upheld", "rejected", ""]),
    ),
    "case": lambda at: st.builds(
        lambda name, outcome, over: case(
            f"c{at}", at, outcome, **({"overturns": over} if over else {"notice_id": name})
        ),
        _NAMES, st.sampled_from(["upheld", "rejected", "overturned"]), st.sampled_from(["c40", "c80", ""]),
    ),
}  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    return [
        draw(_MADE[draw(st.sampled_from(sorted(_MADE)))](at))
        for at in range(0, 40 * draw(st.integers(1, 12)), 40)
    ]  # fmt: skip


@settings(max_examples=examples(30))
@given(histories())
@pytest.mark.slow
def test_tables_and_memory_come_to_the_same(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> None:
    store = make_store(tmp_path_factory.mktemp("store"))
    try:
        shop = Shop(store)
        shop.take(*BEGUN, *events)
        end = max(event.time for event in events)
        shop.hear(end)
        said = replayed(*BEGUN, *events)
        found, asked = shop.said()
        latest: dict[str, int] = {}
        for each in findings(said):
            latest[each.id] = max(each.revision, latest.get(each.id, 0))
        assert set(latest.items()) == found
        assert {each.id for each in actions(said)} == asked
        with store.reading() as connection:
            kept = queries.listed(connection, About(), after=None, limit=99)
        for notice in kept:
            assert consistent(notice, end)
    finally:
        store.close()


def consistent(notice: Notice, now: datetime) -> bool:
    """What must be true of every notice, whatever happened to it."""
    outcomes = [each.outcome for each in notice.own]
    return all(
        (
            (notice.state == "incomplete") == bool(notice.missing) or notice.state == "decided",
            notice.state != "decided" or None not in outcomes,
            not notice.waits or (notice.decide_by is not None and notice.counter_until is not None),
            not (notice.late(now) and not notice.overdue_told),
            (notice.share_upheld is not None) == (notice.state == "decided" and bool(notice.own)),
            all(each.merged_into != notice.notice_id for each in notice.targets),
        )
    )
