"""What the tests of virtual numbers have in common: a desk over a store, a clock, a telephone company on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.intake.queries import read_after
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from agoranomos.reviews.numbers.policy import load_policy
from agoranomos.reviews.rooms import Reviews
from tests.builders import make_vault

DAY0 = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ADA = Actor("person", "ada")
POLICY = load_policy()
ACTIONS = load_actions()
VAULT = make_vault()


def told(kind: str, hours: float, name: str, /, **data: Any) -> Event:
    """An event, so many hours after DAY0."""
    at = rfc3339(DAY0 + timedelta(hours=hours))
    return parse_event({"id": name, "source": "telephony", "type": kind, "time": at, "data": data})


class Desk:
    """The reviews desk over a store; the clock stands where it is set."""

    def __init__(self, store: Store, folder: Path | None = None) -> None:
        self.store, self.hours = store, 0.0
        folders = [folder] if folder else []
        self.rooms = Reviews(lambda: store, lambda: VAULT, {}, ACTIONS, self.now, folders)
        self.numbers = self.rooms.numbers

    def now(self) -> datetime:
        return DAY0 + timedelta(hours=self.hours)

    def log(self, *kinds: str) -> list[Event]:
        """What the log was told, of these types."""
        with self.store.reading() as connection:
            return [each.event for each in read_after(connection, 0) if each.event.type in kinds]


class Company:
    """A telephone company's own books: what it was asked, and what it answers next; `key` is what it wants to see."""

    def __init__(self) -> None:
        self.key = "secret-key"
        self.bindings: dict[str, dict[str, Any]] = {}
        self.ended: list[str] = []
        self.asked: list[tuple[str, Any]] = []
        self.broken: list[tuple[int, bytes]] = []
        self.url = ""
        self._turn = Lock()

    def answer(self, path: str, key: str, body: Any) -> tuple[int, bytes]:
        """As AXB calling has it: the same to the same binding, and 404 for one that is not known."""
        with self._turn:
            self.asked.append((path, body))
            if key != f"Bearer {self.key}":
                return 401, b"{}"
            if self.broken:
                return self.broken.pop(0)
            if path == "/v2/bindings":
                number = f"+8617{len(self.bindings):08d}"
                known = self.bindings.setdefault(body["binding_id"], {**body, "virtual_number": number})
                return 200, json.dumps({"virtual_number": known["virtual_number"]}).encode()
            binding_id = path.split("/")[-2]
            self.ended.append(binding_id)
            return (200, b"{}") if binding_id in self.bindings else (404, b"{}")


@contextmanager
def company() -> Iterator[Company]:
    """One that listens on loopback."""
    mine = Company()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            status, answer = mine.answer(self.path, self.headers.get("authorization", ""), json.loads(raw))
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    mine.url = f"http://127.0.0.1:{server.server_address[1]}/v2"
    try:
        yield mine
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def policy_for(folder: Path, url: str) -> Path:
    """A folder of policies in which that company gives out numbers."""
    text = (Path(load_policy.__code__.co_filename).parent / "data" / "policy.toml").read_text("utf-8")
    text = text.replace('url = ""', f'url = "{url}"').replace('key_file = ""', 'key_file = "numbers.key"')
    (folder / "virtual-numbers.toml").write_text(text.replace("allow_private = false", "allow_private = true"), "utf-8")
    (folder / "numbers.key").write_text("secret-key\n", "ascii")
    return folder
