"""One POST to an address that somebody else chose: nowhere inside, not for long, and without believing the answer.

The name is resolved once, every address that it has is judged, and the connection goes to one of those very addresses:
an answer of the name server that changes afterwards changes nothing ("DNS rebinding"). TLS still checks the name.
Redirects are not followed, and no proxy of the environment is asked (OWASP, Server-Side Request Forgery Prevention).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import httpcore

from agoranomos.enforcement.addresses import is_public

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) → its addresses."""
_CONNECTIONS_MAX: Final = 64
_IDLE_S: Final = 30.0

OK: Final = ""
GONE: Final = "http_410"


class Refused(Exception):
    """The address is not one that may be called."""


class Poster:
    """Posts to endpoints; safe to share between threads. `resolve`: how names become addresses."""

    def __init__(
        self, *, timeout_s: float, answer_bytes_max: int, resolve: Resolve | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self._timeout_s = timeout_s
        self._answer_bytes_max = answer_bytes_max
        self._clock = _Deadline()
        context = ssl_context or httpcore.default_ssl_context()
        self._pools = {
            allow_private: httpcore.ConnectionPool(
                ssl_context=context, max_connections=_CONNECTIONS_MAX, keepalive_expiry=_IDLE_S,
                network_backend=_Guarded(self._clock, resolve or resolved, allow_private=allow_private),
            )
            for allow_private in (False, True)
        }  # fmt: skip

    def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes, *, allow_private: bool) -> str:
        """`OK`, or the code of what went wrong; only an answer of 200 to 299 within the time and size is success."""
        return self.ask(url, headers, body, allow_private=allow_private)[0]

    def ask(
        self, url: str, headers: Sequence[tuple[str, str]], body: bytes, *, allow_private: bool
    ) -> tuple[str, bytes]:  # fmt: skip
        """As `post`, with the body of the answer; empty when something went wrong."""
        self._clock.start(self._timeout_s)
        wait = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s)
        try:
            with self._pools[allow_private].stream(
                "POST", url, headers=[(name.encode(), value.encode()) for name, value in headers], content=body,
                extensions={"timeout": wait},
            ) as answer:  # fmt: skip
                # A redirect is an answer like any other: what it points to was never judged.
                return self._judged(answer)
        except Refused:
            return "address_refused", b""
        except httpcore.TimeoutException:
            return "timeout", b""
        except (httpcore.ConnectError, ssl.SSLError, OSError, UnicodeError):  # the last: no name at all, for IDNA
            return "no_connection", b""
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            return "broken_answer", b""

    def close(self) -> None:
        """Gives back all connections; the next post opens new ones."""
        for pool in self._pools.values():
            pool.close()

    def _judged(self, answer: httpcore.Response) -> tuple[str, bytes]:
        read = bytearray()
        for part in answer.iter_stream():
            read += part
            if len(read) > self._answer_bytes_max:
                return "answer_too_large", b""
        return (OK, bytes(read)) if 200 <= answer.status < 300 else (f"http_{answer.status}", b"")


def resolved(host: str, port: int) -> list[str]:
    """The addresses of `host`, by the system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _Deadline(threading.local):
    """When the request of this thread must be over; a peer that sends a byte now and then gains nothing."""

    at = 0.0

    def start(self, timeout_s: float) -> None:
        self.at = time.monotonic() + timeout_s

    def left(self, error: type[httpcore.TimeoutException]) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise error
        return left


class _Guarded(httpcore.NetworkBackend):
    """Connects only to addresses that were judged."""

    def __init__(self, clock: _Deadline, resolve: Resolve, *, allow_private: bool) -> None:
        self._clock = clock
        self._resolve = resolve
        self._allow_private = allow_private
        self._below = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        addresses = [ipaddress.ip_address(each.partition("%")[0]) for each in self._resolve(host, port)]
        if not addresses or not (self._allow_private or all(map(is_public, addresses))):
            raise Refused
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            left = self._clock.left(httpcore.ConnectTimeout)
            try:
                stream = self._below.connect_tcp(str(address), port, left, local_address, socket_options or ())
                return _Timed(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last == 0:
                    raise
        raise AssertionError("the last address either connects or raises")


class _Timed(httpcore.NetworkStream):
    """A stream that keeps to the deadline of the request, whatever a single wait may take."""

    def __init__(self, below: httpcore.NetworkStream, clock: _Deadline) -> None:
        self._below = below
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._below.read(max_bytes, self._clock.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._below.write(buffer, self._clock.left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._below.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None  # noqa: ARG002
    ) -> httpcore.NetworkStream:  # fmt: skip
        left = self._clock.left(httpcore.ConnectTimeout)
        return _Timed(self._below.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._below.get_extra_info(info)
