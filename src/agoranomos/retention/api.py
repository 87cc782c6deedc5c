"""Retention over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post, put
from litestar.params import FromPath, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.retained import Action
from agoranomos.kernel.schema.base import Id, Moment
from agoranomos.retention import queries
from agoranomos.retention.model import Hold, HoldKind, Run
from agoranomos.retention.service import RetentionService
from agoranomos.staff.presenting import ShownApproval, approval_shown
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "retention.read"}, {PERMISSION: "retention.manage"}


class NewHold(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """On what, why (a code such as `litigation`), and until when; without a moment until it is lifted."""

    kind: HoldKind
    subject_id: Id
    why: Id
    note: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    until: Moment | None = None


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the schedule."""

    kind: str
    about: str
    action: Action
    days: int
    least_days: int
    basis: str


class Schedule(msgspec.Struct, frozen=True):
    """Every kind of data; `days` 0: for good."""

    version: str
    kinds: list[ShownLine]


def schedule_of(service: RetentionService) -> Schedule:
    """The schedule with what each kind is."""
    lines = service.tools.policy.kinds
    return Schedule(
        service.tools.policy.version,
        [
            ShownLine(
                kind=each.kind, about=each.about, action=each.action, days=lines[each.kind].days,
                least_days=each.least_days, basis=lines[each.kind].basis,
            )
            for each in service.tools.kept
        ],
    )  # fmt: skip


def api_router(service: RetentionService) -> Router:
    """The addresses of retention under `/v1/retention`."""
    return Router("/v1/retention", route_handlers=[*_reading(service), *_holding(service)], tags=["Retention"])


def _reading(service: RetentionService) -> list[Any]:
    @get("/schedule", sync_to_thread=True, summary="How long each kind of data is kept", operation_id="getSchedule",
         opt=READ, responses=problems(401, 403))  # fmt: skip
    def schedule() -> Schedule:
        """By the policy, with its basis."""
        return schedule_of(service)

    @get("/runs", sync_to_thread=True, summary="Runs, newest first", operation_id="listRetentionRuns", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def runs(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Run]:
        """What went and what was held, kind by kind."""
        with service.store.reading() as connection:
            found = queries.list_runs(connection, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.started_at, each.run_id))

    @get("/due", sync_to_thread=True, summary="What a run would do now", operation_id="dryRetentionRun", opt=READ,
         responses=problems(401, 403))  # fmt: skip
    def due(request: Asking) -> Run:
        """Counted, and nothing done."""
        return service.dry_run(by=caller_of(request).actor)

    @get("/holds", sync_to_thread=True, summary="Holds, newest first", operation_id="listHolds", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def holds(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Hold]:
        """Also those that were lifted."""
        with service.store.reading() as connection:
            found = queries.list_holds(connection, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.placed_at, each.hold_id))

    return [schedule, runs, due, holds]


def _holding(service: RetentionService) -> list[Any]:
    @post("/holds", status_code=201, sync_to_thread=True, guards=[json_only], summary="Place a hold",
          operation_id="placeHold", opt=MANAGE, operation_class=json_body(NewHold),
          responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def placed(request: Asking, body: RawBody) -> Hold:
        """One person is enough to keep something."""
        form = events.typed(decoded(body, "body"), NewHold)
        return service.place(
            form.kind, form.subject_id, why=form.why, note=form.note, until=form.until, by=caller_of(request).actor
        )

    @post("/holds/{hold_id:str}/lifting", status_code=201, sync_to_thread=True, summary="Ask to lift a hold",
          operation_id="askToLiftHold", opt=MANAGE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def asked(request: Asking, hold_id: FromPath[str]) -> ShownApproval:
        """It takes two to let something go."""
        return approval_shown(service.ask_to_lift(hold_id, by=caller_of(request).actor))

    @put("/holds/{hold_id:str}/lifting/{approval_id:str}", sync_to_thread=True, summary="Lift a hold",
         operation_id="liftHold", opt=MANAGE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def lifted(request: Asking, hold_id: FromPath[str], approval_id: FromPath[str]) -> Hold:
        """After a second person has agreed."""
        return service.lift(hold_id, approval_id, by=caller_of(request).actor)

    return [placed, asked, lifted]
