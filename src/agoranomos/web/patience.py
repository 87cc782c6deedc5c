"""How long a client may take: for the head of a request, for its body, and to read the answer.

Who sends a byte now and then, or never reads what was asked for, holds a connection and memory for as long as he likes
(Hansen, "Slowloris", 2009; Apache's `mod_reqtimeout` sets the same bounds). uvicorn bounds only the pause between two
requests.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_TOO_SLOW = b"the request did not come in time"


class PatientProtocol(H11Protocol):
    """HTTP/1.1 with clients who are hung up on when they are too slow.

    The time in which the program works on an answer counts for nobody.
    """

    HEAD_S: ClassVar[float] = 15.0
    """Seconds for the head of a request, from the connection or the last answer on."""
    BODY_S: ClassVar[float] = 30.0
    """Seconds for a body, and one more for every BYTES_A_SECOND that have come."""
    BYTES_A_SECOND: ClassVar[int] = 8_192
    UNREAD_S: ClassVar[float] = 30.0
    """Seconds within which a client who has not read all of an answer has to read as many times BYTES_A_SECOND."""
    LOOK_S: ClassVar[float] = 5.0
    """Seconds between two looks at a connection: how much later than told it may end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._since = self.loop.time()  # when what is waited for was begun
        self._body_bytes = 0
        self._unread: tuple[float, int] | None = None  # since when, and how much was left then
        self._looking = self.loop.call_later(self.LOOK_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        before = self.conn.their_state
        super().data_received(data)
        if self.conn.their_state is not h11.SEND_BODY:
            return
        if before is h11.SEND_BODY:
            self._body_bytes += len(data)
        else:
            self._since, self._body_bytes = self.loop.time(), 0

    def on_response_complete(self) -> None:
        """See uvicorn."""
        self._since = self.loop.time()
        super().on_response_complete()

    def _look(self) -> None:
        now = self.loop.time()
        self._looking = self.loop.call_later(self.LOOK_S, self._look)
        if self._does_not_read(now):
            self.transport.abort()
        elif not self.transport.is_closing() and self._does_not_send(now):
            self._hang_up()

    def _does_not_read(self, now: float) -> bool:
        left = self.transport.get_write_buffer_size()
        if not left:
            self._unread = None
        elif self._unread is None:
            self._unread = (now, left)
        elif now - self._unread[0] >= self.UNREAD_S:
            if self._unread[1] - left < self.UNREAD_S * self.BYTES_A_SECOND:
                return True
            self._unread = (now, left)
        return False

    def _does_not_send(self, now: float) -> bool:
        if self.conn.their_state is h11.IDLE:
            return now - self._since > self.HEAD_S
        if self.conn.their_state is not h11.SEND_BODY:
            return False
        if self.flow.read_paused:  # it is our turn to take what has come
            self._since += self.LOOK_S
            return False
        return now - self._since > self.BODY_S + self._body_bytes / self.BYTES_A_SECOND

    def _hang_up(self) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self._between_requests():
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
            parts: list[Any] = [
                h11.Response(status_code=408, headers=headers, reason=b"Request Timeout"), h11.Data(data=_TOO_SLOW),
                h11.EndOfMessage(),
            ]  # fmt: skip
            self.transport.write(b"".join(self.conn.send(part) or b"" for part in parts))
        self.transport.close()

    def _between_requests(self) -> bool:
        return self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
