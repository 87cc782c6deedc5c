"""Tracing over the store: every coupon from its issue to who had the good of it, the same in whatever steps it came."""

from __future__ import annotations

import msgspec
import pytest

from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from agoranomos.kernel.store import Store
from agoranomos.promotions.tracing.model import Tier
from agoranomos.promotions.tracing.policy import load_policy
from agoranomos.promotions.tracing.service import TraceService
from tests.builders import NOW
from tests.promotions.remedies.scene import history, take
from tests.promotions.tracing.events import told


def service(store: Store) -> TraceService:
    return TraceService(store, load_policy())


def test_an_incident_tells_rings_victims_heavy_individuals_and_good_faith_apart(store: Store) -> None:
    take(store, history())
    traces = service(store)
    traces.follow()
    found = traces.incident("c1")
    tiers = {each.account_id: each.tier for each in found.beneficiaries}
    assert {name for name, tier in tiers.items() if tier is Tier.RING} == {f"r{place}" for place in range(8)}
    assert {name for name, tier in tiers.items() if tier is Tier.VICTIM} == {"old"}
    assert {name for name, tier in tiers.items() if tier is Tier.HEAVY} == {"busy"}
    assert sum(tier is Tier.GOOD_FAITH for tier in tiers.values()) == 30
    (ring,) = found.rings
    assert (len(ring.members), ring.victims, ring.kinds) == (8, ("old",), ("device", "payee"))
    assert (found.claimed, found.redeemed, found.currency) == (65, 47, "CNY")
    assert found.tiers["ring_member"].value == 16 * 9_960
    assert found.payees[0].id == "p"
    assert all(each.reasons for each in found.beneficiaries if each.tier is not Tier.GOOD_FAITH)


def test_steps_change_nothing_and_nothing_is_heard_twice(store: Store) -> None:
    events = history()
    for start in range(0, len(events), 40):
        take(store, events[start : start + 40])
        service(store).follow()
    service(store).follow()
    first = msgspec.json.encode(service(store).incident("c1"))
    assert service(store).incident("c1").claimed == 65
    assert msgspec.json.encode(service(store).incident("c1")) == first


def test_a_coupon_is_followed_to_its_order_and_what_was_paid_back(store: Store) -> None:
    back = told("order.refunded", "back", 200, order_id="o-r1-0", amount={"amount": 40, "currency": "CNY"})
    take(store, [*history(), back])
    traces = service(store)
    traces.follow()
    found = traces.coupon("k-r1-0")
    assert found.order is not None
    assert (found.coupon.account_id, found.coupon.payee_id, found.order.refunded) == ("r1", "p", 40)
    assert found.order.shipped_at is not None
    assert found.account is not None
    assert traces.coupon("k-idle").order is None
    for name in ("nobody", "", "x" * 200):
        with pytest.raises(NotFound):
            traces.coupon(name)
        with pytest.raises(NotFound):
            traces.incident(name)


def found_before(account: str, code: str, ring: str, *reasons: Reason) -> Finding:
    """What a monitor said of an account."""
    subject = Subject("account", account)
    return Finding(
        id=finding_id(code, subject, rfc3339(NOW)), at=rfc3339(NOW), code=code, subject=subject, score=0.9,
        reasons=reasons, ring_id=ring, detector=code, version="1",
    )  # fmt: skip


def one_device() -> list[Event]:
    """Eight who take three each from one device, for phones of their own: one tie, which accuses nobody."""
    return [
        told("coupon.claimed", f"c-{place}-{turn}", 60 + turn, coupon_id=f"k{place}-{turn}", campaign_id="c1",
             account_id=f"s{place}", device_id="d")
        for place in range(8) for turn in range(3)
    ]  # fmt: skip


def test_an_incident_goes_by_what_monitors_found_of_farms_and_of_who_acts_together(store: Store) -> None:
    take(store, one_device())
    traces = service(store)
    traces.follow()
    assert traces.incident("c1").tiers["ring_member"].accounts == 0
    farmed = Reason("promotions.account_farm", "One of a farm.")
    farm = [found_before(f"s{place}", "promotions.account_farm", "farm", farmed) for place in range(4)]
    step = Reason("promotions.conduct", "Acts together.", {"key": "lockstep:s4"})
    together = [found_before(f"s{place}", "promotions.coupon_ring", "r", step) for place in range(4, 8)]
    with store.transaction() as connection:
        keep_findings(connection, [*farm, *together], now=NOW)
    found = traces.incident("c1")
    assert found.tiers["ring_member"].accounts == 8
    assert {kind for ring in found.rings for kind in ring.kinds} == {"conduct", "device", "registration"}
