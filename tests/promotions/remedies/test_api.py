"""Tracing and remedies over HTTP: who may see, who may ask, and that a plan is asked for as it was seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.kernel.store import Store
from agoranomos.promotions.remedies.api import api_router
from agoranomos.promotions.remedies.policy import load_policy
from agoranomos.promotions.remedies.service import RemedyService
from agoranomos.promotions.tracing.policy import load_policy as load_rings
from agoranomos.promotions.tracing.service import TraceService
from agoranomos.web.app import create_app
from tests.builders import NOW
from tests.promotions.remedies.scene import history, take
from tests.promotions.remedies.test_remedies import KEY
from tests.web.callers import caller_with

Client = TestClient[Any]


@pytest.fixture
def client(store: Store) -> Iterator[Client]:
    traces = TraceService(store, load_rings())
    take(store, history())
    traces.follow()
    remedies = RemedyService(store, traces, load_policy(), load_actions(), lambda: NOW, lambda: KEY)
    caller = caller_with("promotions.read", "actions.request")
    with TestClient(create_app([api_router(traces, remedies)], home="/", authenticate=caller)) as opened:
        yield opened


def test_an_incident_is_looked_at_and_its_plan_asked_for(client: Client) -> None:
    looked = client.get("/v1/promotions/incidents/c1").json()
    assert looked["incident"]["tiers"]["ring_member"]["accounts"] == 8
    plan_id = looked["plan"]["plan_id"]
    asked = client.post("/v1/promotions/incidents/c1/remedies", json={"plan_id": plan_id})
    assert asked.status_code == 201, asked.text
    assert asked.json()["measures"][0]["counts"] == {"proposed": len(looked["plan"]["remedies"])}
    again = client.post("/v1/promotions/incidents/c1/remedies", json={"plan_id": plan_id})
    assert again.json() == asked.json()


def test_what_cannot_be_done_is_said(client: Client) -> None:
    assert client.get("/v1/promotions/incidents/none").status_code == 404
    assert client.get("/v1/promotions/coupons/none").status_code == 404
    other = client.post("/v1/promotions/incidents/c1/remedies", json={"plan_id": "another"})
    assert (other.status_code, other.headers["content-type"]) == (409, "application/problem+json")
    wrong = client.post("/v1/promotions/incidents/c1/remedies", json={"plan": "x"})
    assert wrong.status_code in (400, 422)


def test_a_coupon_is_followed(client: Client) -> None:
    found = client.get("/v1/promotions/coupons/k-r1-0").json()
    assert (found["coupon"]["account_id"], found["order"]["payee_id"]) == ("r1", "p")
