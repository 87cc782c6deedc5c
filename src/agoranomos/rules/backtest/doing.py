"""A worker does a backtest that somebody asked for: within bounds of time, memory and processors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.kernel.jobs.model import Job
from agoranomos.rules.backtest import asked, queries
from agoranomos.rules.backtest.report import Report
from agoranomos.rules.book import Book
from agoranomos.rules.loading import Loader
from agoranomos.rules.service import RuleService

SECONDS_MAX: Final = 600.0
RULES_MAX: Final = 200
THREADS: Final = 1
"""Beside a server that answers others."""
_OURS: Final = "it failed for a reason that lies with the server; its log says more"
_log = logging.getLogger(__name__)


def do(
    service: RuleService, folder: Path, job: Job, *, seconds_max: float = SECONDS_MAX
) -> Callable[[sa.Connection], None]:
    """Does the backtest whose id is the key of `job`; returns what to write."""
    backtest_id = job.key
    try:
        report = _report(service, folder, backtest_id, seconds_max)
    except AgoranomosError as error:
        message = error.message
        return lambda connection: asked.end(connection, backtest_id, reason=message, now=service.clock())
    except Exception as error:  # whoever asked must be told, and not wait for ever
        _log.warning("the backtest %s failed: %s", backtest_id, type(error).__name__, exc_info=error)
        return lambda connection: asked.end(connection, backtest_id, reason=_OURS, now=service.clock())
    raw = msgspec.to_builtins(report)
    return lambda connection: asked.end(connection, backtest_id, report=raw, now=service.clock())


def _report(service: RuleService, folder: Path, backtest_id: str, seconds_max: float) -> Report:
    # DuckDB takes a tenth of a second to import, and a server that is asked for no backtest does without.
    from agoranomos.rules.backtest.running import backtest, beside  # noqa: PLC0415

    loader = Loader()
    with service.store.reading() as connection:
        wanted = asked.get(connection, backtest_id)
        files = asked.files_of(connection, backtest_id)
        loader.refresh(connection, service.clock())
    live = loader.book.used
    written = service.read(files) if files else []
    with service.store.reading() as connection:
        candidates = queries.candidates(connection, written)
    candidates = candidates or [used for used in live if used.standing == "shadow"]
    if len(candidates) > RULES_MAX:
        raise Invalid(f"a backtest is of at most {RULES_MAX} rules at once")
    book = Book(beside(candidates, live), lists=loader.book.lists, name="backtest")
    with service.store.reading() as connection:
        return backtest(
            book, connection, folder=folder, policy=service.queues, since=wanted.since, until=wanted.until,
            samples=wanted.samples, seconds_max=seconds_max, threads=THREADS,
        )  # fmt: skip
