"""A batch that something speaks against: what is said, what is asked for, and the same from the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.engine.stream.run import Run
from agoranomos.goods.batches import following
from agoranomos.goods.batches.monitor import BatchMonitor
from agoranomos.goods.batches.policy import load_policy
from agoranomos.goods.batches.service import BatchService
from agoranomos.goods.batches.telling import CODE
from agoranomos.goods.batches.tracing import trace
from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.evidence.scales import Scales
from agoranomos.intake.actions import accept
from agoranomos.kernel.actions import Action
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_vault
from tests.goods.batches.builders import CNY, condemned, delivered, listed, placed, raw, received, shipped, sold
from tests.goods.testbuys.builders import appraisal

POLICY = load_policy()


def watching() -> BatchMonitor:
    return BatchMonitor(POLICY, lambda kind, _: kind == "listing.remove")


def heard(*events: dict[str, Any], by: BatchMonitor | None = None) -> list[Output]:
    parsed = sorted((parse_event(each) for each in events), key=lambda each: each.time)
    return Run([by or watching()]).feed(parsed)


def findings(said: list[Output]) -> list[Finding]:
    return [each for each in said if isinstance(each, Finding)]


def asked(said: list[Output]) -> set[tuple[str, str, str]]:
    return {(each.kind, each.subject.id, each.status) for each in said if isinstance(each, Action)}


STORY = [
    received("A", supplier_id="sup", factory="f"), received("B", quantity=30, supplier_id="sup"), listed("A"),
    listed("B", 0.5, kind="listing.updated"), *sold(4), delivered("o-l1-1-000", 20), placed("waits", 21),
]  # fmt: skip


def test_a_condemned_batch_is_a_finding_with_its_reach() -> None:
    said = heard(*STORY, condemned("A", 30))
    [finding] = findings(said)
    assert (finding.code, finding.subject.kind, finding.subject.id, finding.score) == (CODE, "batch", "A", 0.99)
    reach = finding.reasons[1].evidence
    assert (reach["listings"], reach["orders"], reach["orders_certain"], reach["orders_expected"]) == (1, 5, 0, 1.25)
    assert reach["orders_by_stage"] == {"waiting": 1, "on_the_way": 3, "delivered": 1}
    assert (reach["stock_expected"], reach["stock_least"], reach["stock_most"]) == (9.0, 6, 10)
    assert finding.reasons[2].evidence == {
        "supplier_id": "sup", "factory": "f", "batches": 1, "batches_condemned": 0,
        "message_zh": "同一供应商或工厂另有 1 个批次，其中 0 个也有问题。",
    }  # fmt: skip
    kinds = asked(said)
    assert ("listing.remove", "l1", "proposed") in kinds
    assert {each[1] for each in kinds if each[0] == "shipment.stop"} == {
        "o-l1-1-001", "o-l1-1-002", "o-l1-1-003", "waits",
    }  # fmt: skip
    assert len([each for each in kinds if each[0] == "buyer.inform"]) == 4


def test_chances_below_the_line_of_the_policy_ask_for_less() -> None:
    said = heard(received("A", quantity=1), received("B", quantity=9), listed("A"), listed("B", kind="listing.updated"),
                 *sold(2), condemned("A", 30))  # fmt: skip
    assert {kind for kind, _, _ in asked(said)} == {"buyer.inform"}
    probability = next(each.params["probability"] for each in said if isinstance(each, Action))
    assert probability == 0.1


def test_a_failed_inspection_and_a_fake_of_the_batch_count_as_well() -> None:
    [failed] = findings(heard(received("A", inspection="failed")))
    assert (failed.score, failed.reasons[0].evidence["why"]) == (0.9, "inspection")
    said = heard(*STORY, appraisal("t1", hours=30, batch_id="A"), condemned("A", 40), condemned("A", 50))
    assert [each.reasons[0].evidence["why"] for each in findings(said)] == ["appraisal", "condemned"]
    assert [each.revision for each in findings(said)] == [1, 2]
    assert len({each.id for each in findings(said)}) == 1
    assert findings(heard(*STORY, appraisal("t1", "genuine", hours=30, batch_id="A"))) == []


def test_what_comes_of_it_later_is_found_as_well() -> None:
    monitor = watching()
    said = heard(
        *STORY, condemned("A", 30), placed("new", 31), shipped("new", 32, "A"), placed("o9", 40, "other"), by=monitor
    )
    assert [each.revision for each in findings(said)] == [1, 2, 3]
    assert ("shipment.stop", "new", "pending") in asked(said)
    assert findings(said)[-1].reasons[1].evidence["orders_certain"] == 1


def test_nothing_is_asked_for_twice_unless_it_has_become_certain() -> None:
    later = [placed(f"n{each}", 31 + 3 * each) for each in range(4)]
    sent = [shipped("waits", 50, "A"), shipped("n0", 51), placed("end", 60, "other")]
    said = heard(*STORY, condemned("A", 30), *later, *sent)
    assert findings(said)[-1].revision > 3
    told = [(each.kind, each.subject.id) for each in said if isinstance(each, Action)]
    again = {each for each in told if told.count(each) > 1}
    assert again == {("shipment.stop", "waits")}, "it was likely, and is certain now"
    stops = [each for each in said if isinstance(each, Action) and (each.kind, each.subject.id) in again]
    assert [each.params["probability"] for each in stops] == [0.25, 1.0]
    victims = {(each.kind, each.id) for each in findings(said)[-1].related if each.role == "victim"}
    assert {("order", "waits"), ("account", "b-waits")} <= victims


def test_of_a_parcel_with_goods_of_several_listings_the_buyer_is_told_which_and_it_is_called_back_for_any() -> None:
    def order(name: str, *listings: str) -> dict[str, Any]:
        lines = [{"listing_id": each, "quantity": 1, "price": CNY} for each in listings]
        return raw("order.placed", 5, order_id=name, buyer_id=f"b-{name}", store_id="s1", paid=CNY, lines=lines)

    goods = [received("A", quantity=2), received("B", quantity=18), received("C")]
    feeds = {"l1": ("A", "B"), "l2": ("A", "B"), "l3": ("C",)}
    fed = [listed(batch, hours, name, "listing.updated") for name in feeds for hours, batch in enumerate(feeds[name])]
    said = heard(
        *goods, *fed, order("both", "l1", "l2", "l3"), order("one", "l1", "l3"), order("other", "l3"),
        *(shipped(name, 6 + place) for place, name in enumerate(("both", "one", "other"))), condemned("A", 30),
        placed("later", 40, "l3"), condemned("A", 50),
    )  # fmt: skip
    actions = [each for each in said if isinstance(each, Action)]
    told = [(each.subject.id, each.params["listing_id"], each.params["probability"]) for each in actions
            if each.kind == "buyer.inform"]  # fmt: skip
    assert told == [("both", "l1", 0.1), ("both", "l2", 0.1), ("one", "l1", 0.1)], "each once, and none of other goods"
    stopped = heard(*goods[:1], received("B", quantity=12), *goods[2:], *fed, order("both", "l1", "l2", "l3"),
                    order("one", "l1"), condemned("A", 30))  # fmt: skip
    called = {each.subject.id: each.params["probability"] for each in stopped
              if isinstance(each, Action) and each.kind == "shipment.stop"}  # fmt: skip
    assert called.keys() == {"both"}, (
        "an article may be of it with 1/7; that either is, with more than the policy's fifth"
    )
    assert called["both"] == pytest.approx(1 - (6 / 7) ** 2, abs=1e-3)


def test_a_listing_whose_batches_should_be_used_up_is_of_all_of_them() -> None:
    said = heard(received("A", quantity=2), listed("A"), *sold(4), condemned("A", 30))
    assert ("listing.remove", "l1", "proposed") in asked(said)


def test_listings_get_the_weight_of_what_they_send() -> None:
    monitor, scales = watching(), Scales(Out())
    for event in sorted(map(parse_event, [*STORY, condemned("A", 30)]), key=lambda each: each.time):
        monitor.hear(event, scales)
    [weight] = [each for each in scales.noted if isinstance(each, Weight)]
    assert (weight.subject.id, weight.source) == ("l1", "batch")
    assert 2.0 < weight.weight < 4.0  # a quarter of what it sends


def test_it_goes_on_where_it_stopped() -> None:
    events = [*STORY, condemned("A", 30), placed("new", 31), shipped("new", 32, "A"), placed("end", 40)]
    ordered = sorted(events, key=lambda each: each["time"])
    for cut in (5, 10, len(ordered) - 2):
        first, second = watching(), watching()
        said = heard(*ordered[:cut], by=first)
        second.resume(first.state())
        assert said + heard(*ordered[cut:], by=second) == heard(*ordered)


def test_old_parcels_are_forgotten() -> None:
    monitor = watching()
    heard(*STORY, delivered("o-l1-1-001", 22), placed("late", 24.0 * (POLICY.kept_days + 3)), by=monitor)
    remembered = monitor._known.flow.parcels
    assert "o-l1-1-000" not in remembered
    assert "late" in remembered


def taken_in(store: Store, *events: dict[str, Any]) -> BatchService:
    with store.transaction() as connection:
        accept(connection, make_vault(), [parse_event(each) for each in events], now=NOW)
    return BatchService(store, POLICY)


@pytest.mark.parametrize("portion", [3, 10_000])
def test_the_store_traces_what_the_monitor_traces(
    store: Store, portion: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever stretches the log is followed in."""
    monkeypatch.setattr(following, "POSITIONS_MAX", portion)
    events = sorted([*STORY, *sold(3, start=40, batch="A"), condemned("A", 50)], key=lambda each: each["time"])
    service, monitor = taken_in(store, *events), watching()
    heard(*events, by=monitor)
    for batch in ("A", "B"):
        assert service.trace(batch) == trace(monitor._known.flow, batch)


def test_the_store_forgets_and_refuses_what_is_too_much(store: Store) -> None:
    service = taken_in(store, *STORY)
    assert len(service.trace("A").orders) == 5
    tight = BatchService(store, type(POLICY)(version="1", kept_days=1, lines_max=2, actions_max=1,
                                             scores=POLICY.scores, measures=POLICY.measures))  # fmt: skip
    with pytest.raises(Invalid, match="lines_max"):
        tight.trace("A")
    with pytest.raises(NotFound):
        service.trace("none")
    with store.transaction() as connection:
        assert not following.prune(connection, following.oldest_kept(NOW, -2))
    with store.transaction() as connection:
        assert following.prune(connection, following.oldest_kept(NOW, -2))
    assert service.trace("A").orders == ()
