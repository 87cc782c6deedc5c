"""What is in the outbox arrives: at least once, signed, in the order of each subject, whatever happens in between."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from agoranomos.enforcement import endpoints, outbox
from agoranomos.enforcement.delivering import Deliverer
from agoranomos.enforcement.model import Delivery
from agoranomos.enforcement.posting import Poster
from agoranomos.enforcement.tables import webhook_secrets
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import KeyRing, Vault
from tests.builders import NOW, make_vault
from tests.enforcement.builders import ADA, POLICY, ask, confirm, kept, make_want, policy_with, statuses, trace, undo
from tests.enforcement.receivers import Receiver, raw, receiver

ROOT = Path(__file__).parents[2]
VAULT = make_vault()


class Clock:
    """A clock that tests set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def go(self, **by: float) -> None:
        self.now += timedelta(**by)


@contextmanager
def deliverer(store: Store, clock: Callable[[], datetime], **fields: object) -> Iterator[Deliverer]:
    """One that waits as long as it may after a failure."""
    policy = policy_with(("attempts_max = 12", "attempts_max = 3"), ("timeout_s = 15", "timeout_s = 5"))
    with closing(Poster(timeout_s=5, answer_bytes_max=10_000)) as poster:
        given = {"policy": policy, "poster": poster, "draw": lambda: 1.0, "vault": VAULT, **fields}
        yield Deliverer(store=store, clock=clock, **given)  # type: ignore[arg-type] # as the test says


def add(store: Store, url: str, now: datetime = NOW) -> tuple[str, str]:
    """(id, secret) of a new endpoint."""
    with store.transaction() as connection:
        endpoint, secret = endpoints.add(connection, VAULT, url, allow_private=True, by=ADA, now=now)
    return endpoint.id, secret


def deliveries(store: Store) -> list[Delivery]:
    with store.reading() as connection:
        return endpoints.deliveries(connection, limit=10_000)


def told(one: Receiver) -> list[tuple[str, str]]:
    """(kind, subject) of what was received."""
    bodies = [json.loads(body) for _, body in one.posts]
    return [(body["type"], body["data"]["subject"]["id"]) for body in bodies]


def test_a_delivery_is_what_the_public_library_verifies(store: Store) -> None:
    with receiver() as one, deliverer(store, system_clock) as loop:
        _, secret = add(store, one.url)
        action = ask(store, make_want(1, reason="copy"), now=system_clock())[0]
        assert loop.turn() == 1
        headers, body = one.posts[0]
        message = Webhook(secret).verify(body, headers)
        assert message["type"] == "listing.remove"
        assert msgspec.convert(message["data"], Action) == action
        assert headers["content-type"] == "application/json"
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body + b" ", headers)
        with pytest.raises(WebhookVerificationError):
            Webhook("whsec_" + "A" * 44).verify(body, headers)
    assert kept(store)[0].status == "done"
    assert [each.status for each in deliveries(store)] == ["delivered"]
    assert trace(store) == ["webhook.add", "action.request", "action.deliver"]


@pytest.mark.slow
def test_two_secrets_sign_while_one_is_replaced(store: Store) -> None:
    clock = Clock(system_clock())
    with receiver() as one, deliverer(store, clock) as loop:
        endpoint_id, old = add(store, one.url, clock())
        with store.transaction() as connection:
            new = endpoints.rotate(connection, VAULT, endpoint_id, by=ADA, policy=POLICY, now=clock())
        ask(store, make_want(1))
        loop.turn()
        headers, body = one.posts[0]
        for secret in (old, new):
            Webhook(secret).verify(body, headers)
        clock.go(days=2)
        ask(store, make_want(2))
        loop.turn()
        assert len(one.posts[1][0]["webhook-signature"].split()) == 1


def test_secrets_are_kept_encrypted(store: Store) -> None:
    import base64

    _, secret = add(store, "http://127.0.0.1:9/")
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    with store.reading() as connection:
        row = connection.execute(sa.select(webhook_secrets)).one()
        assert raw not in bytes(row.sealed)
        assert endpoints.targets(connection, VAULT, now=NOW)[0].secrets == (raw,)
        others = Vault(KeyRing([b"x" * 32]), os.urandom)
        with pytest.raises(Exception, match="master key"):
            endpoints.targets(connection, others, now=NOW)
    assert secret not in repr(deliveries(store))


@pytest.mark.slow
def test_order_holds_for_each_subject_and_not_between_subjects(store: Store) -> None:
    clock = Clock()
    with receiver(lambda number: 500 if number == 0 else 204) as one, deliverer(store, clock) as loop:
        add(store, one.url)
        ask(store, make_want(1))
        for kind in ("listing.restore", "listing.remove"):
            ask(store, make_want(1, kind), because=["f2"])
        loop.turn()
        ask(store, make_want(2))
        loop.turn()
        assert told(one) == [("listing.remove", "l1"), ("listing.remove", "l2")], "the rest waits for the first"
        clock.go(seconds=10)
        loop.turn()
        assert told(one)[2:] == [("listing.remove", "l1"), ("listing.restore", "l1"), ("listing.remove", "l1")]
    assert statuses(kept(store)) == {"done": 4}


@pytest.mark.slow
def test_many_subjects_in_many_orders_stay_in_order(store: Store) -> None:
    refused = iter([204, 500, 204, 503, 404] * 20)
    clock = Clock()
    with receiver(lambda _: next(refused, 204)) as one, deliverer(store, clock, policy=POLICY) as loop:
        add(store, one.url)
        for number in range(60):
            ask(store, make_want(number % 7, "seller.warn", turn=number))
        while any(each.status == "waiting" for each in deliveries(store)):
            loop.turn()
            clock.go(hours=1)
    arrived: dict[str, list[int]] = {}
    for _, body in one.posts:
        data = json.loads(body)["data"]
        arrived.setdefault(data["subject"]["id"], []).append(data["params"]["turn"])
    for numbers in arrived.values():
        assert all(first <= second for first, second in pairwise(numbers)), "a repeat, or the next"
    assert sorted({number for numbers in arrived.values() for number in numbers}) == list(range(60))


@pytest.mark.slow
def test_failures_wait_longer_each_time_then_are_dead_and_let_the_next_go(store: Store) -> None:
    clock = Clock()
    with receiver(lambda number: 503 if number < 3 else 204) as one, deliverer(store, clock) as loop:
        add(store, one.url)
        first, second = ask(store, make_want(1), make_want(1, "listing.restore"))
        waits = []
        for _ in range(2):
            loop.turn()
            due = next(each.due_at for each in deliveries(store) if each.action_id == first.id)
            assert due is not None
            waits.append((due - clock.now).total_seconds())
            clock.now = due
        assert waits == [5, 10]
        loop.turn()
        assert {each.action_id: (each.status, each.reason) for each in deliveries(store)} == {
            first.id: ("dead", "http_503"), second.id: ("delivered", None),
        }  # fmt: skip
        assert {each.id: each.status for each in kept(store)} == {first.id: "pending", second.id: "done"}
        with store.transaction() as connection:
            assert endpoints.redeliver_dead(connection, by=ADA, now=clock.now) == 1
        loop.turn()
    assert len({headers["webhook-id"] for headers, _ in one.posts}) == 2, "a repeat has the id of the first"
    assert statuses(kept(store)) == {"done": 2}


def test_what_may_be_delivered_again(store: Store) -> None:
    with receiver() as one, deliverer(store, Clock()) as loop:
        endpoint_id, _ = add(store, one.url)
        ask(store, make_want(1))
        delivery = deliveries(store)[0]
        with pytest.raises(Conflict, match="under way"), store.transaction() as connection:
            endpoints.redeliver(connection, delivery.id, by=ADA, now=NOW)
        loop.turn()
        with store.transaction() as connection:
            assert endpoints.redeliver(connection, delivery.id, by=ADA, now=NOW).status == "waiting"
        loop.turn()
        assert len(one.posts) == 2
        with pytest.raises(NotFound), store.transaction() as connection:
            endpoints.redeliver(connection, "dlv_none", by=ADA, now=NOW)
        with store.transaction() as connection:
            endpoints.remove(connection, endpoint_id, by=ADA, policy=POLICY, now=NOW)
        with pytest.raises(NotFound), store.transaction() as connection:
            endpoints.redeliver(connection, delivery.id, by=ADA, now=NOW)


def test_an_endpoint_that_is_gone_is_disabled(store: Store) -> None:
    with receiver(lambda _: 410) as one, deliverer(store, Clock()) as loop:
        endpoint_id, _ = add(store, one.url)
        ask(store, make_want(1), make_want(1, "listing.restore"))
        loop.turn()
        ask(store, make_want(2))
        loop.turn()
        assert len(one.posts) == 1
        with store.reading() as connection:
            assert endpoints.get(connection, endpoint_id).state == "disabled"
        assert {(each.status, each.reason) for each in deliveries(store)} == {("dead", "endpoint_gone")}
        with pytest.raises(Conflict, match="gone"):
            loop.test(endpoint_id)


def test_every_endpoint_gets_it_and_done_is_when_all_have(store: Store) -> None:
    clock = Clock()
    with receiver() as one, receiver(lambda number: 204 if number else 500) as two, deliverer(store, clock) as loop:
        add(store, one.url)
        slow, _ = add(store, two.url)
        with pytest.raises(Conflict, match="already"):
            add(store, one.url)
        ask(store, make_want(1), make_want(2))
        loop.turn()
        assert statuses(kept(store)) == {"done": 1, "pending": 1}
        with store.transaction() as connection:
            endpoints.remove(connection, slow, by=ADA, policy=POLICY, now=clock.now)
        assert statuses(kept(store)) == {"done": 2}, "who is removed is waited for no more"
        assert len(one.posts) == 2
        with store.reading() as connection:
            assert [each.url for each in endpoints.listed(connection)] == [one.url]


def test_undoing_what_is_under_way_delivers_the_reversal_behind_it(store: Store) -> None:
    clock = Clock()
    with receiver(lambda number: 204 if number else 500) as one, deliverer(store, clock) as loop:
        add(store, one.url)
        action = ask(store, make_want(1))[0]
        loop.turn()
        assert undo(store, action.id).awaited == (action.id,)
        clock.go(seconds=10)
        loop.turn()
        assert [kind for kind, _ in told(one)] == ["listing.remove", "listing.remove", "listing.restore"]
    assert statuses(kept(store)) == {"undone": 1, "done": 1}


def test_a_lost_claim_counts_for_nothing(store: Store) -> None:
    endpoint_id, _ = add(store, "http://127.0.0.1:9/")
    ask(store, make_want(1))
    with store.transaction() as connection:
        slow = outbox.claim(connection, endpoint_id, 5, now=NOW, lease_s=60)[0]
        assert outbox.claim(connection, endpoint_id, 5, now=NOW + timedelta(seconds=59), lease_s=60) == []
        later = NOW + timedelta(seconds=60)
        fast = outbox.claim(connection, endpoint_id, 5, now=later, lease_s=60)[0]
        assert not outbox.end(connection, slow, "dead", reason="timeout", now=later)
        assert not outbox.put_off(connection, slow, until=later, reason="timeout")
        assert outbox.end(connection, fast, "delivered", reason=None, now=later)


def test_an_endpoint_that_breaks_the_post_itself_leaves_the_others_alone(store: Store) -> None:
    class Breaking(Poster):
        def post(self, url: str, *arguments: Any, **options: Any) -> str:
            if "broken" in url:
                raise ZeroDivisionError("somebody's telephone number")
            return super().post(url, *arguments, **options)

    poster = Breaking(timeout_s=5, answer_bytes_max=100)
    with receiver() as one, closing(poster), deliverer(store, Clock(), poster=poster) as loop:
        add(store, "http://127.0.0.1:9/broken")
        add(store, one.url)
        ask(store, make_want(1))
        loop.turn()
        assert len(one.posts) == 1
    assert {(each.status, each.reason) for each in deliveries(store)} == {
        ("delivered", None), ("waiting", "ZeroDivisionError"),
    }  # fmt: skip


PATIENCE_S = 120.0
"""However busy the machine is; nothing waits that long."""


@pytest.mark.slow
def test_a_slow_endpoint_does_not_keep_the_others_waiting(store: Store) -> None:
    answer = threading.Event()

    def think(_: socket.socket) -> None:
        answer.wait(PATIENCE_S)

    with (
        raw(think) as slow,
        receiver() as one,
        closing(Poster(timeout_s=PATIENCE_S, answer_bytes_max=10_000)) as patient,
        deliverer(store, Clock(), poster=patient) as loop,
    ):
        add(store, slow)
        add(store, one.url)
        ask(store, *(make_want(number) for number in range(40)))
        turning = threading.Thread(target=loop.turn, args=(PATIENCE_S,))
        turning.start()
        while len(one.posts) < 40 and turning.is_alive():
            time.sleep(0.01)
        assert len(one.posts) == 40
        assert turning.is_alive(), "the slow one is still being waited for"
        answer.set()
        turning.join()


def test_a_test_message_is_posted_at_once(store: Store) -> None:
    with receiver(lambda number: 204 if number == 0 else 401) as one, deliverer(store, system_clock) as loop:
        endpoint_id, secret = add(store, one.url)
        assert loop.test(endpoint_id) == ""
        headers, body = one.posts[0]
        assert Webhook(secret).verify(body, headers)["type"] == "webhook.test"
        assert loop.test(endpoint_id) == "http_401"
        with pytest.raises(NotFound):
            loop.test("whe_none")


def test_what_the_marketplace_confirmed_stays_confirmed(store: Store) -> None:
    with receiver() as one, deliverer(store, Clock()) as loop:
        add(store, one.url)
        action = ask(store, make_want(1))[0]
        confirm(store, action.id)
        loop.turn()
        assert len(one.posts) == 1
    assert trace(store).count("action.deliver") == 0
    assert kept(store)[0].status == "done"


def test_what_the_marketplace_called_failed_is_not_done_by_arriving(store: Store) -> None:
    with receiver() as one, deliverer(store, Clock()) as loop:
        add(store, one.url)
        action = ask(store, make_want(1))[0]

        def answer(number: int) -> int:
            confirm(store, action.id, "failed")  # before the answer is even sent
            return 204

        one.answer = answer
        loop.turn()
        assert [each.status for each in deliveries(store)] == ["delivered"]
    assert kept(store)[0].status == "failed"


def test_what_was_stopped_cannot_be_delivered_after_all(store: Store) -> None:
    with receiver() as one, deliverer(store, Clock()) as loop:
        add(store, one.url)
        action = ask(store, make_want(1))[0]
        undo(store, action.id)
        with pytest.raises(Conflict, match="undone"), store.transaction() as connection:
            endpoints.redeliver(connection, deliveries(store)[0].id, by=ADA, now=NOW)
        loop.turn()
        assert one.posts == []


@pytest.mark.slow
def test_kills_lose_nothing_and_the_receiver_takes_each_once(store: Store, tmp_path: Path) -> None:
    """The deliverer is a process that is killed again and again; the receiver is the one of the documentation."""
    count = 120
    url, secret = "", ""
    log = tmp_path / "taken.jsonl"
    port = _free_port()
    url = f"http://127.0.0.1:{port}/hooks"
    _, secret = add(store, url, system_clock())
    for number in range(count):
        ask(store, make_want(number % 30, "seller.warn", turn=number), now=system_clock())
    environment = {**os.environ, "WEBHOOK_SECRET": secret}
    example = ROOT / "docs" / "examples" / "webhook_receiver.py"
    taker = subprocess.Popen([sys.executable, example, str(port), log], env=environment, stdout=subprocess.PIPE)
    try:
        assert taker.stdout is not None
        assert b"listening" in taker.stdout.readline()
        kills = 0
        address = store.engine.url.render_as_string(hide_password=False)
        while any(each.status == "waiting" for each in deliveries(store)):
            child = subprocess.Popen([sys.executable, "-c", CHILD, address], stdout=subprocess.PIPE)
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.05 + 0.03 * kills if kills < 6 else 5)
            child.send_signal(signal.SIGKILL)
            child.wait()
            child.stdout.close()
            kills += 1
            assert kills < 60
    finally:
        taker.terminate()
        taker.wait()
        taker.stdout.close()  # type: ignore[union-attr] # it is a pipe
    assert {(each.status, each.reason) for each in deliveries(store)} == {("delivered", None)}
    taken = [json.loads(line) for line in log.read_text().splitlines()]
    assert kills >= 2
    assert len(taken) == len({each["webhook_id"] for each in taken}) == count
    orders: dict[str, list[int]] = {}
    for each in taken:
        orders.setdefault(each["data"]["subject"]["id"], []).append(each["data"]["params"]["turn"])
    assert all(numbers == sorted(numbers) for numbers in orders.values())
    assert statuses(kept(store)) == {"done": count}


CHILD = """
import sys
from agoranomos.enforcement.delivering import Deliverer
from agoranomos.enforcement import delivering
from agoranomos.enforcement.posting import Poster
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.store import open_store
from tests.enforcement.test_delivering import VAULT_KEY
from agoranomos.vault.keys import KeyRing, Vault
from tests.enforcement.builders import policy_with
import os
delivering.LEASE_SPARE_S = 0.0  # who is killed leaves claims behind; the test need not wait a minute for them
policy = policy_with(("timeout_s = 15", "timeout_s = 1"))
poster = Poster(timeout_s=1, answer_bytes_max=1000)
store = open_store(sys.argv[1])
print("ready", flush=True)
loop = Deliverer(store, Vault(KeyRing([VAULT_KEY]), os.urandom), policy, poster, system_clock, lambda: 0.0)
parent = os.getppid()
while os.getppid() == parent:  # a suite that was stopped leaves nothing behind that works on
    loop.turn(0.5)
"""
VAULT_KEY = b"k" * 32


def _free_port() -> int:
    import socket

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
