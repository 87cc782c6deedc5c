"""Clients that are too slow, over sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from agoranomos.web.patience import PatientProtocol

PATIENCE_S = 60.0
LONG = 8 * 1024 * 1024
"""Bytes of an answer that no socket takes at once."""
COMPLETE = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody"


class Hurried(PatientProtocol):
    HEAD_S = 0.3
    BODY_S = 0.3
    UNREAD_S = 0.3
    LOOK_S = 0.05


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the body; `/long` with much, `/slow` after longer than anybody may take."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    if scope["path"] == "/slow":
        await asyncio.sleep(1.0)
    answer = b"x" * LONG if scope["path"] == "/long" else body
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture(scope="module")
def server() -> Iterator[uvicorn.Server]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(application, http=Hurried, lifespan="off", log_level="critical", timeout_keep_alive=60)
        running = uvicorn.Server(config)
        running.config.port = door.getsockname()[1]
        thread = threading.Thread(target=running.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        while not running.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield running
        running.should_exit = True
        thread.join(PATIENCE_S)


@pytest.fixture
def client(server: uvicorn.Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.config.port), PATIENCE_S) as connected:
        yield connected


def until_hung_up(client: socket.socket, trickle: bytes = b"") -> bytes:
    """What comes before the end, while a byte of `trickle` is sent now and then."""
    got, deadline = b"", time.monotonic() + PATIENCE_S
    client.settimeout(0.1)
    while time.monotonic() < deadline:
        try:
            if trickle:
                client.sendall(trickle)
            piece = client.recv(65_536)
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return got
        if not piece:
            return got
        got += piece
    raise AssertionError("nobody hung up")


def test_who_sends_the_head_a_byte_at_a_time_is_told_and_hung_up_on(client: socket.socket) -> None:
    client.sendall(b"POST / HTTP/1.1\r\nx-long: ")
    assert until_hung_up(client, b"a").startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_who_sends_the_body_a_byte_at_a_time_is_told_and_hung_up_on(client: socket.socket) -> None:
    client.sendall(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n")
    assert until_hung_up(client, b"a").startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_who_says_nothing_is_hung_up_on_without_a_word(client: socket.socket) -> None:
    assert until_hung_up(client) == b""


def test_who_says_nothing_after_an_answer_is_hung_up_on_without_a_word(client: socket.socket) -> None:
    client.sendall(COMPLETE)
    got = until_hung_up(client)
    assert got.startswith(b"HTTP/1.1 200")
    assert got.endswith(b"\r\n\r\nbody")


def test_who_never_reads_is_let_go_of(client: socket.socket, server: uvicorn.Server) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.sendall(b"GET /long HTTP/1.1\r\nhost: a\r\n\r\n")
    mine = client.getsockname()

    def held() -> bool:
        return any(getattr(each, "client", None) == mine for each in list(server.server_state.connections))

    deadline = time.monotonic() + PATIENCE_S
    while not held() or not server.server_state.total_requests:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    while held():
        assert time.monotonic() < deadline, "the connection is kept"
        time.sleep(0.01)


def test_the_time_of_the_program_counts_for_nobody(client: socket.socket) -> None:
    client.sendall(COMPLETE.replace(b"POST /", b"POST /slow"))
    assert until_hung_up(client).endswith(b"\r\n\r\nbody")
