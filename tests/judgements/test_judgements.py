"""Findings and decisions are kept, revised, listed a page at a time, and presented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from litestar.testing import TestClient

from agoranomos.judgements import actions, queries
from agoranomos.judgements.api import api_router
from agoranomos.judgements.queries import About
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Hit, Outcome
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.kernel.store import Store
from agoranomos.web.app import create_app
from tests.builders import NOW
from tests.web.callers import caller_with


def make_finding(number: int = 0, **fields: Any) -> Finding:
    plain: dict[str, Any] = {
        "id": f"f{number:03}",
        "at": rfc3339(NOW + timedelta(minutes=number // 2)),
        "code": "goods.brand_disguised",
        "subject": Subject("listing", f"l{number % 3}"),
        "score": 0.5 + number % 5 / 10,
        "reasons": (Reason("goods.brand_disguised", "because", {"weight": 3.2}),),
        "detector": "goods.brand_disguised",
        "version": "1",
    }
    return Finding(**{**plain, **fields})


def make_decision(number: int = 0, **fields: Any) -> Decision:
    plain: dict[str, Any] = {
        "id": f"d{number:03}",
        "at": rfc3339(NOW + timedelta(minutes=number)),
        "check": "listing",
        "subject": Subject("listing", f"l{number}"),
        "outcome": Outcome.WARN if number % 2 else Outcome.APPROVE,
        "score": 0.7,
        "reasons": (),
        "hits": (Hit("rule", Outcome.WARN, 0.7, "live", {"price": 3}),),
        "policy_version": "p1",
    }
    return Decision(**{**plain, **fields})


class Fuller(Decision, frozen=True, kw_only=True):
    advice: str


def fuller(connection: sa.Connection, decision_id: str) -> Fuller:
    plain = queries.get_decision(connection, decision_id)
    return Fuller(**msgspec.structs.asdict(plain), advice="correct the brand")


@pytest.fixture
def client(store: Store) -> Iterator[TestClient[Any]]:
    router = api_router(store, {"fuller": fuller})
    caller = caller_with("findings.read", "decisions.read")
    with TestClient(create_app([router], home="/", authenticate=caller)) as opened:
        yield opened


def keep(store: Store, *kept: Finding | Decision) -> list[int]:
    with store.transaction() as connection:
        return [
            actions.keep_findings(connection, [each for each in kept if isinstance(each, Finding)], now=NOW),
            actions.keep_decisions(connection, [each for each in kept if isinstance(each, Decision)], now=NOW),
        ]


def test_what_is_kept_comes_back_whole(store: Store) -> None:
    finding, decision = make_finding(1, ring_id="r1", event_ids=("e1",)), make_decision(1)
    assert keep(store, finding, decision) == [1, 1]
    with store.reading() as connection:
        assert queries.get_finding(connection, "f001") == finding
        assert queries.get_decision(connection, "d001") == decision


def test_the_highest_revision_stands_whatever_the_order(store: Store) -> None:
    revised = [make_finding(1, revision=revision, score=revision / 10) for revision in (2, 5, 3)]
    assert keep(store, *revised)[0] == 1
    assert keep(store, make_finding(1, revision=4))[0] == 0
    with store.reading() as connection:
        assert queries.get_finding(connection, "f001") == revised[1]
    assert keep(store, make_finding(1, revision=6, status="shadow"))[0] == 1
    with store.reading() as connection:
        assert queries.list_findings(connection, About(status="live"), after=None, limit=9) == []


def test_a_decision_is_made_once(store: Store) -> None:
    keep(store, make_decision(1))
    assert keep(store, make_decision(1, outcome=Outcome.DECLINE), make_decision(2))[1] == 1
    with store.reading() as connection:
        assert queries.get_decision(connection, "d001").outcome is Outcome.WARN


def test_nothing_to_keep(store: Store) -> None:
    assert keep(store) == [0, 0]


def test_pages_add_up_to_the_list_while_it_grows(store: Store, client: TestClient[Any]) -> None:
    keep(store, *(make_finding(number) for number in range(23)))
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get("/v1/findings", params={"limit": 5, "cursor": cursor}).json()
        seen += [item["id"] for item in page["items"]]
        keep(store, make_finding(100 + len(seen)))  # newer than all: stands before the first page
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == [f"f{number:03}" for number in reversed(range(23))]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"subject_id": "l1", "subject_kind": "listing"}, [4, 1]),
        ({"score_min": "0.85"}, [4]),
        ({"code": "goods.other"}, []),
        ({"ring_id": "r1"}, [5]),
        ({"status": "shadow"}, [5]),
    ],
)
def test_lists_are_narrowed(store: Store, client: TestClient[Any], asked: dict[str, str], expected: list[int]) -> None:
    keep(store, *(make_finding(number) for number in range(5)), make_finding(5, ring_id="r1", status="shadow"))
    items = client.get("/v1/findings", params=asked).json()["items"]
    assert [item["id"] for item in items] == [f"f{number:03}" for number in expected]


def test_decisions_are_listed_and_shown_as_their_desk_shows_them(store: Store, client: TestClient[Any]) -> None:
    keep(store, *(make_decision(number) for number in range(4)), make_decision(9, check="fuller"))
    listed = client.get("/v1/decisions", params={"outcome": "warn", "check": "listing"}).json()["items"]
    assert [item["id"] for item in listed] == ["d003", "d001"]
    assert client.get("/v1/decisions/d003").json() == listed[0]
    assert client.get("/v1/decisions/d009").json()["advice"] == "correct the brand"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/findings?cursor=nonsense",
        "/v1/findings?cursor=WyJub3QgYSB0aW1lIiwgImEiXQ",
        "/v1/findings?cursor=WyIyMDI2LTA1LTAxVDA4OjAwOjAwWiIsIlx1MDAwMCJd",
        "/v1/findings?cursor=WyIyMDI2LTA1LTAxVDA4OjAwOjAwIiwgImEiXQ",
        "/v1/findings?limit=0",
        "/v1/findings?limit=501",
        "/v1/findings?limit=many",
        "/v1/findings?status=dead",
        "/v1/findings?score_min=2",
        "/v1/findings?subject_id=%00",
        "/v1/decisions?outcome=maybe",
        "/v1/decisions?cursor=%F0",
    ],
)
def test_a_wrong_question_is_refused(client: TestClient[Any], path: str) -> None:
    response = client.get(path)
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/findings/none", "/v1/decisions/none", "/v1/findings/%00", "/v1/decisions/%00"])
def test_what_is_not_there(client: TestClient[Any], path: str) -> None:
    assert client.get(path).status_code == 404


def test_unknown_findings_raise(store: Store) -> None:
    with pytest.raises(NotFound), store.reading() as connection:
        queries.get_finding(connection, "none")


def test_a_decision_of_another_process_is_waited_for_once(store: Store) -> None:
    ours, never = f"d_{1:030x}", f"d_{2:030x}"
    settled, pauses = [], []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        keep(store, make_decision(1, id=ours))

    router = api_router(store, {}, settle=lambda: settled.append(True), pause=pause)
    with TestClient(create_app([router], home="/", authenticate=caller_with("decisions.read"))) as client:
        assert client.get("/v1/decisions/none").status_code == 404
        assert not pauses, "no id of ours, so it cannot be on its way"
        assert client.get(f"/v1/decisions/{ours}").json()["id"] == ours
        assert client.get(f"/v1/decisions/{ours}").status_code == 200
        assert len(pauses) == 1
        assert client.get(f"/v1/decisions/{never}").status_code == 404
        assert len(pauses) == 2
        client.get("/v1/decisions")
    assert len(settled) == 5
