"""The background work of a running system: which jobs recur, how often, and what each does.

Apart from `wiring`, which knows what the real parts are; here stands what is done with them.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

import sqlalchemy as sa

from agoranomos.access.rooms import Access
from agoranomos.audit.actions import checkpoint
from agoranomos.audit.notes import SigningKey
from agoranomos.audit.thinning import load_policy as load_audit_policy
from agoranomos.audit.thinning import thin
from agoranomos.cases.rooms import Cases
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import catalogue, pruning
from agoranomos.enforcement.delivering import Deliverer
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.goods.batches.following import oldest_kept
from agoranomos.goods.batches.following import prune as prune_parcels
from agoranomos.goods.redress import actions as redress
from agoranomos.goods.rooms import Rooms
from agoranomos.goods.trade import following
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.jobs.runner import Effect, Handler, Runner
from agoranomos.kernel.ledger.sweep import expire_all_due
from agoranomos.kernel.store import Store
from agoranomos.promotions.rooms import Promotions
from agoranomos.reports.asked import KIND as REPORT
from agoranomos.reports.service import ReportService
from agoranomos.retention.rooms import Retention
from agoranomos.reviews.rooms import Reviews
from agoranomos.rules import actions as promoting
from agoranomos.rules.backtest import asked
from agoranomos.rules.backtest.asked import KIND as BACKTEST
from agoranomos.rules.backtest.doing import do as do_backtest
from agoranomos.rules.hits import prune
from agoranomos.rules.service import RuleService
from agoranomos.sellers.rooms import Sellers

StepT = TypeVar("StepT")
JOBS_KEPT: Final = timedelta(days=30)
"""How long a job that is done keeps a repeat of it from being done again."""
HITS_KEPT: Final = timedelta(days=200)
"""How long hits of rules can be compared: longer than any candidate should run in shadow."""
EVERY_S: Final = {
    "access.follow": 2,
    "access.prune": 86_400,
    "actions.prune": 3_600,
    "actions.settle": 2,
    "audit.checkpoint": 60,
    "audit.thin": 86_400,
    "batches.follow": 5,
    "batches.prune": 86_400,
    "cases.clocks": 30,
    "cases.gather": 2,
    "cases.trail": 10,
    "catalogue.count": 5,
    "goods.follow": 2,
    "jobs.prune": 86_400,
    "ledger.expire": 10,
    "programmes.settle": 2,
    "promotions.follow": 1,
    "promotions.prune": 86_400,
    "redress.settle": 5,
    "reports.prune": 86_400,
    "retention.run": 86_400,
    "reviews.follow": 5,
    "reviews.numbers": 15,
    "rules.prune": 86_400,
    "rules.settle": 2,
    "sellers.follow": 2,
    "sellers.prune": 86_400,
    "sellers.sweep": 86_400,
    "testbuys.shelf": 5,
    "trade.prune": 86_400,
    "webhooks.deliver": 1,
    "webhooks.prune": 3_600,
}
"""All background work: kind of job → seconds between turns."""

_log = logging.getLogger(__name__)


class System(Protocol):
    """The parts that the jobs work with; `Wiring` has the real ones."""

    clock: Clock

    @property
    def action_policy(self) -> ActionPolicy: ...

    @property
    def home(self) -> Path: ...

    def rules(self) -> RuleService: ...
    def store(self) -> Store: ...
    def now(self) -> datetime: ...
    def audit_key(self) -> SigningKey: ...
    def deliverer(self) -> Deliverer: ...
    @property
    def rooms(self) -> Rooms: ...

    @property
    def sellers(self) -> Sellers: ...

    @property
    def promotions(self) -> Promotions: ...

    @property
    def reviews(self) -> Reviews: ...

    @property
    def access(self) -> Access: ...

    @property
    def reports(self) -> ReportService: ...

    @property
    def retention(self) -> Retention: ...

    @property
    def cases(self) -> Cases: ...


class Background:
    """The jobs of one process, which calls itself `worker_id`."""

    def __init__(self, system: System, worker_id: str) -> None:
        self._system = system
        self._worker_id = worker_id

    def long_runner(self) -> Runner:
        """Does, one by one, what takes minutes, so that nothing that recurs waits for it."""
        return Runner(
            self._system.store(),
            {BACKTEST: self._backtest, REPORT: self._system.reports.do},
            worker_id=f"{self._worker_id}:long",
            clock=self._system.clock,
            draw=random.SystemRandom().random,
            threads=1,
        )

    def runner(self) -> Runner:
        """Does all of EVERY_S."""
        handlers: dict[str, Handler] = {
            "access.follow": self._follow_access,
            "access.prune": self._prune_access,
            "actions.prune": self._prune_requests,
            "actions.settle": self._settle_actions,
            "audit.checkpoint": self._sign_audit_log,
            "audit.thin": self._thin_checkpoints,
            "batches.follow": self._follow_batches,
            "batches.prune": self._prune_parcels,
            "cases.clocks": self._run_case_clocks,
            "cases.gather": self._gather_cases,
            "cases.trail": self._tell_trail,
            "catalogue.count": self._count_catalogue,
            "goods.follow": self._follow_goods,
            "jobs.prune": self._prune_jobs,
            "ledger.expire": self._expire_reservations,
            "programmes.settle": self._settle_programmes,
            "promotions.follow": self._follow_promotions,
            "promotions.prune": self._prune_promotions,
            "redress.settle": self._settle_redress,
            "reports.prune": self._prune_reports,
            "retention.run": self._end_what_is_due,
            "reviews.follow": self._follow_reviews,
            "reviews.numbers": self._sweep_numbers,
            "rules.prune": self._prune_hits,
            "rules.settle": self._settle_rules,
            "sellers.follow": self._follow_sellers,
            "sellers.prune": self._prune_sellers,
            "sellers.sweep": self._sweep_sellers,
            "testbuys.shelf": self._follow_shelf,
            "trade.prune": self._prune_orders,
            "webhooks.deliver": self._deliver,
            "webhooks.prune": self._prune_deliveries,
        }
        return Runner(
            self._system.store(),
            handlers,
            recurring=EVERY_S,
            worker_id=self._worker_id,
            clock=self._system.clock,
            draw=random.SystemRandom().random,
        )

    def _sign_audit_log(self, job: Job) -> Effect:  # noqa: ARG002 - a handler's signature
        signer = self._system.audit_key()
        return lambda connection: checkpoint(connection, signer, self._system.now())

    def sign_for_the_last_time(self) -> None:
        """Signs what is not signed yet, when the program stops: it would else lie open until the next start.

        What keeps it from that is logged: a stop must not fail.
        """
        try:
            signer = self._system.audit_key()
            self._in_a_transaction(lambda connection: checkpoint(connection, signer, self._system.now()))
        except Exception as error:  # the database is away, or the log was changed: neither can be mended here
            _log.warning("the audit log was not signed at the end: %s", type(error).__name__)

    def _thin_checkpoints(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        key, keeping, now = self._system.audit_key().verifier, load_audit_policy().checkpoints, self._system.now()
        while self._in_a_transaction(lambda connection: thin(connection, key, keeping=keeping, now=now)):
            pass

    def _gather_cases(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.cases.service.gather()

    def _run_case_clocks(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.cases.service.run_clocks()

    def _tell_trail(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.cases.tell_trail()

    def _expire_reservations(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        expire_all_due(self._system.store(), self._system.now())

    def _settle_actions(self, job: Job) -> Effect:  # noqa: ARG002 - a handler's signature
        return lambda connection: enforcing.settle(connection, now=self._system.now())

    def _settle_rules(self, job: Job) -> Effect:  # noqa: ARG002 - a handler's signature
        return lambda connection: promoting.settle(connection, now=self._system.now())

    def _settle_programmes(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.rooms.programmes.settle()

    def _follow_batches(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.rooms.batches.follow()

    def _prune_parcels(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        before = oldest_kept(self._system.now(), self._system.rooms.batches.policy.kept_days)
        while not self._in_a_transaction(lambda connection: prune_parcels(connection, before)):
            pass

    def _follow_shelf(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.rooms.testbuys.follow()

    def _prune_hits(self, job: Job) -> Effect:  # noqa: ARG002 - a handler's signature
        def effect(connection: sa.Connection) -> None:
            prune(connection, self._system.now() - HITS_KEPT)
            asked.prune(connection, self._system.now() - asked.KEPT)

        return effect

    def _backtest(self, job: Job) -> Effect:
        return do_backtest(self._system.rules(), self._system.home, job)

    def _deliver(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        try:
            self._deliverer.turn()
        finally:
            self._deliverer.close()  # connections last for a turn; idle ones would be held for nothing

    @cached_property
    def _deliverer(self) -> Deliverer:
        return self._system.deliverer()

    def _prune_jobs(self, job: Job) -> Effect:  # noqa: ARG002 - a handler's signature
        return lambda connection: queue.prune(connection, self._system.now() - JOBS_KEPT)

    def _count_catalogue(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        while not self._in_a_transaction(catalogue.count):
            pass

    def _follow_goods(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        live, now = self._system.rooms.live, self._system.now()
        while not self._in_a_transaction(lambda connection: live.step(connection, now)):
            pass

    def _prune_orders(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        kept = self._system.rooms.policies.redress.orders_kept
        while not self._in_a_transaction(lambda connection: following.prune(connection, kept)):
            pass

    def _follow_access(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.access.service.follow()

    def _prune_access(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.access.service.prune()

    def _sweep_numbers(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.reviews.numbers.sweep()

    def _follow_sellers(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.sellers.hear()

    def _prune_sellers(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.sellers.offices.freezes.prune()

    def _sweep_sellers(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.sellers.links.sweep(self._system.sellers.keep_found)

    def _follow_promotions(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.promotions.guard.follow()
        self._system.promotions.traces.follow()

    def _follow_reviews(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.reviews.scores.follow()

    def _prune_promotions(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.promotions.guard.prune()

    def _end_what_is_due(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.retention.service.run()

    def _prune_reports(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        self._system.reports.prune()

    def _settle_redress(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        now, after = self._system.now(), ""
        while True:
            after = self._in_a_transaction(partial(redress.settle, now=now, after=after))
            if not after:
                return

    def _prune_deliveries(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        policy, now = self._system.action_policy, self._system.now()
        while self._in_a_transaction(lambda connection: pruning.prune(connection, policy=policy, now=now)):
            pass

    def _prune_requests(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        policy, now = self._system.action_policy, self._system.now()
        while self._in_a_transaction(lambda connection: pruning.prune_requests(connection, policy=policy, now=now)):
            pass

    def _in_a_transaction(self, step: Callable[[sa.Connection], StepT]) -> StepT:
        """One of many steps, so that nobody waits for all of them."""
        with self._system.store().transaction() as connection:
            return step(connection)
