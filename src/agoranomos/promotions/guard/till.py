"""Single claims at the price of batches: what many threads want to claim at once is answered in one transaction.

Every claim is on disk before it is answered. What is seen of claims and uses is told to the campaign's tests a moment
later, at most TOLD_AFTER of them or TELL_S seconds: what a kill in between loses are sights, never coupons.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import AgoranomosError, Conflict
from agoranomos.kernel.writer import GroupWriter
from agoranomos.promotions.budgets import leases, queries
from agoranomos.promotions.budgets.claims import Wish
from agoranomos.promotions.budgets.model import Asked, Verdict
from agoranomos.promotions.guard.seeing import Sight
from agoranomos.promotions.guard.store_desk import Blocks, StoreDesk

CLAIMS_MAX: Final = 2_000
"""Claims in one batch: more only make the first wait longer."""
TOLD_AFTER: Final = 64
TELL_S: Final = 0.1
TRIES_MAX: Final = 8
"""How often a batch is done again whose block was called in, or that met another process in a ring."""

_log = logging.getLogger(__name__)


class Keyed(msgspec.Struct, frozen=True):
    """An idempotency key, and a digest of what was asked with it."""

    key: str
    digest: str


class _Ask(msgspec.Struct, eq=False):
    asked: Asked
    keyed: Keyed | None
    future: Future[tuple[Verdict, Any]]


Answer = Callable[[Asked, Keyed, Verdict], Any]
"""What is kept under a key, and given again."""
_Done = list[tuple[Verdict, Any] | AgoranomosError]


class Till:
    """Claims through `writer`, which is its own. `answer` makes what is kept under keys."""

    def __init__(self, desk: StoreDesk, writer: GroupWriter, clock: Clock, answer: Answer) -> None:
        self._desk, self._writer, self._clock, self._answer_of = desk, writer, clock, answer
        self._reserved_for = timedelta(seconds=desk.rules.policies.budgets.reserved_s)
        self._lock = threading.Lock()
        self._gathering: list[_Ask] = []
        self._blocks: Blocks = {}  # touched by the writer's thread alone
        self._sights: list[Sight] = []
        self._changed = threading.Condition(self._lock)
        self._open = True
        self._teller = threading.Thread(target=self._tell_on, name="promotions-teller", daemon=True)
        self._teller.start()

    def submit(self, asked: Asked, keyed: Keyed | None = None) -> Future[tuple[Verdict, Any]]:
        """A future of the verdict, reserved and committed, and of what was kept under the key (None without one)."""
        return self.submit_all([(asked, keyed)])[0]

    def submit_all(self, many: Sequence[tuple[Asked, Keyed | None]]) -> list[Future[tuple[Verdict, Any]]]:
        """The same of many, in their order."""
        asks = [_Ask(asked, keyed, Future()) for asked, keyed in many]
        with self._lock:
            fresh = not self._gathering or len(self._gathering) >= CLAIMS_MAX
            if fresh:
                self._gathering = []
            batch = self._gathering
            batch += asks
        if fresh:
            self._send(batch, 1)
        return [ask.future for ask in asks]

    def write(self, verb: Callable[[sa.Connection], tuple[Any, Sight | None]]) -> Any:
        """What `verb` returns, once it is committed; its sight is told a moment later."""
        done, sight = self._writer.call(verb)
        if sight is not None:
            self._saw([sight])
        return done

    def settle(self) -> None:
        """Tells what was seen, and waits until it is in the store."""
        self._tell()
        self._writer.call(bool)

    def close(self) -> None:
        """Tells what was seen and gives blocks back. Calling it again does nothing."""
        with self._lock:
            was_open, self._open = self._open, False
            self._changed.notify_all()
        self._teller.join()
        if was_open:
            ids = [block.lease.lease_id for block in self._blocks.values()]
            try:
                self._writer.call(lambda connection: leases.close_mine(connection, ids, self._clock()))
            except Exception as error:  # they end by themselves
                _log.warning("blocks of budgets were not given back: %s", type(error).__name__)
        self._writer.close()

    def _send(self, batch: list[_Ask], attempt: int) -> None:
        try:
            future = self._writer.submit(partial(self._write, batch))
        except Conflict as closed:
            self._fail(batch, closed)
            return
        future.add_done_callback(partial(self._answer, batch, attempt))

    def _write(self, batch: list[_Ask], connection: sa.Connection) -> _Done:
        with self._lock:
            if self._gathering is batch:
                self._gathering = []
        now = self._clock()
        until = now + self._reserved_for
        try:
            return self._decide(connection, batch, now, until)
        except Exception:
            self._blocks.clear()  # what was taken in this transaction is not there; the rest ends by itself
            raise

    def _decide(self, connection: sa.Connection, batch: list[_Ask], now: Any, until: Any) -> _Done:
        keys = [ask.keyed.key for ask in batch if ask.keyed is not None]
        known = queries.answers(connection, keys) if keys else {}
        wishes = [
            Wish(msgspec.structs.replace(ask.asked, at=now), until)
            for ask in batch
            if ask.keyed is None or ask.keyed.key not in known
        ]
        self._desk.claim(connection, wishes, self._blocks, now)
        left = iter(wishes)
        done: _Done = []
        kept: dict[str, dict[str, Any]] = {}
        for ask in batch:
            if ask.keyed is not None and ask.keyed.key in known:
                done.append(_again(ask.keyed, known[ask.keyed.key]))
                continue
            wish = next(left)
            assert wish.answer is not None, "every claim is answered"
            if ask.keyed is None:
                done.append((wish.answer, None))
                continue
            if ask.keyed.key in kept:
                first = kept[ask.keyed.key]
                done.append(_again(ask.keyed, (first["digest"], first["answer"])))
                continue
            answer = self._answer_of(ask.asked, ask.keyed, wish.answer)
            kept[ask.keyed.key] = {
                "idempotency_key": ask.keyed.key, "digest": ask.keyed.digest, "answer": answer, "decided_at": now,
            }  # fmt: skip
            done.append((wish.answer, answer))
        if kept and not queries.put_answers(connection, list(kept.values())):
            raise Conflict("one of these idempotency keys was used at this very moment; ask again")
        return done

    def _answer(self, batch: list[_Ask], attempt: int, future: Future[_Done]) -> None:
        error = future.exception()
        if error is not None:
            self._again_or_fail(batch, attempt, error)
            return
        sights = []
        for ask, done in zip(batch, future.result(), strict=True):
            if isinstance(done, AgoranomosError):
                ask.future.set_exception(done)
                continue
            verdict = done[0]
            if verdict.why is None and not verdict.repeated and verdict.coupon is not None:
                sights.append(Sight(msgspec.structs.replace(ask.asked, at=verdict.coupon.claimed_at)))
            ask.future.set_result(done)
        if sights:
            self._saw(sights)

    def _again_or_fail(self, batch: list[_Ask], attempt: int, error: BaseException) -> None:
        may_pass = isinstance(error, Conflict | sa.exc.OperationalError)  # a block called in; a ring of waits
        if may_pass and attempt < TRIES_MAX:
            self._send(batch, attempt + 1)
        elif len(batch) > 1:
            for ask in batch:
                self._send([ask], 1)
        else:
            self._fail(batch, error)

    def _fail(self, batch: list[_Ask], error: BaseException) -> None:
        with self._lock:
            if self._gathering is batch:
                self._gathering = []
        for ask in batch:
            ask.future.set_exception(error)

    def _saw(self, sights: Sequence[Sight]) -> None:
        with self._lock:
            self._sights += sights
            due = len(self._sights) >= TOLD_AFTER
            if due or len(self._sights) == len(sights):
                self._changed.notify_all()
        if due:
            self._tell()

    def _tell_on(self) -> None:
        while True:
            with self._lock:
                self._changed.wait_for(lambda: self._sights or not self._open)
                if self._open:
                    self._changed.wait(TELL_S)
                done = not self._open
            self._tell()
            if done:
                return

    def _tell(self) -> None:
        with self._lock:
            sights, self._sights = self._sights, []
        if not sights:
            return
        try:
            self._writer.submit(lambda connection: self._desk.tell(connection, sights, self._clock()))
        except Conflict:
            _log.warning("%s sights were not told: the program stops", len(sights))


def _again(keyed: Keyed, known: tuple[str, Any]) -> tuple[Verdict, Any] | AgoranomosError:
    digest, answer = known
    if digest != keyed.digest:
        return Conflict("this idempotency key was used for another coupon; draw a new key for each")
    return Verdict(repeated=True), answer
