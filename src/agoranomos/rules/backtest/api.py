"""Backtests over HTTP: ask, and come back for what came of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, RawBody

from agoranomos.engine.rules.errors import RuleError
from agoranomos.kernel import events
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.json_text import decoded
from agoranomos.rules.api import READ, TEXT_MAX, WRITE
from agoranomos.rules.backtest import asked
from agoranomos.rules.backtest.asked import SAMPLES_MAX, Backtest, Wanted
from agoranomos.rules.backtest.report import Report
from agoranomos.rules.service import RuleService
from agoranomos.web import paging
from agoranomos.web.auth import caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]


class NewBacktest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The text of a file of rules (YAML, or JSON), and of one that declares the features that they ask; without rules,
    the versions that run in shadow. `first` and `last`: days of the calendar, the last 30 days unless told otherwise.
    """

    text: Annotated[str, msgspec.Meta(max_length=TEXT_MAX)] = ""
    features: Annotated[str, msgspec.Meta(max_length=TEXT_MAX)] = ""
    first: date | None = None
    last: date | None = None
    samples: Annotated[int, msgspec.Meta(ge=0, le=SAMPLES_MAX)] = 5


class BacktestShown(Backtest, frozen=True, kw_only=True):
    """A backtest with what came of it."""

    report: Report | None = None


def api_router(service: RuleService) -> Router:
    """The addresses under `/v1/backtests`."""
    store, clock = service.store, service.clock

    @post("/", status_code=202, sync_to_thread=True, guards=[json_only], summary="Ask for a backtest",
          operation_id="askBacktest", opt=WRITE, operation_class=json_body(NewBacktest),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def ask(request: Asking, body: RawBody) -> Backtest:
        """What the rules would have done to the event log. It takes seconds to minutes, at most ten; ask for it by its
        id. The rules do not enter the rule book, and nothing acts.
        """
        form = events.typed(decoded(body, "body"), NewBacktest)
        wanted = Wanted(files=_files(service, form), first=form.first, last=form.last, samples=form.samples)
        with store.transaction() as connection:
            return asked.ask(connection, wanted, by=caller_of(request).actor, now=clock())

    @get("/", sync_to_thread=True, summary="Backtests", operation_id="listBacktests", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_backtests(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Backtest]:
        """In the order of ids, without their reports; kept for 30 days."""
        with store.reading() as connection:
            found = asked.listed(connection, after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.backtest_id,))

    @get("/{backtest_id:str}", sync_to_thread=True, summary="A backtest", operation_id="getBacktest", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(backtest_id: FromPath[str]) -> BacktestShown:
        """Its state, and the report when it is done."""
        with store.reading() as connection:
            found = asked.get(connection, backtest_id)
            raw = asked.report_of(connection, backtest_id)
        report = None if raw is None else msgspec.convert(raw, Report)
        return BacktestShown(**msgspec.structs.asdict(found), report=report)

    return Router("/v1/backtests", route_handlers=[ask, list_backtests, show], tags=["Rules"])


def _files(service: RuleService, form: NewBacktest) -> list[tuple[str, str]]:
    """Checked here, so that mistakes are said at once. Raises RuleError, Invalid."""
    if not form.text:
        if form.features:
            raise Invalid("features alone are no rules; send the text of the rules as well", pointer="/features")
        return []
    files = [("text", form.text), *([("features", form.features)] if form.features else [])]
    try:
        service.read(files)
    except RuleError as error:
        raise RuleError(error.problems, pointer="/text") from error
    return files
