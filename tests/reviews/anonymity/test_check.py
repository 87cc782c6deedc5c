"""The check of reviews over HTTP: the same decision as in a history; keys."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from agoranomos.engine.stream.run import Run
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.store import Store
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import load_policy
from tests.goods.listings.market import Market
from tests.reviews.anonymity.test_monitor import review

ADDRESS = "/v1/checks/review"


@pytest.fixture
def market(store: Store) -> Market:
    return Market(store)


def body_of(**fields: Any) -> dict[str, Any]:
    """The CloudEvent of a review."""
    event = review(**fields)
    return {"id": event.id, "source": event.source, "specversion": "1.0", "type": event.type,
            "time": event.time.isoformat(), "data": event.data}  # fmt: skip


def test_it_says_the_same_as_a_history(market: Market) -> None:
    said = Run([AnonymityMonitor(load_policy(), lambda *_: False)]).feed([review(text="我姓王")])
    with TestClient(market.app) as client:
        made = client.post(ADDRESS, json=body_of(text="我姓王")).json()
        assert client.get(f"/v1/decisions/{made['id']}").json() == made
    [decision] = [each for each in said if isinstance(each, Decision)]
    assert (made["id"], made["outcome"], made["expires_at"]) == (decision.id, "hold", decision.expires_at)
    assert [each["outcome"] for each in made["hits"]] == ["hold", "warn"]


def test_a_name_needs_no_protection_and_other_events_are_not_judged(market: Market) -> None:
    with TestClient(market.app) as client:
        assert client.post(ADDRESS, json=body_of(anonymous=False)).json()["outcome"] == "approve"
        refused = client.post(
            ADDRESS, json={**body_of(), "type": "review.deleted", "data": {"review_id": "v", "by": "author"}}
        )
        assert (refused.status_code, refused.json()["pointer"]) == (422, "/type")


def test_a_key_gets_the_first_answer_again(market: Market) -> None:
    key = {"idempotency-key": "k-1"}
    with TestClient(market.app) as client:
        first = client.post(ADDRESS, json=body_of(), headers=key).json()
        assert client.post(ADDRESS, json=body_of(), headers=key).json() == first
        assert client.post(ADDRESS, json=body_of(number=8), headers=key).status_code == 409
        assert client.post(ADDRESS, json=body_of(), headers={"idempotency-key": "k" * 129}).status_code == 400
