"""Rooms hear together, and what they know of a listing is one finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.engine.stream.run import Run
from agoranomos.goods.complaints.monitor import ComplaintMonitor
from agoranomos.goods.complaints.telling import CODE as COMPLAINTS
from agoranomos.goods.desk import records
from agoranomos.goods.desk.monitor import GoodsMonitor
from agoranomos.goods.desk.saying import CODE, TOGETHER
from agoranomos.goods.evidence.model import LISTED, Weight
from agoranomos.goods.evidence.scales import reweigh, weigh
from agoranomos.goods.listings.policy import detector_codes
from agoranomos.goods.profiles.reading import parse_profile, profiles_of, shipped_files
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding, Subject
from tests.builders import NOW

CNY = {"amount": 9900, "currency": "CNY"}


class Room:
    """Weighs what a title says: `text 2.5`, or nothing; an appraisal from each test buy, which grows old."""

    name, version = "goods.room", "1"
    hears = ("listing.submitted", "listing.updated", "testbuy.appraised")

    def foresee(self, events: Sequence[Event]) -> None:
        """Needs no look ahead."""

    def hear(self, event: Event, out: Out) -> None:
        if event.data.get("title") == "refused":
            out.refuse(event, Invalid("no", pointer="/data/title"))
            return
        subject = Subject("listing", event.data["listing_id"])
        if event.type == "testbuy.appraised":
            weight = 7.0 if event.data["verdict"] == "counterfeit" else -4.0
            weigh(out, self._weight(subject, event, "appraisal", weight, key=event.data["testbuy_id"]))
        else:
            said = event.data["title"].split()
            weights = [self._weight(subject, event, said[0], float(said[1]))] if len(said) > 1 else []
            if said[0] == "notice":
                weigh(out, msgspec.structs.replace(weights[0], claim=said[-1] == "filed"))
            else:
                reweigh(out, subject, LISTED, weights)

    def _weight(self, subject: Subject, event: Event, source: Any, weight: float, **fields: Any) -> Weight:
        return Weight(
            subject=subject, source=source, code=f"goods.{source}", weight=weight, message=f"The {source} says so.",
            at=event.time, store_id=event.data["store_id"], category=event.data.get("category", ""), **fields,
        )  # fmt: skip

    def due(self) -> datetime | None:
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Never."""

    def state(self) -> bytes:
        return b""

    def resume(self, state: bytes) -> None:
        """Knows nothing."""


def raw(kind: str, identity: str, hours: float, **data: Any) -> dict[str, Any]:
    at = rfc3339(NOW + timedelta(hours=hours))
    return {"specversion": "1.0", "id": identity, "source": "shop", "type": kind, "time": at, "data": data}


def listed(identity: str, hours: float, title: str, listing: str = "l1", kind: str = "updated") -> dict[str, Any]:
    data = {"listing_id": listing, "store_id": "s1", "title": title, "price": CNY}
    return raw(f"listing.{kind}", identity, hours, **data)


def appraised(identity: str, hours: float, verdict: str, listing: str = "l1") -> dict[str, Any]:
    return raw(
        "testbuy.appraised", identity, hours, testbuy_id=identity, listing_id=listing, store_id="s1", verdict=verdict,
        appraiser_id="a1", cost=CNY,
    )  # fmt: skip


def bought(count: int, listing: str = "l1") -> list[dict[str, Any]]:
    return [
        raw(
            "order.placed", f"o-{listing}-{n}", n * 0.1, order_id=f"o-{listing}-{n}", buyer_id=f"b{n}", store_id="s1",
            lines=[{"listing_id": listing, "quantity": 1, "price": CNY}], paid=CNY,
        )
        for n in range(count)
    ]  # fmt: skip


def blamed(number: int, hours: float, listing: str = "l1") -> dict[str, Any]:
    identity = f"r-{listing}-{number}"
    return raw(
        "review.posted", identity, hours, review_id=identity, author_id=f"b{number}", store_id="s1",
        listing_id=listing, rating=1, text="假货，用了头皮痒",
    )  # fmt: skip


def desk() -> GoodsMonitor:
    return GoodsMonitor([Room(), ComplaintMonitor()])


def heard(*events: dict[str, Any], watching: GoodsMonitor | None = None) -> list[Output]:
    return Run([watching or desk()]).feed([parse_event(event) for event in events])


def fused(outputs: Sequence[Output]) -> list[Finding]:
    return [each for each in outputs if isinstance(each, Finding) and each.code == CODE]


def test_two_rooms_that_each_know_a_little_make_a_finding() -> None:
    """Neither the title nor two voices on a hundred orders are worth a person's time."""
    story = [listed("e1", 0, "text 2.9"), *bought(100), blamed(1, 24), blamed(2, 25)]
    outputs = heard(*story)
    assert {each.code for each in outputs if isinstance(each, Finding)} == {CODE}
    one = fused(outputs)[-1]
    assert 0.5 <= one.score < 0.9
    assert one.subject == Subject("listing", "l1")
    assert [(each.kind, each.id, each.role) for each in one.related] == [("store", "s1", "tie")]
    assert one.event_ids == ("e1", "r-l1-1", "r-l1-2")
    together = one.reasons[0]
    assert together.code == TOGETHER
    assert together.message.startswith("Added up: what buyers say +3.8, the text +2.3; with -4.0")
    assert [reason.code for reason in one.reasons[1:]] == [COMPLAINTS, "goods.text"]
    parts = together.evidence["parts"]
    assert together.evidence["log_odds"] == pytest.approx(
        -4 + sum(part["counted"] for part in parts.values()), abs=1e-3
    )


def test_one_room_alone_says_its_own_finding_and_no_other() -> None:
    assert fused(heard(listed("e1", 0, "text 6"))) == []
    assert fused(heard(*bought(100), *(blamed(n, 24 + n) for n in range(6)))) == []


def test_it_is_said_again_when_it_changes_materially_and_not_otherwise() -> None:
    outputs = heard(
        listed("e1", 0, "text 2"), appraised("t1", 1, "counterfeit"), listed("e2", 2, "text 2.1"),
        listed("e3", 3, "text 4"), appraised("t2", 4, "genuine"), appraised("t3", 5, "genuine"),
    )  # fmt: skip
    said = fused(outputs)
    assert [(each.revision, each.event_ids[-1]) for each in said] == [(1, "t1"), (2, "e3"), (3, "t2"), (4, "t3")]
    assert len({each.id for each in said}) == 1
    assert said[0].score > 0.9
    assert said[1].score > said[0].score > said[2].score > said[3].score


def test_a_finding_ends_with_a_last_word_and_begins_anew_with_an_id_of_its_own() -> None:
    outputs = heard(
        listed("e1", 0, "text 5"), appraised("t1", 1, "genuine"), *bought(60), *(blamed(n, 24) for n in range(4)),
        listed("e2", 48, "plain"), listed("e3", 72, "text 6"),
    )  # fmt: skip
    said = fused(outputs)
    ids = list(dict.fromkeys(each.id for each in said))
    assert len(ids) == 2
    last = [each for each in said if each.id == ids[0]][-1]
    assert last.score < 0.3
    assert next(each.revision for each in said if each.id == ids[1]) == 1


def test_what_is_known_of_a_store_counts_a_little_for_its_other_listings() -> None:
    story = [*bought(60), *(blamed(n, 24 + n) for n in range(6)), listed("e1", 48, "text 2.7", "l2")]
    assert fused(heard(*story)) == [], "what is known of a store does not condemn its other goods"
    story.append(listed("e2", 49, "text 3.9", "l2"))
    one = fused(heard(*story))[-1]
    assert one.subject.id == "l2"
    assert one.reasons[0].evidence["parts"]["seller"]["counted"] <= 1.5


def test_the_voices_on_a_listing_are_not_counted_again_with_its_store() -> None:
    story = [listed("e1", 0, "text 2.9"), *bought(60), *(blamed(n, 24 + n) for n in range(4))]
    assert "seller" not in fused(heard(*story))[-1].reasons[0].evidence["parts"]


def test_a_profile_weighs_sources_and_asks_for_measures_once() -> None:
    text = shipped_files()["infant-food-health"]
    known = profiles_of([parse_profile("infant-food-health", text, detector_codes())])
    watching = GoodsMonitor([Room()], profiles=known, profile_of=lambda path: "infant-food-health" if path else "")
    outputs = heard(
        listed("e1", 0, "text 4"), appraised("t1", 1, "counterfeit"), appraised("t2", 2, "counterfeit"),
        watching=watching,
    )  # fmt: skip
    assert [each for each in outputs if isinstance(each, Action)] == [], "of what kind the goods are was not said"
    told = [listed(f"f{n}", 10 + n, f"text {4 + n}") for n in range(3)]
    for each in told:
        each["data"]["category"] = "奶粉"
    outputs = heard(*told, watching=watching)
    (action,) = (each for each in outputs if isinstance(each, Action))
    assert (action.kind, action.subject, action.status) == ("listing.remove", Subject("listing", "l1"), "proposed")
    said = fused(outputs)
    assert action.because == (said[0].id,)
    assert said[0].reasons[0].evidence["profile"].startswith("infant-food-health@1+")


def test_a_notice_that_nobody_decided_calls_for_a_look_and_for_no_measure() -> None:
    text = shipped_files()["infant-food-health"]
    known = profiles_of([parse_profile("infant-food-health", text, detector_codes())])
    watching = GoodsMonitor([Room()], profiles=known, profile_of=lambda _: "infant-food-health")
    filed = heard(listed("e1", 0, "text 3"), listed("e2", 1, "notice 4.5 filed"), watching=watching)
    assert fused(filed)[-1].score > 0.9
    assert [each for each in filed if isinstance(each, Action)] == []
    upheld = heard(listed("e3", 2, "notice 4.6 upheld"), watching=watching)
    assert [each.kind for each in upheld if isinstance(each, Action)] == ["listing.remove"]
    assert heard(listed("e4", 3, "notice 4.6 upheld"), watching=watching) == [], "asked once"


def test_what_is_known_without_a_claim_is_enough_for_a_measure() -> None:
    text = shipped_files()["infant-food-health"]
    known = profiles_of([parse_profile("infant-food-health", text, detector_codes())])
    watching = GoodsMonitor([Room()], profiles=known, profile_of=lambda _: "infant-food-health")
    story = [listed("e1", 0, "notice 2 filed"), listed("e2", 1, "text 3"), appraised("t1", 2, "counterfeit")]
    (action,) = (each for each in heard(*story, watching=watching) if isinstance(each, Action))
    assert action.kind == "listing.remove"


def test_what_a_room_refuses_is_refused() -> None:
    run = Run([desk()])
    run.feed([parse_event(listed("e1", 0, "refused"))])
    assert [(each.event_id, each.pointer) for each in run.refused()] == [("e1", "/data/title")]


def test_it_goes_on_after_a_restart_and_says_the_same_in_pieces() -> None:
    story = [
        listed("e1", 0, "text 2.9"), listed("e2", 0, "text 2.9", "l2"), *bought(100), *bought(30, "l2"),
        *(blamed(n, 24 + n) for n in range(5)), appraised("t1", 40, "genuine"),
        *(blamed(n, 60 + n, "l2") for n in range(3)), appraised("t2", 90, "counterfeit", "l2"),
    ]  # fmt: skip
    events = [parse_event(each) for each in sorted(story, key=lambda each: each["time"])]
    together = Run([desk()]).feed(events)
    assert len(fused(together)) > 3
    for cut in range(0, len(events), 17):
        first, other = desk(), desk()
        run = Run([first])
        said = run.feed(events[:cut])
        other.resume(first.state())
        assert said + Run([other], now=run.now).feed(events[cut:]) == together


def test_state_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "SUBJECTS_MAX", 3)
    monkeypatch.setattr(records, "WEIGHTS_MAX", 4)
    watching = desk()
    heard(
        *(listed(f"e{n}", n, "text 3", f"l{n}") for n in range(9)),
        *(appraised(f"t{n}", 20 + n, "genuine", "l8") for n in range(9)), watching=watching,
    )  # fmt: skip
    known = watching._records
    assert list(known.listings) == ["l6", "l7", "l8"]
    assert len(known.listings["l8"].weights) == 4
    assert known.of_store("s1") == ("l6", "l7", "l8")
    heard(*(listed(f"f{n}", 40 + n, "plain", f"l{n}") for n in (6, 7)), watching=watching)
    assert known.of_store("s1") == ("l8",), "what nothing is known of is let go"


def test_personal_data_stays_out() -> None:
    told = blamed(1, 24)
    told["data"]["text"] = "假货 电话13812345678"
    watching = desk()
    outputs = heard(*bought(30), listed("e1", 0, "text 3"), told, blamed(2, 25), watching=watching)
    assert b"13812345678" not in msgspec.json.encode(outputs)
