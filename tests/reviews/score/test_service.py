"""The two scores over the store, over HTTP and on the command line: the same as in a replay, whatever the steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.run import Run
from agoranomos.intake.queries import read_after
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.reviews.histories import gain_monitors
from agoranomos.reviews.score.api import api_router
from agoranomos.reviews.score.model import Scores
from agoranomos.reviews.score.policy import load_policy
from agoranomos.reviews.score.service import ScoreService
from agoranomos.reviews.score.watching import Scoring
from agoranomos.rules.keeping import keep_outputs
from agoranomos.web.app import create_app
from tests.access.builders import ACTIONS
from tests.builders import NOW, make_reviews
from tests.promotions.remedies.scene import take
from tests.reviews.events import at, contact, deleted, opened, paid, review, said
from tests.reviews.events import told as event
from tests.web.callers import caller_with

STORES = [f"s{number}" for number in range(4)]
EVENTS = sorted(
    [
        *map(opened, STORES),
        *(
            review(f"{each}-g{n}", f"{each}-u{n}", each, 5, n / 10, listing_id="l1")
            for each in STORES
            for n in range(6)
        ),
        *(review(f"{each}-b{n}", f"{each}-w{n}", each, 1, 1 + n / 10) for each in STORES for n in range(4)),
        *(contact("s0", f"s0-w{n}", 2 + n / 10, order_id=f"o-s0-b{n}") for n in range(4)),
        *(deleted(f"s0-b{n}", 2.5 + n / 10) for n in range(4)),
        *(review(f"x-{each}", "x", each, 1, 3) for each in STORES),
        *(contact(each, "x", 3.1, "to_store") for each in STORES),
        *(paid(each, "x", 3.5) for each in STORES[:3]),
        *(deleted(f"x-{each}", 3.9) for each in STORES[:3]),
    ],
    key=lambda each: (each.time, each.id),
)


def service(store: Store) -> ScoreService:
    return ScoreService(lambda: store, load_policy(), lambda: at(30))


@pytest.fixture
def told(store: Store) -> Store:
    """The log holds the events, and what the monitors said of them."""
    take(store, EVENTS)
    with store.transaction() as connection:
        for monitor in gain_monitors(()):
            keep_outputs(connection, said(monitor, *EVENTS), at(30), policy=ACTIONS)
    service(store).follow()
    return store


def in_a_replay() -> Scoring:
    scoring = Scoring(gain_monitors(()), load_policy())
    kinds = set(scoring.hears)
    Run([scoring]).feed([each for each in EVENTS if each.type in kinds])
    return scoring


def test_live_is_as_in_a_replay(told: Store) -> None:
    replayed = in_a_replay()
    for store_id in STORES:
        for moment in (at(1.25), at(3.2), at(30)):
            for listing in (None, "l1"):
                live = service(told).scores(store_id, as_of=moment, listing_id=listing)
                assert live == replayed.scores(store_id, moment, listing)
    pressing, paying = (service(told).scores(each) for each in ("s0", "s1"))
    assert pressing.visible.mean_hundredths == 500
    assert pressing.honest.mean_hundredths < 350
    assert paying.honest.mean_hundredths == pytest.approx(340, abs=2), "the extortionist moved nothing"


def test_whoever_is_cleared_counts_again(told: Store) -> None:
    before = service(told).scores("s3")
    assert [each.code for each in before.reasons] == ["reviews.extortion"]
    decided = {"case_id": "c", "subject": {"kind": "account", "id": "x"}, "clause": "7"}
    take(told, [event("case.decided", 20, outcome="overturned", **decided)])
    service(told).follow()
    after = service(told).scores("s3")
    assert after.reasons == ()
    assert after.honest == after.visible == before.visible
    take(told, [event("case.decided", 21, outcome="upheld", **decided)])
    service(told).follow()
    assert service(told).scores("s3").reasons == before.reasons


def test_what_is_found_live_is_what_a_replay_finds(store: Store) -> None:
    take(store, EVENTS)
    kept: list[Finding] = []
    replayed: list[Finding] = []
    for make in make_reviews(store, lambda: at(30)).followed().values():
        live = Live(
            store, make, read_after=read_after, mine=lambda _: None,
            keep=lambda _, outputs, __: kept.extend(each for each in outputs if isinstance(each, Finding)),
        )  # fmt: skip
        while not live.step(NOW + timedelta(hours=1)).idle:
            pass
        last = (EVENTS[-1].time - at(0)) / timedelta(days=1)
        replayed += [each for each in said(make(), *EVENTS, until=last) if isinstance(each, Finding)]
    assert kept == replayed
    assert {"reviews.extortion"} <= {each.code for each in kept}


def test_steps_change_nothing_and_nothing_is_heard_twice(store: Store) -> None:
    for start in range(0, len(EVENTS), 13):
        take(store, EVENTS[start : start + 13])
        service(store).follow()
    take(store, EVENTS[:20])
    service(store).follow()
    whole = Scoring((), load_policy())
    Run([whole]).feed([each for each in EVENTS if each.type in set(whole.hears)])
    assert service(store).scores("s0") == whole.scores("s0", at(30))


def test_what_is_not_there_is_said(told: Store) -> None:
    for name in ("nobody", "", "x" * 200):
        with pytest.raises(NotFound):
            service(told).scores(name)
    assert in_a_replay().scores("nobody") is None


@pytest.fixture
def client(told: Store) -> Iterator[TestClient[Any]]:
    router = api_router(service(told))
    with TestClient(create_app([router], home="/", authenticate=caller_with("reviews.read"))) as opened_client:
        yield opened_client


def test_over_http(client: TestClient[Any], told: Store) -> None:
    shown = client.get("/v1/reviews/scores/s0")
    assert msgspec.convert(shown.json(), Scores) == service(told).scores("s0")
    then = client.get("/v1/reviews/scores/s0", params={"as_of": "2026-03-02T06:00:00Z", "listing_id": "l1"}).json()
    assert (then["visible"]["count"], then["listing_id"]) == (6, "l1")
    assert client.get("/v1/reviews/scores/nobody").status_code == 404
    assert client.get("/v1/reviews/scores/s0", params={"as_of": "2026-03-02T06:00:00"}).status_code == 422
    assert client.get("/v1/reviews/scores/s0", params={"as_of": "soon"}).status_code == 400


@pytest.mark.parametrize("as_of", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"])
def test_any_moment_and_any_name_is_answered(client: TestClient[Any], as_of: str) -> None:
    for listing_id in ("l1", "\0", "x" * 4_000):
        asked = {"as_of": as_of, "listing_id": listing_id}
        assert client.get("/v1/reviews/scores/s0", params=asked).status_code == 200
    assert client.get("/v1/reviews/scores/%00").status_code == 404


def test_who_may_not_see_is_told(told: Store) -> None:
    router = api_router(service(told))
    with TestClient(create_app([router], home="/", authenticate=caller_with("checks.run"))) as opened_client:
        assert opened_client.get("/v1/reviews/scores/s0").status_code == 403


def test_the_findings_of_the_example_are_of_the_contract() -> None:
    found = [each for each in said(gain_monitors(())[1], *EVENTS) if isinstance(each, Finding)]
    assert {each.code for each in found} == {"reviews.extortion"}
