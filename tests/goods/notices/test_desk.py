"""What follows from notices: acknowledgement, clocks, conflicts, decisions, strikes, records."""

from __future__ import annotations

from typing import Any

import pytest

from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.evidence.scales import Scales
from agoranomos.goods.monitors import notice_monitor
from agoranomos.goods.notices.form import ABOUT, ELEMENTS
from tests.goods.trade.builders import (
    FORM,
    POLICIES,
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

BEGUN = (registered(), listed("l1"), listed("l2", "s2"))


def one(said: Any, kind: str) -> Any:
    (found,) = actions(said, kind)
    return found


def test_a_complete_notice_is_acknowledged_and_forwarded_and_its_clock_runs() -> None:
    said = replayed(*BEGUN, filed(listings=["l1", "l2"], **FORM))
    to_holder = one(said, "notice.acknowledge")
    assert (to_holder.subject.kind, to_holder.subject.id) == ("principal", "h1")
    assert to_holder.params == {"notice_id": "n1", "state": "open", "decide_by": "2026-05-06T08:00:00Z"}
    assert to_holder.status == "pending"
    stores = actions(said, "notice.forward")
    assert [(each.subject.id, each.params["listing_ids"]) for each in stores] == [("s1", ["l1"]), ("s2", ["l2"])]
    assert {each.params["counter_until"] for each in stores} == {"2026-05-04T08:00:00Z"}
    assert [each.subject.id for each in findings(said, "goods.notice_filed")] == ["l1", "l2"]
    assert not findings(said, "goods.notice_overdue")


@pytest.mark.parametrize("element", ELEMENTS)
def test_each_element_is_missed(element: str) -> None:
    required = {kind for kind, wanted in POLICIES.notices.required.items() if element in wanted}
    assert required, "an element that nobody asks for"
    empty: dict[str, Any] = {"listings": [], "explanation": "  ", "right": [], "good_faith": False, "contact": None}
    fields = {"name": "filer_name", "contact": "filer_email", "right": "right_numbers"}
    for kind in sorted(required):
        form = dict(FORM)
        event = filed(kind=kind, **form)
        assert one(replayed(*BEGUN, event), "notice.acknowledge").params["state"] == "open"
        if element == "listings":
            event = filed(kind=kind, listings=[], **form)
        elif element == "explanation":
            event = told("notice.filed", "e", 0, **{**event.data, "statement": "  fake  "})
        else:
            form[fields.get(element, element)] = empty.get(element, None if element != "evidence" else [])
            event = filed(kind=kind, **{name: value for name, value in form.items() if value is not None})
        said = replayed(*BEGUN, event)
        assert one(said, "notice.acknowledge").params == {
            "notice_id": "n1", "state": "incomplete", "missing": [element],
        }  # fmt: skip
        assert len(said) == 1, "no clock, nobody is told, nothing is found"
    assert ABOUT[element].en  # type: ignore[index] # one of them
    assert ABOUT[element].source  # type: ignore[index]


def test_what_was_lacking_is_brought_later_and_by_nobody_else() -> None:
    lacking = {**FORM, "good_faith": False}
    stranger = filed(hours=1, holder="h2", **FORM)
    said = replayed(*BEGUN, filed(**lacking), stranger, filed(hours=2, **FORM))
    assert [each.params["state"] for each in actions(said, "notice.acknowledge")] == ["incomplete", "open"]
    assert actions(said, "notice.acknowledge")[1].params["decide_by"] == "2026-05-06T10:00:00Z"
    again = replayed(*BEGUN, filed(**FORM), filed(hours=1, listings=["l1", "l2"], **FORM))
    assert len(actions(again, "notice.acknowledge")) == 1, "what is complete is not changed by being told again"


def test_a_notice_taken_on_a_form_of_the_marketplace_is_not_asked_for_more() -> None:
    assert one(replayed(*BEGUN, filed()), "notice.acknowledge").params["state"] == "open"


def test_a_late_decision_is_said_once_and_one_in_time_is_not() -> None:
    late = replayed(*BEGUN, filed(listings=["l1", "l2"]), until=500)
    assert [each.subject.id for each in findings(late, "goods.notice_overdue")] == ["l1", "l2"]
    assert {each.at for each in findings(late, "goods.notice_overdue")} == {"2026-05-06T08:00:00Z"}
    in_time = replayed(*BEGUN, filed(), ruled(hours=119), until=500)
    assert not findings(in_time, "goods.notice_overdue")


def test_an_upheld_notice_removes_and_says_so_and_a_rejected_one_does_not() -> None:
    split = [{"listing_id": "l2", "outcome": "rejected"}]
    said = replayed(*BEGUN, filed(listings=["l1", "l2"]), ruled(listings=split))
    (found,) = findings(said, "goods.notice_upheld")
    assert (found.subject.id, found.score) == ("l1", 0.95)
    removed = one(said, "listing.remove")
    assert (removed.subject.id, removed.because, removed.requested_by) == ("l1", (found.id,), "model:goods.notices")
    told_to = [(each.subject.kind, each.subject.id) for each in actions(said, "notice.tell")]
    assert told_to == [("principal", "h1"), ("store", "s1"), ("store", "s2")]
    assert not actions(replayed(*BEGUN, filed(), ruled(outcome="rejected")), "listing.remove")


def test_three_upheld_notices_by_one_brand_close_the_store() -> None:
    def story(count: int, brand: str = "b1", kind: str = "trademark") -> list[Any]:
        return [
            event
            for number in range(count)
            for event in (
                filed(f"{brand}-{number}", number * 100, brand=brand, kind=kind),
                ruled(f"{brand}-{number}", number * 100 + 80),
            )
        ]

    two_brands = replayed(*BEGUN, registered("b2"), *sorted([*story(2), *story(2, "b2")], key=lambda each: each.time))
    assert not findings(two_brands, "goods.repeat_infringer")
    said = replayed(*BEGUN, *story(4))
    found = findings(said, "goods.repeat_infringer")
    assert [(each.subject.id, each.revision) for each in found] == [("s1", 1), ("s1", 2)]
    assert len({each.id for each in found}) == 1
    closing = actions(said, "store.close")
    assert {(each.id, each.status, each.subject.id) for each in closing} == {(closing[0].id, "proposed", "s1")}


def test_a_rejected_or_overturned_notice_is_no_strike_and_comes_back() -> None:
    strikes = [
        event
        for number in range(3)
        for event in (filed(f"n{number}", number * 100, kind="trademark"), ruled(f"n{number}", number * 100 + 80))
    ]
    overturned = case("c1", 185, "overturned", notice_id="n0")
    said = replayed(*BEGUN, *strikes[:4], overturned, *strikes[4:])
    assert not findings(said, "goods.repeat_infringer")
    assert not actions(said, "listing.restore"), "another notice stands upheld about the same listing"
    said = replayed(*BEGUN, *strikes[:4], overturned, case("c3", 190, "overturned", notice_id="n1"))
    assert one(said, "listing.restore").because == ("c3",)
    late = replayed(*BEGUN, *strikes, case("c2", 300, "overturned", notice_id="n0"))
    reopened = one(late, "store.reopen")
    assert (reopened.subject.id, reopened.because, reopened.status) == ("s1", ("c2",), "proposed")
    assert not actions(said, "store.reopen"), "it was never closed"


def test_a_case_decides_a_notice_and_its_appeal_overturns_it_by_the_case_alone() -> None:
    said = replayed(
        *BEGUN, filed(), case("c1", 50, notice_id="n1"), case("c2", 90, "overturned", overturns="c1")
    )  # fmt: skip
    assert len(actions(said, "listing.remove")) == len(actions(said, "listing.restore")) == 1
    assert one(said, "listing.restore").because == ("c2",)


def test_the_same_listing_by_the_same_holder_is_decided_once() -> None:
    said = replayed(*BEGUN, filed("n1"), filed("n2", 1), filed("n3", 2, listings=["l1", "l2"]), ruled("n1", 80))
    acknowledged = {each.params["notice_id"]: each.params for each in actions(said, "notice.acknowledge")}
    assert acknowledged["n2"]["state"] == "merged"
    assert acknowledged["n2"]["merged_into"] == acknowledged["n3"]["merged_into"] == ["n1"]
    assert acknowledged["n3"]["state"] == "open"
    assert len(actions(said, "listing.remove")) == 1
    # Decided where it was not looked at first, it is decided where it waits.
    other_way = replayed(*BEGUN, filed("n1"), filed("n2", 1), ruled("n2", 80))
    assert one(other_way, "listing.remove").params == {"notice_id": "n1"}
    assert {each.params["notice_id"] for each in actions(other_way, "notice.tell")} == {"n1"}


@pytest.mark.parametrize(
    ("brand", "before", "code"),
    [
        (registered("b9"), (), "brand_unknown"),
        (registered(rights_holder_ids=["h7"]), (), "holder_not_registered"),
        (registered(), (filed("n0", -5, holder="h2", listings=["l2"]),), "claimed_by_another"),
        (registered(rights_holder_ids=["h1", "h2"]), (filed("n0", -5, holder="h2", listings=["l2"]),), None),
    ],
)
def test_who_may_file_for_a_brand(brand: Any, before: tuple[Any, ...], code: str | None) -> None:
    said = replayed(brand, listed("l1"), listed("l2", "s2"), *before, filed())
    found = [each for each in findings(said, "goods.notice_conflict") if each.related[0].id == "h1"]
    assert [reason.code for each in found for reason in each.reasons] == ([f"goods.notice_{code}"] if code else [])


def losing(count: int, hours: float = 0, outcome: str = "rejected", holder: str = "h1") -> list[Any]:
    return [
        event
        for number in range(count)
        for event in (
            filed(f"x{number}", hours + number * 2, holder=holder, listings=[f"g{number}"]),
            ruled(f"x{number}", hours + number * 2 + 1, outcome),
        )
    ]


def test_whoever_is_hardly_ever_right_loses_weight_and_is_named() -> None:
    said = replayed(*BEGUN, *losing(30), filed("last", 100))
    (*_, named) = findings(said, "goods.notices_in_bad_faith")
    assert (named.subject.kind, named.subject.id, named.revision) == ("principal", "h1", 30)
    assert named.score >= 0.9
    assert not [each for each in findings(said, "goods.notice_filed") if each.subject.id == "l1"]
    few = replayed(*BEGUN, *losing(3), filed("last", 100))
    assert not findings(few, "goods.notices_in_bad_faith"), "three lost notices prove nothing"


def test_whoever_is_nearly_always_right_is_trusted() -> None:
    said = replayed(*BEGUN, *losing(40, outcome="upheld"), filed("last", 100))
    (found,) = [each for each in findings(said, "goods.notice_filed") if each.subject.id == "l1"]
    assert found.score > 0.9
    assert found.reasons[0].evidence["standing"] == "trusted"


def test_what_contradicts_what_is_known_changes_nothing() -> None:
    strange = [
        ruled("never"),
        told("notice.countered", "k", 1, notice_id="never", statement="no"),
        case("c", 2, "overturned", overturns="never"),
    ]
    assert replayed(*BEGUN, *strange) == []
    told_twice = replayed(*BEGUN, filed(), ruled(hours=80), ruled(hours=90))
    assert len(actions(told_twice, "listing.remove")) == 1
    corrected = replayed(*BEGUN, filed(), ruled(hours=80), ruled(hours=90, outcome="rejected"))
    assert len(actions(corrected, "listing.restore")) == 1


def weighed(*events: Any, speaks: bool) -> tuple[list[Weight], list[Any]]:
    monitor = notice_monitor(POLICIES, speaks=speaks)
    out = Out()
    weights = []
    for event in events:
        if event.type in monitor.hears:
            scales = Scales(out)
            monitor.hear(event, scales)
            weights += [each for each in scales.noted if isinstance(each, Weight)]
    return weights, out.take()


def test_a_notice_weighs_what_its_holder_is_worth_and_decided_what_that_is_worth() -> None:
    upheld, said = weighed(*BEGUN, filed(), ruled(), speaks=True)
    assert [(each.subject.id, round(each.weight, 1), each.place) for each in upheld] == [
        ("l1", 4.4, "notice:goods.notice:n1"), ("l1", 6.9, "notice:goods.notice:n1"),
    ]  # fmt: skip
    assert said
    rejected, _ = weighed(*BEGUN, filed(), ruled(outcome="rejected"), speaks=True)
    assert rejected[-1].weight == 0.0
    assert weighed(*BEGUN, filed(kind="patent"), ruled(), speaks=True)[0] == []
    assert not [each for each in weighed(*losing(40), filed("last", 200), speaks=True)[0] if each.key == "last"]
    silent, nothing = weighed(*BEGUN, filed(), ruled(), speaks=False)
    assert [each.weight for each in silent] == [each.weight for each in upheld]
    assert nothing == []


def test_a_monitor_that_is_stopped_goes_on_where_it_was() -> None:
    events = [*BEGUN, filed(), filed("n2", 1, holder="h2"), *losing(5, 10), ruled("n1", 80), ruled("n2", 300)]
    whole = replayed(*events)
    for cut in range(len(events)):
        first, second = notice_monitor(POLICIES, speaks=True), notice_monitor(POLICIES, speaks=True)
        said: list[Any] = []
        for monitor, part in ((first, events[:cut]), (second, events[cut:])):
            if monitor is second:
                second.resume(first.state())
            for event in part:
                out = Out()
                while (due := monitor.due()) is not None and due <= event.time:
                    monitor.wake(due, out)
                if event.type in monitor.hears:
                    monitor.hear(event, out)
                said += out.take()
        assert said == [
            each for each in whole if "confirmed_fake" not in str(each) and "model:goods.redress" not in str(each)
        ]
