"""The socket of a holder: who asks proves that they know the secret, then asks; one thread counts and answers.

Whoever does not keep to the form, is slow to say a whole frame, or does not read answers is hung up on, without a word.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from agoranomos.kernel.errors import Invalid
from agoranomos.rules.holders.addresses import Address
from agoranomos.rules.holders.frames import (
    ANSWER_MAX,
    CLAIM,
    HEAD,
    MAGIC,
    NONCE,
    Answer,
    Broken,
    Question,
    Session,
    encode,
    question_of,
)
from agoranomos.rules.holders.holder import Holder, do_in

PATIENCE_S: Final = 5.0
"""How long a proof, or the rest of a frame, may take."""
CALLERS_MAX: Final = 1_024
BEAT_S: Final = 5.0

_log = logging.getLogger(__name__)
Reply = Callable[[Question], Answer]


class _Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, reply: Reply, secret: bytes, nonce: bytes, callers: set[_Caller]) -> None:
        self._reply, self._secret, self._nonce, self._callers = reply, secret, nonce, callers
        self._session: Session | None = None
        self._read = bytearray()
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if len(self._callers) >= CALLERS_MAX:
            transport.abort()
            return
        self._callers.add(self)
        transport.set_write_buffer_limits(high=ANSWER_MAX)
        transport.write(MAGIC + self._nonce)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._callers.discard(self)
        self._rest()

    def pause_writing(self) -> None:
        """It asks, and does not read."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._read += data
        try:
            while self._step():
                pass
        except Broken as error:
            _log.info("hung up on somebody: %s", error)
            self._transport.abort()

    def end(self) -> None:
        """Hangs up."""
        self._transport.abort()

    def _step(self) -> bool:
        """Takes one thing that is whole; whether there was one."""
        if self._session is None:
            return self._claimed()
        length = self._session.length(self._read) if len(self._read) >= HEAD else 0
        if len(self._read) < HEAD + length:
            if self._read and self._patience is None:
                self._wait()
            return False
        self._rest()
        head, said = bytes(self._read[:HEAD]), bytes(self._read[HEAD : HEAD + length])
        del self._read[: HEAD + length]
        answer = self._reply(question_of(self._session.opened(head, said)))
        self._transport.write(self._session.sealed(encode(answer)))
        return bool(self._read) and not self._transport.is_closing()

    def _claimed(self) -> bool:
        if len(self._read) < CLAIM:
            return False
        nonce, proof = bytes(self._read[:NONCE]), bytes(self._read[NONCE:CLAIM])
        del self._read[:CLAIM]
        session = Session(self._secret, self._nonce, nonce, holder=True)
        session.require(proof, holder=False)
        self._transport.write(session.proof(holder=True))
        self._session = session
        self._rest()
        return True

    def _wait(self) -> None:
        self._patience = asyncio.get_running_loop().call_later(PATIENCE_S, self._transport.abort)

    def _rest(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Door:
    """Where a holder is asked; `draw` draws random bytes."""

    def __init__(self, address: Address, reply: Reply, secret: bytes, draw: Callable[[int], bytes]) -> None:
        self._address, self._reply, self._secret, self._draw = address, reply, secret, draw
        self._callers: set[_Caller] = set()
        self._made: tuple[int, int] | None = None
        self.port = address.port

    async def open(self) -> None:
        """Answers from now on; takes the place of whoever did so on the same socket. Raises Invalid."""
        try:
            await self._open(asyncio.get_running_loop())
        except OSError as error:
            raise Invalid(f"{self._address} cannot be used ({error.strerror}); choose another address") from error

    async def _open(self, loop: asyncio.AbstractEventLoop) -> None:

        def caller() -> _Caller:
            return _Caller(self._reply, self._secret, self._draw(NONCE), self._callers)

        if not self._address.path:
            self._server = await loop.create_server(caller, self._address.host, self._address.port)
            self.port = self._server.sockets[0].getsockname()[1]
            return
        path = Path(self._address.path)
        first = path.with_name(f"{path.name}.{os.getpid() % 10_000}")
        first.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await loop.create_unix_server(caller, first)
        finally:
            os.umask(before)
        first.replace(path)
        self._made = _file(path)

    async def close(self) -> None:
        """Hangs up on everybody."""
        self._server.close()
        for each in list(self._callers):
            each.end()
        if self._made is not None and _file(Path(self._address.path)) == self._made:
            with suppress(OSError):
                Path(self._address.path).unlink()


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def hold(
    holder: Holder, address: Address, secret: bytes, draw: Callable[[int], bytes], ready: Callable[[], None]
) -> None:  # fmt: skip
    """Follows the log and answers at `address` until SIGTERM or SIGINT, then keeps what was counted. `ready` is called
    when it answers, and every BEAT_S seconds from then on. Raises Invalid where the address cannot be used.
    """
    holder.refresh()  # before the first question

    async def until_told() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await serve(holder, Door(address, holder.answer, secret, draw), ready, stopped)

    asyncio.run(until_told())
    holder.keep()


async def serve(holder: Holder, door: Door, ready: Callable[[], None], stopped: asyncio.Event) -> None:
    """The same until `stopped`; see `hold`. Counting is done in the event loop, a step at a time."""
    await door.open()
    holder.do = do_in(asyncio.get_running_loop().call_soon_threadsafe)
    holder.__enter__()
    try:
        while not stopped.is_set():
            ready()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), BEAT_S)
    finally:
        await door.close()
        # In a thread, since the one that follows the log waits for this loop at each step.
        await asyncio.to_thread(holder.__exit__, None, None, None)
