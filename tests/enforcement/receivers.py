"""Receivers of webhooks on loopback, well-behaved and otherwise."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Keeps (headers, body) of every post, and answers what `answer` says: a status, by the number of the post."""

    def __init__(self, answer: Callable[[int], int]) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.answer = answer
        self.url = ""
        self.headers: dict[str, str] = {}
        self.body = b""


@contextmanager
def receiver(answer: Callable[[int], int] = lambda _: 204) -> Iterator[Receiver]:
    """A receiver that runs within the block."""
    one = Receiver(answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with lock:
                number = len(one.posts)
                one.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = one.answer(number)
            self.send_response(status)
            for name, value in one.headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("content-length", str(len(one.body)))
            self.end_headers()
            self.wfile.write(one.body)

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None:
            """A peer that hangs up on a bad answer is what some tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    one.url = f"http://127.0.0.1:{server.server_port}/hooks"
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def whole_post(peer: socket.socket) -> bytes:
    """Reads a post to its end: who hangs up with words of the other side unread resets the connection, and whether
    the other side still gets the answer then is a matter of luck.
    """
    words = b""
    while b"\r\n\r\n" not in words and (more := peer.recv(65_536)):
        words += more
    head, _, body = words.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0]) - len(body) if lengths else 0
    while missing > 0 and (more := peer.recv(65_536)):
        words += more
        missing -= len(more)
    return words


@contextmanager
def raw(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """The URL of a server that accepts, and then does whatever `speak` does to the connection."""
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = door.accept()
            except OSError:
                return
            with peer:
                try:
                    speak(peer)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}/hooks"
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join(5)
