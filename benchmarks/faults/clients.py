"""Slow clients and duplicates at `agora serve`, beside clients who do as they should.

python -m benchmarks.faults.clients [--postgresql] [--workers 2] [--slow 20] [--events 100]

Of each kind of slow client there are `--slow`: a head that comes byte by byte, a body that does, and answers that
nobody reads. Meanwhile events are posted by four at once, each event by two of them. What has to
hold: every event is in the log once, every post was answered, all slow ones are hung up on, and the audit log is as it
was signed.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from agoranomos.audit import verifying
from agoranomos.audit.notes import SigningKey
from agoranomos.intake.tables import intake_events
from agoranomos.kernel.store import open_store
from benchmarks.ledger import _postgresql
from benchmarks.load import Served, _databases, _event, _serving
from benchmarks.measuring import machine, percentile

PATIENCE_S: Final = 150.0
"""Longer than any slow client may hold on, by the bounds of `web.patience`, on a busy machine."""
_HEAD: Final = b"POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n"
_ASKED: Final = 40
"""Requests of who reads nothing, at once: more than sockets hold of their answers."""


def held_on(kind: str, served: Served, held: list[float | None]) -> None:
    """One slow client; how long he could hold on (None: for longer than he tried)."""
    begun = time.monotonic()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.settimeout(1.0)
        client.connect(("127.0.0.1", served.port))
        key = f"authorization: Bearer {served.key}\r\n".encode()
        first = {
            "head": _HEAD + b"x-slow: ", "body": _HEAD + key + b"content-length: 100000\r\n\r\n",
            "unread": b"GET /v1/openapi.json HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" * _ASKED,
        }[kind]  # fmt: skip
        with suppress(OSError):
            client.sendall(first)
        while time.monotonic() - begun < PATIENCE_S:
            time.sleep(1.0)
            try:
                client.send(b"a")
                if kind != "unread" and b"408" in client.recv(4_096):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            held.append(None)
            return
    held.append(time.monotonic() - begun)


def posted(served: Served, numbers: list[int], seconds: list[float], refused: list[int]) -> None:
    """Posts events, one by one, and says what came of it."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
    headers = {"content-type": "application/cloudevents+json", "authorization": f"Bearer {served.key}"}
    for number in numbers:
        begun = time.perf_counter()
        connection.request("POST", "/v1/events", json.dumps(_event(f"twice-{number}", number)), headers)
        answer = connection.getresponse()
        answer.read()
        seconds.append(time.perf_counter() - begun)
        refused += [answer.status] if answer.status >= 300 else []
    connection.close()


def tormented(served: Served, url: str, home: Path, slow: int, events: int) -> bool:
    """Prints what came of it; whether all held."""
    held: dict[str, list[float | None]] = {"head": [], "body": [], "unread": []}
    slows = [
        threading.Thread(target=held_on, args=(kind, served, got)) for kind, got in held.items() for _ in range(slow)
    ]
    for each in slows:
        each.start()
    seconds: list[float] = []
    refused: list[int] = []
    halves = [list(range(events))[::2], list(range(events))[1::2]]
    posting = [threading.Thread(target=posted, args=(served, half, seconds, refused)) for half in halves * 2]
    for each in posting:
        each.start()
    for each in (*posting, *slows):
        each.join()
    served.process.terminate()
    served.process.wait()
    store = open_store(url)
    with store.reading() as connection:
        kept = Counter(connection.execute(sa.select(intake_events.c.id)).scalars())
        key = SigningKey.parse((home / "audit.key").read_text("utf-8"))
        findings = verifying.verify(connection, [key.verifier]).findings
    store.close()
    lost, doubled = events - len(kept), sum(kept.values()) - len(kept)
    for kind, got in held.items():
        gone = sorted(each for each in got if each is not None)
        print(f"slow {kind:7} {len(gone)} of {slow} hung up on, the last after {gone[-1] if gone else 0:.0f} s")
    p99 = percentile(seconds, 0.99) * 1000
    print(
        f"{events} events, each posted twice: {lost} lost, {doubled} doubled, {len(refused)} posts refused, "
        f"99 of 100 in {p99:,.0f} ms"
    )
    print(f"the audit log: {len(findings)} findings")
    gone_all = all(None not in got for got in held.values())
    return gone_all and not (lost or doubled or refused or findings) and len(seconds) == 2 * events


def main() -> int:
    """1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--slow", type=int, default=20)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    print(machine(), flush=True)
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="agora-clients-", ignore_cleanup_errors=True))
        )
        server_url = stack.enter_context(_postgresql()) if given.postgresql else None
        url = stack.enter_context(_databases(server_url, folder))()
        home = folder / "home"
        home.mkdir()
        served = _serving(home, given.workers, url)
        try:
            holds = tormented(served, url, home, given.slow, given.events)
        finally:
            served.process.kill()
            served.process.wait()
    print("holds" if holds else "DOES NOT HOLD")
    return int(not holds)


if __name__ == "__main__":
    sys.exit(main())
