"""What follows from events: who comes back is found on his application, whose stores belong together on the stores."""

from __future__ import annotations

from typing import Any

import pytest

from agoranomos.engine.market.plots.returning_seller import doctored
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.sellers.links.monitor import LinkMonitor
from agoranomos.sellers.links.noting import noted_slots
from agoranomos.sellers.links.policy import load_policy
from agoranomos.sellers.links.telling import LINKED, RETURNED
from tests.engine.links.people import person
from tests.sellers.links.events import applied, closed, event, opened


class Told:
    """A monitor, and all that it has said."""

    def __init__(self) -> None:
        self.monitor = LinkMonitor(load_policy())
        self.found: list[Finding] = []

    def hear(self, *events: Event) -> list[Finding]:
        """What is said of these."""
        out = Out()
        for each in events:
            self.monitor.hear(each, out)
        said = [each for each in out.take() if isinstance(each, Finding)]
        self.found += said
        return said


@pytest.fixture
def told() -> Told:
    """Ten sellers with a store each; that of s0 was closed for a violation."""
    desk = Told()
    for number in range(10):
        desk.hear(applied(f"s{number}", person(number)), opened(f"st{number}", f"s{number}"))
    assert not desk.hear(closed("st0"))
    return desk


def test_who_comes_back_is_found_on_his_application(told: Told) -> None:
    again = doctored(Stream.of(1, "again"), person(0), 3)
    (finding,) = told.hear(applied("new", again))
    assert finding.code == RETURNED
    assert finding.subject == Subject("application", "a-new")
    assert finding.score > 0.9
    assert ("seller", "s0", "reference") in [(each.kind, each.id, each.role) for each in finding.related]
    assert "the same device" in finding.reasons[0].message
    assert "设备相同" in finding.reasons[0].evidence["message_zh"]
    assert {reason.code for reason in finding.reasons} >= {"sellers.shared_device", "sellers.shared_address"}
    bits = finding.reasons[0].evidence["bits"]
    assert bits["total"] == pytest.approx(sum(value for name, value in bits.items() if name != "total"), abs=0.1)


def test_of_eight_tries_none_passes(told: Told) -> None:
    for number in range(8):
        again = doctored(Stream.of(number, "tries"), person(0), 1 + number % 3)
        (finding,) = told.hear(applied(f"new{number}", again))
        assert finding.code == RETURNED
        assert finding.related[0].id == "s0", "whoever he was last time, it is the closed one who is back"
        told.hear(event("application.decided", application_id=f"a-new{number}", outcome="rejected"))


def test_the_account_that_was_closed_is_known(told: Told) -> None:
    (finding,) = told.hear(applied("s0", person(77)))
    assert finding.code == RETURNED
    assert finding.score == 0.99
    (finding,) = told.hear(applied("another", person(77)))
    assert "s0" in [each.id for each in finding.related], "what he said then is his"


def test_strangers_and_those_who_left_of_themselves_may_come(told: Told) -> None:
    assert not told.hear(applied("new", person(50)))
    told.hear(closed("st1", "voluntary"))
    assert not told.hear(applied("again", person(1)))


def test_who_was_taken_for_another_and_cleared_is_himself(told: Told) -> None:
    kept = {"bank_account": person(0).application()["bank_account"]}
    (finding,) = told.hear(applied("honest", person(60), **kept))
    assert finding.code == RETURNED
    told.hear(event("application.decided", application_id="a-honest", outcome="approved"))
    assert not told.hear(applied("cousin", person(61)))
    links = told.monitor._desk.links_of_seller("honest", line=0.3)
    assert [link.seller_id for link in links] == ["s0"], "the link stays, and says why"


def test_siblings_of_a_store_that_is_closed_are_found(told: Told) -> None:
    told.hear(opened("st1b", "s1"), applied("twin", person(1)), opened("st-twin", "twin"))
    found = {each.subject.id: each for each in told.hear(closed("st1"))}
    assert set(found) == {"st1b", "st-twin"}
    assert all(each.code == LINKED for each in found.values())
    assert found["st1b"].reasons[0].message == "Another store of the same seller was closed for a violation."
    assert "the same identity number" in found["st-twin"].reasons[0].message
    assert ("store", "st1", "reference") in [(each.kind, each.id, each.role) for each in found["st-twin"].related]


def test_an_upheld_case_finds_them_too_and_the_closing_tells_it_again(told: Told) -> None:
    told.hear(opened("st1b", "s1"))
    case: dict[str, Any] = {"subject": {"kind": "store", "id": "st1"}, "clause": "2.1"}
    assert not told.hear(event("case.decided", case_id="c0", outcome="rejected", **case))
    (first,) = told.hear(event("case.decided", case_id="c1", outcome="upheld", **case))
    assert not told.hear(event("case.decided", case_id="c2", outcome="upheld", **case)), "nothing new"
    (second,) = told.hear(closed("st1"))
    assert (first.id, first.revision, second.revision) == (second.id, 1, 2)


def test_a_case_against_a_seller_says_so_on_his_stores(told: Told) -> None:
    case: dict[str, Any] = {"subject": {"kind": "seller", "id": "s1"}, "clause": "2.1"}
    (finding,) = told.hear(event("case.decided", case_id="c1", outcome="upheld", **case))
    assert finding.subject == Subject("store", "st1")
    assert finding.reasons[0].message == "A case against the seller was upheld."


def at_home_of(number: int, seller_id: str, other: int) -> Event:
    """A stranger applies from somebody's room."""
    return applied(seller_id, person(other), address=person(number).address)


def test_strangers_who_come_to_a_closed_sellers_room_one_after_the_other_are_he(told: Told) -> None:
    assert not told.hear(at_home_of(0, "n1", 81), at_home_of(0, "n2", 82)), "a household, or who lives there now"
    (third,) = told.hear(at_home_of(0, "n3", 83))
    assert third.code == RETURNED
    assert ("seller", "s0") in [(each.kind, each.id) for each in third.related]
    assert "2 others who have come to the same address since that store was closed" in third.reasons[0].message
    bits = third.reasons[0].evidence["bits"]
    assert bits["comers.since"] == 6.0
    assert bits["total"] == pytest.approx(sum(value for name, value in bits.items() if name != "total"), abs=0.1)
    (fourth,) = told.hear(at_home_of(0, "n4", 84))
    assert fourth.score == pytest.approx(third.score, abs=0.001), "who was taken for him counts no more"


def test_a_room_in_which_others_were_before_ties_nobody(told: Told) -> None:
    told.hear(at_home_of(1, "m1", 91), closed("st1"))
    assert not told.hear(*(at_home_of(1, f"m{number}", 90 + number) for number in range(2, 6)))


def test_who_was_let_in_all_the_same_makes_nothing_common(told: Told) -> None:
    tries = [applied(f"t{number}", doctored(Stream.of(number, "again"), person(0), 3)) for number in range(8)]
    for number, each in enumerate(tries):
        (finding,) = told.hear(each)
        assert ("seller", "s0") in [(other.kind, other.id) for other in finding.related]
        told.hear(event("application.decided", application_id=f"a-t{number}", outcome="approved"))
    memory = told.monitor._desk.memory
    assert memory.sellers["t3"].returns == "s0"
    assert memory.sellers["t3"].taken_for == ""


def test_a_case_says_that_an_applicant_is_himself(told: Told) -> None:
    told.hear(applied("new", doctored(Stream.of(1, "again"), person(0), 2)))
    memory = told.monitor._desk.memory
    assert memory.sellers["new"].taken_for == "s0"
    case: dict[str, Any] = {"case_id": "c1", "clause": "2.1", "subject": {"kind": "application", "id": "a-new"}}
    told.hear(event("case.decided", outcome="rejected", **case))
    assert memory.sellers["new"].returns == ""
    assert memory.index.hand_of("new") != memory.index.hand_of("s0")


def test_a_device_seen_later_ties_a_store_to_a_closed_one(told: Told) -> None:
    session = {"principal_kind": "merchant", "device_id": person(0).device_id}
    assert not told.hear(event("session.started", account_id="m5", store_id="st5", principal_kind="merchant"))
    (finding,) = told.hear(event("session.started", account_id="m5", store_id="st5", **session))
    assert finding.subject == Subject("store", "st5")
    assert "the same device" in finding.reasons[0].message
    assert not told.hear(event("session.started", account_id="m5", store_id="st5", **session)), "said once"


def test_pictures_and_texts_used_again_tell_with_another_fact(told: Told) -> None:
    price = {"amount": 100, "currency": "CNY"}
    shown = {
        "title": "自家拍摄的手工皮鞋春季新款限量", "price": price,
        "pictures": [f"phash:{number:016x}" for number in range(1, 5)],
    }  # fmt: skip
    told.hear(event("listing.submitted", listing_id="l0", store_id="st2", **shown), closed("st2"))
    alone = told.hear(event("listing.submitted", listing_id="l1", store_id="st3", **shown))
    assert not alone, "one supplier may sell to both"
    links = told.monitor._desk.links_of_seller("s3", line=0.0001)
    assert {fact.field for fact in links[0].facts} == {"picture", "text"}


def test_a_replay_goes_on_where_it_was(told: Told) -> None:
    other = LinkMonitor(load_policy())
    other.resume(told.monitor.state())
    assert other.state() == told.monitor.state()
    out = Out()
    again = applied("new", doctored(Stream.of(1, "again"), person(0), 2))
    other.hear(again, out)
    assert out.take() == told.hear(again)


def test_notes_hold_nothing_that_can_be_read() -> None:
    noted = applied("s0", person(0), face_photo="phash:00000000000000ff")
    text = str(noted.extensions) + str(noted.data)
    for value in person(0).application().values():
        assert value in (person(0).device_id, person(0).ip, person(0).region, "cn_resident") or str(value) not in text
    assert "00000000000000ff" not in text
    near = applied("s1", person(1), face_photo="phash:00000000000000fe")
    one, other = noted_slots(noted)["face_photo"], noted_slots(near)["face_photo"]
    assert (one ^ other).bit_count() == 1, "how far two photos differ stays"


@pytest.mark.parametrize(
    "fields",
    [
        {"birth_date": "1999-99-99"}, {"id_number": "110105491231002"}, {"id_number": "11010519491231002x"},
        {"id_number": "１１０１０５１９４９１２３１００２Ｘ"}, {"legal_name": "😀😀"}, {"legal_name": "x" * 100_000},
        {"address": "号" * 50_000}, {"ip": "not an address"}, {"ip": "2001:db8::1"}, {"email": "@"}, {"phone": "++--"},
        {"face_photo": "phash:0000000000000000"}, {"id_photo": "../../etc/passwd"},
    ],
)  # fmt: skip
def test_bad_input_is_heard_like_any_other(told: Told, fields: dict[str, str]) -> None:
    told.hear(applied("odd", person(70), **fields))
    told.hear(applied("odd2", person(71), **fields))
