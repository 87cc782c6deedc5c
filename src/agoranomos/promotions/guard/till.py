"""Single claims at the price of batches: what many threads want to claim at once is answered in one transaction.

Every claim is on disk before it is answered. What is seen of claims and uses is told to the campaign's tests before
another block is taken, and else a moment later: at most TOLD_AFTER of them or TELL_S seconds. What a kill in between
loses are sights, never coupons.
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
from agoranomos.promotions.budgets.model import Asked, Verdict
from agoranomos.promotions.budgets.wishes import Wish
from agoranomos.promotions.guard.seeing import TOLD_AFTER, Sight
from agoranomos.promotions.guard.store_desk import Blocks, StoreDesk

CLAIMS_MAX: Final = 4_000
"""Claims in one batch: more only make the first wait longer."""
TELL_S: Final = 0.1
TRIES_MAX: Final = 8
"""How often a batch is done again whose block was called in, or that met another process in a ring."""

_log = logging.getLogger(__name__)


class Keyed(msgspec.Struct, frozen=True):
    """An idempotency key, and a digest of what was asked with it."""

    key: str
    digest: str


class _Ask(msgspec.Struct, eq=False):
    """`future` holds (verdict, what is kept under the key); for `many` at once a list of verdicts."""

    asked: Sequence[Asked]
    keyed: Keyed | None
    many: bool
    future: Future[Any]


Answer = Callable[[Asked, Keyed, Verdict], Any]
"""What is kept under a key, and given again."""
_Done = list[tuple[list[Verdict], Any] | AgoranomosError]


class Till:
    """Claims through `writer`, which is its own. `answer` makes what is kept under keys."""

    def __init__(self, desk: StoreDesk, writer: GroupWriter, clock: Clock, answer: Answer) -> None:
        self._desk, self._writer, self._clock, self._answer_of = desk, writer, clock, answer
        self._reserved_for = timedelta(seconds=desk.rules.policies.budgets.reserved_s)
        self._lock = threading.Lock()
        self._gathering: list[_Ask] = []
        self._gathered = 0  # claims in it
        self._blocks: Blocks = {}  # touched by the writer's thread alone
        self._sights: list[Sight] = []
        self._changed = threading.Condition(self._lock)
        self._open = True
        self._teller = threading.Thread(target=self._tell_on, name="promotions-teller", daemon=True)
        self._teller.start()

    def submit(self, asked: Asked, keyed: Keyed | None = None) -> Future[tuple[Verdict, Any]]:
        """A future of the verdict, reserved and committed, and of what was kept under the key (None without one)."""
        return self._gather(_Ask((asked,), keyed, False, Future()))

    def submit_many(self, asked: Sequence[Asked]) -> Future[list[Verdict]]:
        """A future of the verdicts on all of `asked`, in their order, reserved and committed."""
        return self._gather(_Ask(asked, None, True, Future()))

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
        if was_open and self._blocks:
            ids = [block.lease.lease_id for block in self._blocks.values()]
            try:
                self._writer.call(lambda connection: leases.close_mine(connection, ids, self._clock()))
            except Exception as error:  # they end by themselves
                _log.warning("blocks of budgets were not given back: %s", type(error).__name__)
        self._writer.close()

    def _gather(self, ask: _Ask) -> Future[Any]:
        with self._lock:
            fresh = not self._gathering or self._gathered >= CLAIMS_MAX
            if fresh:
                self._gathering, self._gathered = [], 0
            batch = self._gathering
            batch.append(ask)
            self._gathered += len(ask.asked)
        if fresh:
            self._send(batch, 1)
        return ask.future

    def _send(self, batch: list[_Ask], attempt: int) -> None:
        try:
            future = self._writer.submit(partial(self._write, batch), alone=True)
        except Conflict as closed:
            self._fail(batch, closed)
            return
        future.add_done_callback(partial(self._answer, batch, attempt))

    def _write(self, batch: list[_Ask], connection: sa.Connection) -> tuple[_Done, list[Sight]]:
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

    def _decide(self, connection: sa.Connection, batch: list[_Ask], now: Any, until: Any) -> tuple[_Done, list[Sight]]:
        keys = [ask.keyed.key for ask in batch if ask.keyed is not None]
        known = queries.answers(connection, keys) if keys else {}
        fresh = [ask for ask in batch if ask.keyed is None or ask.keyed.key not in known]
        wishes = [[Wish(asked, until) for asked in ask.asked] for ask in fresh]
        untold: list[Sight] = []
        self._desk.check_claims(connection, [wish for mine in wishes for wish in mine], self._blocks, now, untold)
        verdicts = {id(ask): [_answered(wish) for wish in mine] for ask, mine in zip(fresh, wishes, strict=True)}
        done: _Done = []
        kept: dict[str, dict[str, Any]] = {}
        for ask in batch:
            keyed, mine = ask.keyed, verdicts.get(id(ask), [])
            if keyed is None:
                done.append((mine, None))
            elif keyed.key in known:
                done.append(_again(keyed, known[keyed.key]))
            elif keyed.key in kept:
                done.append(_again(keyed, (kept[keyed.key]["digest"], kept[keyed.key]["answer"])))
            else:
                answer = self._answer_of(ask.asked[0], keyed, mine[0])
                kept[keyed.key] = {
                    "idempotency_key": keyed.key, "digest": keyed.digest, "answer": answer, "decided_at": now,
                }  # fmt: skip
                done.append((mine, answer))
        if kept and not queries.put_answers(connection, list(kept.values())):
            raise Conflict("one of these idempotency keys was used at this very moment; ask again")
        return done, untold

    def _answer(self, batch: list[_Ask], attempt: int, future: Future[tuple[_Done, list[Sight]]]) -> None:
        error = future.exception()
        if error is not None:
            self._again_or_fail(batch, attempt, error)
            return
        answers, untold = future.result()
        for ask, done in zip(batch, answers, strict=True):
            if isinstance(done, AgoranomosError):
                ask.future.set_exception(done)
                continue
            verdicts, kept = done
            ask.future.set_result(verdicts if ask.many else (verdicts[0] if verdicts else _BEFORE, kept))
        if untold:
            self._saw(untold)

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
            self._writer.submit(lambda connection: self._desk.tell(connection, sights, self._clock()), alone=True)
        except Conflict:
            _log.warning("%s sights were not told: the program stops", len(sights))


_BEFORE: Final = Verdict(repeated=True)


def _answered(wish: Wish) -> Verdict:
    assert wish.answer is not None, "every claim is answered"
    return wish.answer


def _again(keyed: Keyed, known: tuple[str, Any]) -> tuple[list[Verdict], Any] | AgoranomosError:
    digest, answer = known
    if digest != keyed.digest:
        return Conflict("this idempotency key was used for another coupon; draw a new key for each")
    return [], answer
