from __future__ import annotations

from agoranomos.engine.market.plots.commingled_batch import CommingledBatch
from agoranomos.engine.stream.run import Run
from agoranomos.goods.batches.monitor import BatchMonitor
from agoranomos.goods.batches.policy import load_policy
from agoranomos.goods.batches.tracing import trace
from agoranomos.kernel.events import parse_event
from tests.engine.market.builders import make_market, make_settings

PLOT = CommingledBatch()
MARKET = make_market(make_settings(12), PLOT)
ROWS = [row for row in MARKET.truth if row.plot == PLOT.name]
BAD = {row.subject_id for row in ROWS if row.role == "bad"}
GOOD = {row.subject_id for row in ROWS if row.role == "good"}
[CONDEMNED] = [row.subject_id for row in ROWS if row.role == "condemned"]


def test_no_parcel_says_which_batch_it_is_of() -> None:
    assert len(BAD) + len(GOOD) == PLOT.orders
    assert 0 < len(BAD) < PLOT.bad
    shipped = [event for event in MARKET.of("order.shipped") if event.data["order_id"] in BAD | GOOD]
    assert shipped
    assert all("batch_id" not in event.data for event in shipped)
    received = [event.data for event in MARKET.of("goods.received") if event.data["quantity"] in (PLOT.bad, PLOT.good)]
    assert sum(data["batch_id"] == CONDEMNED for data in received) == 1


def test_a_trace_is_right_on_average_and_certain_of_nothing() -> None:
    monitor = BatchMonitor(load_policy(), lambda *_: False)
    said = Run([monitor]).feed([parse_event(event.raw()) for event in MARKET.events if event.type in monitor.hears])
    assert [each.subject.id for each in said if getattr(each, "code", "") and each.subject.id == CONDEMNED]
    found = trace(monitor._known.flow, CONDEMNED)
    assert found.certain == 0
    assert {each.order_id for each in found.orders} == {
        name for name in BAD | GOOD if monitor._known.flow.parcels[name][0].stage != "cancelled"
    }  # fmt: skip
    share = PLOT.bad / (PLOT.bad + PLOT.batches * PLOT.good)
    assert {each.probability for each in found.orders} == {share}
    bad = sum(each.order_id in BAD for each in found.orders)
    spread = (len(found.orders) * share * (1 - share)) ** 0.5
    assert abs(found.expected - bad) < 3 * spread
