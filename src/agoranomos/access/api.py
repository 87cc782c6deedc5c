"""The access desk over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, delete, get, post, put
from litestar.params import FromPath, RawBody

from agoranomos.access.canaries.actions import PLANTED_MAX, Kind
from agoranomos.access.canaries.queries import Canary
from agoranomos.access.exports.actions import Wish
from agoranomos.access.exposure.deciding import ReadDecision
from agoranomos.access.exposure.model import Limits
from agoranomos.access.scope.model import Scope
from agoranomos.access.scope.service import PRINCIPALS_MAX, ScopeService
from agoranomos.access.service import AccessService, ExportShown, ReaderShown
from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.access import DataRead
from agoranomos.kernel.schema.base import Id
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import IDEMPOTENCY_KEY, json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only
from agoranomos.web.security import header

Asking = Request[Any, Any, Any]
READ, MANAGE, APPROVE = {PERMISSION: "access.read"}, {PERMISSION: "access.manage"}, {PERMISSION: "access.approve"}
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Aware = Annotated[datetime, msgspec.Meta(tz=True)]


class ReadEvent(msgspec.Struct, kw_only=True):
    """A CloudEvent about a read that is about to be answered. Unknown fields are welcome."""

    id: Id
    source: Annotated[str, msgspec.Meta(min_length=1)]
    type: Literal["data.read"]
    time: Aware
    data: DataRead
    subject: str | None = None
    specversion: str = "1.0"


class NewLimits(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many different people a reader may be shown, in the place of what its kind may, and until when."""

    people_per_hour: Count
    people_per_day: Count
    people_per_30_days: Count
    strangers_per_day: Count
    strangers_per_30_days: Count
    ends_at: Aware

    def limits(self) -> Limits:
        """Without the end."""
        return Limits(**{name: getattr(self, name) for name in Limits.__struct_fields__})


class NewExport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who will read it, why, which fields, and where it goes."""

    principal_id: Id
    purpose: Id
    fields: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=100)]
    destination_region: Id
    subject_count: Count | None = None


class NewCanaries(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Account ids, or numbers, that the marketplace has made up and gives to nobody."""

    kind: Kind
    values: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=PLANTED_MAX)]


class NewScope(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which readers, from when on, and before when."""

    principal_ids: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=PRINCIPALS_MAX)]
    since: Aware
    until: Aware


class SealedScope(msgspec.Struct, frozen=True, kw_only=True):
    """A scope, its digest, and the entry of the audit log that holds it; who it names, `agora access scope` writes."""

    scope: Scope
    digest: str
    audit_index: int
    tree_size: int


def check_router(service: AccessService) -> Router:
    """`/v1/checks/data-read`."""

    @post("/checks/data-read", status_code=200, sync_to_thread=True, guards=[json_only], summary="Judge a read",
          operation_id="checkDataRead", opt={PERMISSION: "checks.run"},
          operation_class=json_body(ReadEvent, "application/cloudevents+json", headers=(IDEMPOTENCY_KEY,)),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def check(request: Asking, body: RawBody) -> ReadDecision:
        """`approve`, or `decline` with `retry_after`: in how many seconds asking again may help, null when waiting will
        not. Ask before people are shown; whom an approved read shows counts at once. The body is the CloudEvent.
        """
        event = events.parse_line(body, "body")
        return service.check(event, header(request.scope, b"idempotency-key"))

    return Router("/v1", route_handlers=[check], tags=["Access"])


def desk_router(service: AccessService, scopes: ScopeService) -> Router:
    """The addresses under `/v1/access`."""
    handlers = [*_readers(service), *_exports(service), *_canaries(service), _scopes(scopes)]
    return Router("/v1/access", route_handlers=handlers, tags=["Access"])


def _readers(service: AccessService) -> list[Any]:
    @get("/readers", sync_to_thread=True, summary="Who reads people", operation_id="listReaders", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def listed(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[ReaderShown]:
        """In the order of ids, each with what it may be shown, and was shown."""
        found = service.readers(after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.principal_id,))

    @get("/readers/{principal_id:str}", sync_to_thread=True, summary="A reader", operation_id="getReader", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(principal_id: FromPath[str]) -> ReaderShown:
        """How many different people it was shown within the hour, a day, 7 and 30 days."""
        return service.reader(principal_id)

    @put("/readers/{principal_id:str}/limits", status_code=200, sync_to_thread=True, guards=[json_only],
         summary="Give a reader limits of its own", operation_id="limitReader", opt=MANAGE,
         operation_class=json_body(NewLimits), responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def allow(request: Asking, principal_id: FromPath[str], body: RawBody) -> ReaderShown:
        """They stand in the place of those of its kind until they end."""
        form = events.typed(decoded(body, "body"), NewLimits)
        return service.allow(principal_id, form.limits(), form.ends_at, by=caller_of(request).actor)

    @delete("/readers/{principal_id:str}/limits", status_code=200, sync_to_thread=True,
            summary="Take own limits back", operation_id="unlimitReader", opt=MANAGE,
            responses=problems(400, 401, 403, 422))  # fmt: skip
    def usual(request: Asking, principal_id: FromPath[str]) -> ReaderShown:
        """Those of its kind hold again."""
        return service.allow(principal_id, None, None, by=caller_of(request).actor)

    return [listed, show, allow, usual]


def _exports(service: AccessService) -> list[Any]:
    @get("/exports", sync_to_thread=True, summary="Exports, newest first", operation_id="listExports", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def listed(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[ExportShown]:
        """What somebody wants to take out of the house, and who agreed."""
        found = service.exports(after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.export.requested_at, each.export.export_id))

    @get("/exports/{export_id:str}", sync_to_thread=True, summary="An export", operation_id="getExport", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(export_id: FromPath[str]) -> ExportShown:
        """With its state, and until when it may be read."""
        return service.export(export_id)

    @post("/exports", status_code=201, sync_to_thread=True, guards=[json_only], summary="Ask for an export",
          operation_id="askForExport", opt=MANAGE, operation_class=json_body(NewExport),
          responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def ask(request: Asking, body: RawBody) -> ExportShown:
        """It waits until as many others agree as the policy says; abroad they are more."""
        form = events.typed(decoded(body, "body"), NewExport)
        return service.ask(Wish(**msgspec.structs.asdict(form)), by=caller_of(request).actor)

    @post("/exports/{export_id:str}/agree", status_code=200, sync_to_thread=True, summary="Agree to an export",
          operation_id="agreeToExport", opt=APPROVE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def agree(request: Asking, export_id: FromPath[str]) -> ExportShown:
        """Only a person can, and neither who asked nor who would read it."""
        return service.agree(export_id, by=caller_of(request).actor)

    @post("/exports/{export_id:str}/refuse", status_code=200, sync_to_thread=True, summary="Refuse an export",
          operation_id="refuseExport", opt=APPROVE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def refuse(request: Asking, export_id: FromPath[str]) -> ExportShown:
        """Nobody else can agree to it any more."""
        return service.refuse(export_id, by=caller_of(request).actor)

    @post("/exports/{export_id:str}/canaries", status_code=200, sync_to_thread=True,
          summary="Planted rows of an export", operation_id="plantInExport", opt=MANAGE,
          responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def plant(request: Asking, export_id: FromPath[str]) -> list[Canary]:
        """A number and a record that lie in no other export, to be put among its rows; again gives the same."""
        return service.assign(export_id, by=caller_of(request).actor)

    return [listed, show, ask, agree, refuse, plant]


def _canaries(service: AccessService) -> list[Any]:
    @get("/canaries", sync_to_thread=True, summary="What was planted", operation_id="listCanaries", opt=MANAGE,
         responses=problems(400, 401, 403))  # fmt: skip
    def listed(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Canary]:
        """In the order of ids."""
        found = service.canaries(after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.canary_id,))

    @post("/canaries", status_code=201, sync_to_thread=True, guards=[json_only], summary="Plant canaries",
          operation_id="plantCanaries", opt=MANAGE, operation_class=json_body(NewCanaries),
          responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def plant(request: Asking, body: RawBody) -> list[Canary]:
        """Those that are new."""
        form = events.typed(decoded(body, "body"), NewCanaries)
        return service.plant(form.kind, form.values, by=caller_of(request).actor)

    return [listed, plant]


def _scopes(scopes: ScopeService) -> Any:
    @post("/scopes", status_code=201, sync_to_thread=True, guards=[json_only], summary="The scope of a breach",
          operation_id="makeScope", opt=MANAGE, operation_class=json_body(NewScope),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def make(request: Asking, body: RawBody) -> SealedScope:
        """Which people, fields, window and readers, counted from the log and sealed by an entry of the audit log."""
        form = events.typed(decoded(body, "body"), NewScope)
        made = scopes.make(form.principal_ids, form.since, form.until, by=caller_of(request).actor)
        return SealedScope(
            scope=made.scope, digest=made.digest, audit_index=made.audit_index, tree_size=made.tree_size
        )  # fmt: skip

    return make
