"""Approvals are kept a moment after the answer; within the process nobody sees a difference."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from litestar.testing import TestClient

from agoranomos.goods.listings import actions, queries
from agoranomos.goods.listings.policy import load_policy
from agoranomos.goods.listings.queries import StoredCheck
from agoranomos.goods.listings.service import GLANCE_CHARACTERS_MAX, CheckService
from agoranomos.goods.listings.submitted import event_of
from agoranomos.kernel.behind import WriteBehind
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter
from tests.goods.listings.market import START, Market, TrickJudge, make_event, make_listing

FAINT = "shoes 1:1"  # something speaks against it, and it is approved
DOUBTFUL = "N\u0456\uff4b\uff45 shoes"  # a warning
CHECK = "/v1/checks/listing"
TOLD = event_of(make_listing(), START)


class Desk:
    """The service, with a write-behind that waits until it is asked."""

    def __init__(self, store: Store, *, room: int) -> None:
        self.store = store
        self.judge = TrickJudge()
        self.writer = GroupWriter(store)
        self.behind: WriteBehind[StoredCheck] = WriteBehind(
            self.writer, lambda c, made: actions.keep_approvals(c, made, now=START), gather_s=3_600, room=room
        )
        self.service = CheckService(self.judge, store, self.writer, self.behind, load_policy(), lambda: START)

    def is_kept(self, check: StoredCheck) -> bool:
        """Whether another process could read it."""
        with self.store.reading() as connection:
            try:
                assert queries.get_check(connection, check.decision.id) == check
            except NotFound:
                return False
        return True

    def close(self) -> None:
        self.behind.close()
        self.writer.close()


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    opened = Desk(store, room=100)
    yield opened
    opened.close()


@pytest.mark.parametrize("title", ["Hand-thrown mug", FAINT])
def test_an_approval_is_kept_before_it_is_read(desk: Desk, title: str) -> None:
    check = desk.service.check(make_listing(title=title), None)
    assert check.decision.outcome is Outcome.APPROVE
    assert bool(check.signals) is (title == FAINT)
    assert not desk.is_kept(check)
    assert desk.service.show(check.decision.id).check == check
    assert desk.is_kept(check)


def test_an_approval_cannot_be_acknowledged(desk: Desk) -> None:
    check = desk.service.check(make_listing(), None)
    with pytest.raises(Conflict):
        desk.service.acknowledge(check.decision.id, "seller-7")


def test_a_warning_is_kept_before_it_is_told(desk: Desk) -> None:
    check = desk.service.check(make_listing(title=DOUBTFUL), None)
    assert check.decision.outcome is Outcome.WARN
    assert desk.is_kept(check)
    assert desk.behind.waiting == 0


def test_what_has_a_key_is_kept_before_it_is_told(desk: Desk) -> None:
    check = desk.service.check(make_listing(), "k-1")
    assert check.decision.outcome is Outcome.APPROVE
    assert desk.is_kept(check)
    assert desk.service.check(make_listing(), "k-1") == check


def test_where_there_is_no_room_it_is_kept_before_it_is_told(store: Store) -> None:
    desk = Desk(store, room=0)
    try:
        assert desk.service.at_once(make_listing(), desk.judge.assess(make_listing()), TOLD) is None
        assert desk.is_kept(desk.service.check(make_listing(), None))
    finally:
        desk.close()


def test_a_glance_leads_to_the_same_as_a_close_look(desk: Desk) -> None:
    assessment = desk.service.glance(make_listing())
    assert assessment is not None
    check = desk.service.check(make_listing(), None)
    assert desk.service.at_once(make_listing(), assessment, TOLD) == check
    assert desk.service.submit(make_listing(), assessment, None, TOLD).result(30) == check
    assert desk.service.glance(make_listing(title=FAINT)) is None
    assert desk.service.glance(make_listing(description="x" * GLANCE_CHARACTERS_MAX)) is None


def test_earlier_warnings_count_as_before(desk: Desk) -> None:
    warned = desk.service.check(make_listing(listing_id="l-0", title=DOUBTFUL), None)
    desk.service.acknowledge(warned.decision.id, "seller-7")
    check = desk.service.check(make_listing(title=FAINT), None)
    with desk.store.transaction() as connection:
        same = actions.check_listing(
            connection,
            make_listing(title=FAINT),
            assessment=desk.judge.assess(make_listing(title=FAINT)),
            judge_version=desk.judge.version,
            policy=load_policy(),
            now=START,
        )
    assert check == same
    assert "goods.warned_before" in {signal.code for signal in check.signals}


def test_whoever_asks_over_http_sees_what_was_answered(store: Store) -> None:
    market = Market(store)
    with TestClient(market.app) as client:
        for number in range(20):
            market.clock.forward(seconds=1)
            answer = client.post(CHECK, json=make_event(listing_id=f"l-{number}")).json()
            assert answer["outcome"] == "approve"
            kept = client.get(f"/v1/decisions/{answer['id']}").json()
            assert kept == {**answer, "acknowledgement": None}
            market.clock.forward(seconds=1)
            answer = client.post(CHECK, json=make_event(listing_id=f"m-{number}")).json()
            listed = client.get("/v1/decisions", params={"subject_kind": "listing", "subject_id": f"m-{number}"}).json()
            assert [each["id"] for each in listed["items"]] == [answer["id"]]


@pytest.mark.parametrize("title", ["Hand-thrown mug", DOUBTFUL])
def test_racing_requests_with_one_key_get_one_decision(store: Store, title: str) -> None:
    market = Market(store)
    with TestClient(market.app) as client, ThreadPoolExecutor(8) as pool:

        def ask(_: int) -> bytes:
            event = make_event(title=title)
            return client.post(CHECK, json=event, headers={"Idempotency-Key": "k"}).content

        assert len(set(pool.map(ask, range(24)))) == 1


def test_a_server_that_stops_keeps_what_it_answered(store: Store) -> None:
    market = Market(store)
    with TestClient(market.app) as client:
        answers = [client.post(CHECK, json=make_event(listing_id=f"l-{number}")).json() for number in range(30)]
    with store.reading() as connection:
        for answer in answers:
            assert queries.get_check(connection, answer["id"]).listing_id == answer["subject"]["id"]


def test_how_many_wait_is_a_metric(store: Store) -> None:
    market = Market(store)
    with TestClient(market.app):
        names = {metric.name for metric in market.app.metrics.registry.collect()}  # type: ignore[attr-defined]
    assert "agora_decisions_waiting" in names
