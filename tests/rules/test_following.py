"""The rules of checks in a serving process: as the store has them, with the log counted up to now."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from agoranomos.application import create_app
from agoranomos.goods.listings.policy import load_policy
from agoranomos.judgements.queries import About, list_decisions
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from agoranomos.rules import actions, queries, snoozing
from agoranomos.rules import following as rules_following
from agoranomos.rules.evaluator import Evaluator
from agoranomos.rules.following import Following
from agoranomos.rules.monitor import Consulting
from agoranomos.rules.snoozing import NewSnooze
from tests.builders import NOW, make_vault
from tests.goods.listings.market import TickingClock, TrickJudge
from tests.rules.builders import ADA, draw
from tests.rules.test_monitor import Desk, live_of
from tests.rules.written_rules import arrive, begin, claim, claims_rule, go_live, into_shadow, listing, listings_rule
from tests.web.callers import caller_with

FLOOD = "goods.flood"


def following(store: Store) -> Following:
    one = Following(store, ("listing",), lambda: NOW)
    one.refresh()
    return one


def asked(one: Following, number: int = 99, minutes: float = 60, **data: Any) -> list[tuple[str, str, Any]]:
    found = one.ask("listing", listing(number, minutes, **data), {})
    return [(hit.code, hit.status, hit.values["values"]["listings_1d(store_id)"]) for hit in found.hits]


def test_a_process_that_starts_counts_what_the_log_holds(store: Store) -> None:
    arrive(store, [*(listing(n, n) for n in range(3)), listing(8, -2_000), claim(1, 1)])
    go_live(store, listings_rule(2))
    one = following(store)
    assert asked(one) == [(FLOOD, "live", 4)]  # three of the last day, and the one that is asked about
    assert asked(one) == [(FLOOD, "live", 4)]  # asking counts nothing
    assert asked(one, store_id="s2") == []


def test_a_process_that_starts_goes_on_from_what_the_desk_had_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is read from the desk's checkpoint on: what it held back, what came since, and nothing before."""
    go_live(store, listings_rule(2))
    # The last two of these are held back at the checkpoint: newer than ten minutes before the newest.
    arrive(store, [*(listing(n, n) for n in range(6)), listing(22, -1_400), listing(20, 30), listing(21, 25)])
    desk = live_of(store, make=lambda: Consulting(Desk, "listing"))
    desk.step(NOW)
    desk.checkpoint(NOW)
    arrive(store, [listing(30, 31), listing(31, 3), listing(32, 32, store_id="s2")])
    from_the_log = following(store)
    monkeypatch.setattr(rules_following, "page", _nobody_reads)
    begun = Following(store, ("listing",), lambda: NOW, monitor="desk")
    begun.refresh()
    for store_id in ("s1", "s2", "s3"):
        assert asked(begun, minutes=35, store_id=store_id) == asked(from_the_log, minutes=35, store_id=store_id)
    assert asked(begun, minutes=35) == [(FLOOD, "live", 12)]
    assert asked(begun, minutes=60) == [(FLOOD, "live", 11)], "the oldest has left the window of a day"


def test_what_the_desk_has_not_counted_is_filled_from_the_log(store: Store) -> None:
    begin(store)
    go_live(store, claims_rule(0))
    arrive(store, [listing(n, n) for n in range(3)])
    desk = live_of(store, make=lambda: Consulting(Desk, "listing"))
    desk.step(NOW)
    desk.checkpoint(NOW)
    go_live(store, listings_rule(1))
    arrive(store, [listing(3, 3)])
    begun = Following(store, ("listing",), lambda: NOW, monitor="desk")
    begun.refresh()
    assert asked(begun) == [(FLOOD, "live", 5)]


def _nobody_reads(*asked: Any) -> Any:
    raise AssertionError(asked)


def test_changes_take_effect_at_the_next_look(store: Store) -> None:
    one = following(store)
    assert asked(one) == []
    go_live(store, listings_rule(0))
    assert asked(one) == []
    one.refresh()
    assert asked(one) == [(FLOOD, "live", 1)]
    arrive(store, [listing(1, 1), listing(2, 2)])
    one.refresh()
    assert asked(one) == [(FLOOD, "live", 3)]
    into_shadow(store, listings_rule(1, "decline"))
    one.refresh()
    found = one.ask("listing", listing(99, 60), {})
    assert [(hit.status, hit.outcome.value) for hit in found.hits] == [("live", "hold"), ("shadow", "decline")]
    assert [reason.code for reason in found.reasons] == [FLOOD]
    with store.transaction() as connection:
        snoozing.snooze(
            connection,
            NewSnooze(code=FLOOD, subject=Subject("store", "s1"), reason="x", until=NOW + timedelta(days=1)),
            by=ADA, now=NOW, draw=draw,
        )  # fmt: skip
    one.refresh()
    assert [status for _, status, _ in asked(one)] == ["snoozed", "shadow"]
    with store.transaction() as connection:
        actions.expire(connection, FLOOD, by=ADA, now=NOW)
    one.refresh()
    assert asked(one) == []


def test_what_was_counted_stays_counted_when_the_book_changes(store: Store) -> None:
    go_live(store, listings_rule(0))
    one = following(store)
    arrive(store, [listing(n, n) for n in range(3)])
    one.refresh()
    go_live(store, listings_rule(1, rule_id="goods.flood_too"))
    arrive(store, [listing(n, n) for n in range(3, 5)])
    one.refresh()
    assert asked(one) == [(FLOOD, "live", 6), ("goods.flood_too", "live", 6)]


def test_rules_of_events_cost_a_check_nothing(store: Store) -> None:
    begin(store)
    go_live(store, claims_rule(0))
    one = following(store)
    assert one._now.bank.types == frozenset()


def test_the_thread_follows_and_outlives_a_failure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Following(store, ("listing",), lambda: NOW, poll_s=0.01)
    failed, worked = threading.Event(), threading.Event()
    plain = Evaluator.fill

    def once(*args: Any, **fields: Any) -> bool:
        if not failed.is_set():
            failed.set()
            raise OSError("the database is away")
        done = plain(*args, **fields)
        worked.set()
        return done

    monkeypatch.setattr(Evaluator, "fill", once)
    go_live(store, listings_rule(0))
    with one:
        assert failed.wait(30)
        assert worked.wait(30)
    assert asked(one) == [(FLOOD, "live", 1)]


@pytest.mark.slow
def test_a_check_over_http_asks_the_rules(store: Store) -> None:
    go_live(store, listings_rule(1))
    into_shadow(store, listings_rule(0, "decline"))
    arrive(store, [listing(1, -5)])
    clock = TickingClock()
    clock.now = NOW
    app = create_app(
        TrickJudge(), store, load_policy(), clock, vault=make_vault(), consultant=following(store),
        authenticate=caller_with("checks.run", "decisions.read"),
    )  # fmt: skip
    event = listing(7, 0)
    body = {"id": event.id, "source": "shop", "type": event.type, "time": "2026-05-01T08:00:00Z", "data": event.data}
    with TestClient(app) as client:
        answers = [client.post("/v1/checks/listing", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    made = answers[0].json()
    assert (made["outcome"], made["score"]) == ("hold", 0.6)
    assert [(hit["code"], hit["status"], hit["outcome"]) for hit in made["hits"]] == [
        (FLOOD, "live", "hold"), (FLOOD, "shadow", "decline"),
    ]  # fmt: skip
    assert made["hits"][0]["values"]["values"] == {"listings_1d(store_id)": 2, "store_id": "s1"}
    assert made["policy_version"].endswith(";rules@3")
    with store.reading() as connection:
        [kept] = list_decisions(connection, About(), after=None, limit=9)
        assert len(kept.hits) == 2
        for version in (1, 2):
            [hit] = queries.hits_of(
                connection, FLOOD, version, since=NOW - timedelta(1), until=NOW + timedelta(1), limit=9
            )
            assert hit.event_id == "s7"


def test_what_a_glance_clears_is_asked_about_too(store: Store) -> None:
    """An approval without a key is kept after the answer, with its hits in shadow; what a rule declines, before it."""
    into_shadow(store, listings_rule(0, "decline"))
    one, clock = following(store), TickingClock()
    app = create_app(
        TrickJudge(), store, load_policy(), clock, vault=make_vault(), consultant=one,
        authenticate=caller_with("checks.run", "decisions.read"),
    )  # fmt: skip
    event = listing(7, 0)
    body = {"id": event.id, "source": "shop", "type": event.type, "time": "2026-05-01T08:00:00Z", "data": event.data}
    with TestClient(app) as client:
        approved = client.post("/v1/checks/listing", json=body).json()
        assert [(hit["code"], hit["status"]) for hit in approved["hits"]] == [(FLOOD, "shadow")]
        assert approved["outcome"] == "approve"
        assert client.get(f"/v1/decisions/{approved['id']}").json()["hits"] == approved["hits"]
        go_live(store, listings_rule(0, "decline"))
        one.refresh()
        clock.forward(seconds=1)
        declined = client.post("/v1/checks/listing", json=body).json()
        assert declined["outcome"] == "decline"
        with store.reading() as connection:  # nobody has settled what waits
            assert {each.id for each in list_decisions(connection, About(outcome="decline"), after=None, limit=9)} == {
                declined["id"]
            }
    with store.reading() as connection:
        hits = queries.hits_of(connection, FLOOD, 1, since=NOW - timedelta(1), until=NOW + timedelta(1), limit=9)
    assert sorted(hit.standing for hit in hits) == ["live", "shadow"]
