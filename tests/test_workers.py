"""`agora serve --workers 2` on one PostgreSQL: what one worker learns the other goes by, and nothing is done twice."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.audit.queries import last_checkpoint, next_index
from agoranomos.intake.tables import intake_events
from agoranomos.kernel.clock import rfc3339, system_clock
from agoranomos.kernel.store import Store, open_store
from agoranomos.staff.roles import FOR_PROGRAMS
from agoranomos.staff.service import StaffService
from tests.rules.builders import ADA
from tests.rules.written_rules import go_live, listings_rule

PATIENCE_S = 180.0
WORD = "Canvas shoes"


@pytest.fixture
def url(postgresql_url: str, postgresql_template: str) -> Iterator[str]:
    """A database of the newest revision."""
    name = f"workers_{uuid.uuid4().hex[:8]}"
    engine = sa.create_engine(
        sa.make_url(postgresql_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as server:
        server.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {postgresql_template} STRATEGY file_copy")
        yield sa.make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)
        server.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


class Served:
    """Two workers behind `port`, each also on one of `own`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, own: tuple[int, int], key: str) -> None:
        self.process, self.port, self.own, self.key = process, port, own, key

    def ask(self, method: str, path: str, body: object = None, *, port: int = 0, key: str = "") -> tuple[int, Any]:
        """Status and answer."""
        connection = HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE_S)
        kind = "application/cloudevents+json" if path == "/v1/events" else "application/json"
        headers = {"authorization": f"Bearer {key or self.key}", "content-type": kind}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def answers(self, port: int) -> bool:
        """Whether somebody answers at a port."""
        try:
            return self.ask("GET", "/healthz", port=port)[0] == 200
        except (OSError, HTTPException):
            return False

    def workers(self) -> set[int]:
        """The processes of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii")
        return set(map(int, children.split()))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def event(number: int, store_id: str = "s1") -> dict[str, Any]:
    """A listing is submitted now."""
    price = {"amount": 9900, "currency": "CNY"}
    data = {"listing_id": f"l{number}", "store_id": store_id, "title": WORD, "price": price}
    return {
        "specversion": "1.0", "id": f"e{number}", "source": "shop", "type": "listing.submitted",
        "time": rfc3339(system_clock()), "data": data,
    }  # fmt: skip


def free_ports(count: int) -> list[int]:
    """Ports in a row that nobody listens on."""
    while True:
        with ExitStack() as stack:
            first = stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            try:
                for port in range(first + 1, first + count):
                    stack.enter_context(socket.create_server(("127.0.0.1", port)))
            except (OSError, OverflowError):
                continue
            return list(range(first, first + count))


@contextmanager
def serving(url: str, home: Path, key: str) -> Iterator[Served]:
    """Until the end of the block at the latest."""
    port, *own = free_ports(3)
    words = ["serve", "--workers", "2", "--port", str(port), "--worker-ports", str(own[0])]
    process = subprocess.Popen(
        [sys.executable, "-m", "agoranomos.main", *words], stdout=subprocess.DEVNULL,
        env={**os.environ, "AGORA_HOME": str(home), "AGORA_DATABASE_URL": url},
    )  # fmt: skip
    try:
        yield Served(process, port, (own[0], own[1]), key)
    finally:
        process.kill()
        process.wait()


def kept(store: Store) -> Counter[str]:
    """How often each event is in the log."""
    with store.reading() as connection:
        return Counter(connection.execute(sa.select(intake_events.c.id)).scalars())


@pytest.mark.slow
@pytest.mark.xdist_group("postgresql")
def test_two_workers_are_one_system(url: str, judge: object, judge_cache: Path, tmp_path: Path) -> None:
    """One test: each start of a worker takes seconds."""
    (tmp_path / "cache").symlink_to(judge_cache)
    store = open_store(url)
    staff = StaffService(store, system_clock, secrets.token_bytes)
    lasting, fleeting = (
        staff.create_key(name=name, permissions=FOR_PROGRAMS, by=ADA) for name in ("lasting", "fleeting")
    )
    with serving(url, tmp_path, lasting.secret) as served:
        until(lambda: served.process.poll() is not None or all(map(served.answers, served.own)))
        first, second = served.own

        # A rule that is published, and what it counts: events come to one worker, and the other knows of them.
        assert served.ask("POST", "/v1/events", event(1), port=first)[0] < 300
        assert served.ask("POST", "/v1/events", event(2), port=first)[0] < 300
        check = event(3)

        def outcome(port: int) -> Any:
            return served.ask("POST", "/v1/checks/listing", check, port=port)[1]["outcome"]

        assert [outcome(port) for port in served.own] == ["approve", "approve"]
        go_live(store, listings_rule(2), now=system_clock() - timedelta(minutes=1))
        until(lambda: outcome(second) == outcome(first) == "hold")

        # A key that is revoked by another process opens nothing at either worker, soon.
        assert all(served.ask("GET", "/v1/me", port=port, key=fleeting.secret)[0] == 200 for port in served.own)
        staff.revoke_key(fleeting.key.key_id, by=ADA)
        until(lambda: all(served.ask("GET", "/v1/me", port=port, key=fleeting.secret)[0] == 401 for port in served.own))

        # All are replaced in turn while events come in, each twice: no request is refused, and nothing is kept twice.
        before, over = served.workers(), threading.Event()
        sent: list[int] = []
        refused: list[int] = []

        def send(begin: int) -> None:
            number = begin
            while not over.is_set():
                for _ in range(2):
                    status, _ = served.ask("POST", "/v1/events", event(number, f"s{number}"))
                    refused.extend([status] if status >= 300 else [])
                sent.append(number)
                number += 1

        senders = [threading.Thread(target=send, args=(1_000_000 * each,)) for each in (1, 2)]
        for sender in senders:
            sender.start()
        served.process.send_signal(signal.SIGHUP)
        try:
            until(lambda: len(served.workers()) == 2 and not served.workers() & before)
        finally:
            over.set()
            for sender in senders:
                sender.join()
        assert sent
        assert refused == []
        log = kept(store)
        assert set(log.values()) == {1}
        assert {f"e{number}" for number in sent} <= log.keys()

        # One that is killed is started again.
        killed = min(served.workers())
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(served.workers() - {killed}) == 2 and all(map(served.answers, served.own)))

        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE_S) == 128 + signal.SIGTERM
    with store.reading() as connection:
        last = last_checkpoint(connection)
        assert last is not None
        assert last.size == next_index(connection), "what was recorded last is signed"
    store.close()
