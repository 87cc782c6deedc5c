"""Single postings at the price of batches: what many threads want to post at once is posted together.

A verb of its own for each would cost four statements each. The clerk puts those that wait for the writer into one
verb, so that they share the statements as they share the fsync. Who has more to write in the same transaction than
entries gives the writer a verb that calls `posting.post`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import AgoranomosError, Conflict
from agoranomos.kernel.ledger.model import Entry, Outcome
from agoranomos.kernel.ledger.posting import post_chains
from agoranomos.kernel.writer import GroupWriter

CHAINS_MAX: Final = 2_000
"""Chains in one batch: more only make the first wait longer."""

_Answers = list[list[Outcome] | AgoranomosError]


class _Wish(msgspec.Struct, eq=False):
    entries: tuple[Entry, ...]
    future: Future[list[Outcome]]


class Clerk:
    """Posts chains of entries through `writer`; `clock` says when they are written down. Safe to share."""

    def __init__(self, writer: GroupWriter, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._lock = threading.Lock()
        self._gathering: list[_Wish] = []

    def submit(self, entries: Sequence[Entry]) -> Future[list[Outcome]]:
        """A future of what became of `entries`, all or none written, kept once it is committed.

        It holds the error when they are refused (NotFound, Conflict, Invalid).
        """
        wish = _Wish(tuple(entries), Future())
        with self._lock:
            if self._gathering and len(self._gathering) < CHAINS_MAX:
                self._gathering.append(wish)  # its batch waits for the writer already
                return wish.future
            self._gathering = batch = [wish]
        try:
            self._writer.submit(partial(self._write, batch)).add_done_callback(partial(self._answer, batch))
        except Conflict as closed:
            self._refuse(batch, closed)
        return wish.future

    def post(self, entries: Sequence[Entry]) -> list[Outcome]:
        """What became of `entries`, once it is committed; raises what refuses them."""
        return self.submit(entries).result()

    def _write(self, batch: list[_Wish], connection: sa.Connection) -> _Answers:
        self._close(batch)
        return post_chains(connection, [wish.entries for wish in batch], now=self._clock())

    def _answer(self, batch: list[_Wish], done: Future[_Answers]) -> None:
        error = done.exception()
        if error is not None:
            self._write_apart(batch, error)
            return
        for wish, answer in zip(batch, done.result(), strict=True):
            if isinstance(answer, AgoranomosError):
                wish.future.set_exception(answer)
            else:
                wish.future.set_result(answer)

    def _write_apart(self, batch: list[_Wish], error: BaseException) -> None:
        """Each chain in a verb of its own, so that what stopped the batch stops only whoever it belongs to."""
        if len(batch) == 1:
            self._refuse(batch, error)
            return
        self._close(batch)
        for wish in batch:
            alone = [wish]
            try:
                self._writer.submit(partial(self._write, alone)).add_done_callback(partial(self._answer, alone))
            except Conflict as closed:
                self._refuse(alone, closed)

    def _refuse(self, batch: list[_Wish], error: BaseException) -> None:
        self._close(batch)
        for wish in batch:
            wish.future.set_exception(error)

    def _close(self, batch: list[_Wish]) -> None:
        """Who comes from now on is in the next batch; a verb that is called again finds the same one."""
        with self._lock:
            if self._gathering is batch:
                self._gathering = []
