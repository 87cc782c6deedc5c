"""Actions and measures over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter, RawBody

from agoranomos.enforcement import actions, queries
from agoranomos.enforcement.model import Measure, Undone, Want
from agoranomos.enforcement.queries import About, Kept
from agoranomos.enforcement.service import ActionService, Requested
from agoranomos.kernel import events
from agoranomos.kernel.actions import Action, ActionStatus
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", description="1 to 128 characters; other content under it is refused"),
]


class Wish(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One action: `kind` as the policy names it, `params` such as {"points": 12}."""

    kind: Id
    subject: Subject
    params: dict[str, Any] = {}


class Wishes(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Actions and why: ids of findings, decisions or cases. `as_measure`: approved, held and undone as one."""

    actions: Annotated[list[Wish], msgspec.Meta(min_length=1, max_length=10_000)]
    because: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=100)]
    as_measure: bool = False


class Outcome(msgspec.Struct, forbid_unknown_fields=True):
    """What became of the action at the marketplace."""

    outcome: Literal["done", "failed"]


def api_router(service: ActionService) -> Router:
    """The addresses of actions and measures under `/v1`."""
    return Router("/v1", route_handlers=[*_reading(service), *_changing(service)], tags=["Actions"])


def _reading(service: ActionService) -> list[Any]:
    store = service.store

    @get(
        "/actions",
        sync_to_thread=True,
        summary="Actions, newest first",
        operation_id="listActions",
        opt={PERMISSION: "actions.read"},
        responses=problems(400, 401, 403),
    )
    def list_actions(
        kind: Filter = None,
        status: FromQuery[ActionStatus | None] = None,
        subject_kind: Filter = None,
        subject_id: Filter = None,
        measure_id: Filter = None,
        approval_id: Filter = None,
        requested_by: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Kept]:
        """With `status=pending`, what a marketplace that takes no webhooks has to do."""
        about = About(
            kind=kind, status=status, subject_kind=subject_kind, subject_id=subject_id, measure_id=measure_id,
            approval_id=approval_id, requested_by=requested_by,
        )  # fmt: skip
        with store.reading() as connection:
            found = queries.listed(connection, about, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (parse_rfc3339(each.at), each.id))

    @get(
        "/actions/{action_id:str}",
        sync_to_thread=True,
        summary="An action",
        operation_id="getAction",
        opt={PERMISSION: "actions.read"},
        responses=problems(400, 401, 403, 404),
    )
    def get_action(action_id: FromPath[str]) -> Kept:
        """With what it waits for, belongs to and takes back."""
        with store.reading() as connection:
            return actions.found(connection, action_id)

    @get(
        "/measures",
        sync_to_thread=True,
        summary="Bulk measures, newest first",
        operation_id="listMeasures",
        opt={PERMISSION: "actions.read"},
        responses=problems(400, 401, 403),
    )
    def list_measures(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Measure]:
        """`counts` says how many of a measure's actions have which status."""
        with store.reading() as connection:
            found = queries.list_measures(connection, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.at, each.id))

    @get(
        "/measures/{measure_id:str}",
        sync_to_thread=True,
        summary="A bulk measure",
        operation_id="getMeasure",
        opt={PERMISSION: "actions.read"},
        responses=problems(400, 401, 403, 404),
    )
    def get_measure(measure_id: FromPath[str]) -> Measure:
        """Its actions are listed by `/v1/actions?measure_id=…`."""
        with store.reading() as connection:
            return queries.get_measure(connection, measure_id)

    return [list_actions, get_action, list_measures, get_measure]


def _changing(service: ActionService) -> list[Any]:
    store, policy, clock = service.store, service.policy, service.clock

    def decided(request: Asking, action_id: str, verb: Callable[..., list[Action]]) -> list[Action]:
        with store.transaction() as connection:
            approval_id = _awaited(queries.get(connection, action_id))
            return verb(connection, approval_id, by=caller_of(request).actor, now=clock())

    @post(
        "/actions",
        status_code=200,
        sync_to_thread=True,
        guards=[json_only],
        summary="Ask for actions",
        operation_id="requestActions",
        opt={PERMISSION: "actions.request"},
        operation_class=json_body(Wishes),
        responses=problems(400, 401, 403, 409, 413, 415, 422),
    )
    def request_actions(request: Asking, body: RawBody, idempotency_key: IdempotencyKey = None) -> Requested:
        """Asking again for the same with the same reasons is asking once. What needs a second person, or what the
        brake holds, comes back as `proposed`.
        """
        form = events.typed(decoded(body, "body"), Wishes)
        wants = [Want(each.kind, each.subject, each.params) for each in form.actions]
        by = caller_of(request).actor
        return service.request(wants, form.because, as_measure=form.as_measure, by=by, key=idempotency_key)

    @post(
        "/actions/{action_id:str}/approval",
        status_code=200,
        sync_to_thread=True,
        summary="Agree to what an action waits for",
        operation_id="approveAction",
        opt={PERMISSION: "approvals.decide"},
        responses=problems(400, 401, 403, 404, 409),
    )
    def approve(request: Asking, action_id: FromPath[str]) -> list[Action]:
        """Everything that waits for the same approval goes on its way: a whole measure, or all that the brake holds."""
        return decided(request, action_id, actions.approve)

    @post(
        "/actions/{action_id:str}/refusal",
        status_code=200,
        sync_to_thread=True,
        summary="Refuse what an action waits for",
        operation_id="refuseAction",
        opt={PERMISSION: "approvals.decide"},
        responses=problems(400, 401, 403, 404, 409),
    )
    def refuse(request: Asking, action_id: FromPath[str]) -> list[Action]:
        """Nothing of what waits for the same approval ever goes out."""
        return decided(request, action_id, actions.refuse)

    @post(
        "/actions/{action_id:str}/undo",
        status_code=200,
        sync_to_thread=True,
        summary="Undo an action",
        operation_id="undoAction",
        opt={PERMISSION: "actions.request"},
        responses=problems(400, 401, 403, 404, 409),
    )
    def undo(request: Asking, action_id: FromPath[str]) -> Undone:
        """What took effect is reversed; what had not gone out never does."""
        with store.transaction() as connection:
            return actions.undo(connection, action_id, by=caller_of(request).actor, policy=policy, now=clock())

    @post(
        "/actions/{action_id:str}/confirm",
        status_code=200,
        sync_to_thread=True,
        guards=[json_only],
        summary="Say what became of an action",
        operation_id="confirmAction",
        opt={PERMISSION: "actions.request"},
        operation_class=json_body(Outcome),
        responses=problems(400, 401, 403, 404, 409, 415, 422),
    )
    def confirm(request: Asking, action_id: FromPath[str], body: RawBody) -> Action:
        """The marketplace's word, which stands above that of a delivery."""
        outcome = events.typed(decoded(body, "body"), Outcome).outcome
        by = caller_of(request).actor
        with store.transaction() as connection:
            return actions.confirm(connection, action_id, outcome, by=by, policy=policy, now=clock())

    @post(
        "/measures/{measure_id:str}/undo",
        status_code=200,
        sync_to_thread=True,
        summary="Undo a bulk measure",
        operation_id="undoMeasure",
        opt={PERMISSION: "actions.request"},
        responses=problems(400, 401, 403, 404, 409),
    )
    def undo_measure(request: Asking, measure_id: FromPath[str]) -> Undone:
        """Exactly those of its actions that took effect are reversed, once; the answer accounts for each of them."""
        with store.transaction() as connection:
            return actions.undo_measure(connection, measure_id, by=caller_of(request).actor, policy=policy, now=clock())

    return [request_actions, approve, refuse, undo, confirm, undo_measure]


def _awaited(action: Kept) -> str:
    if action.approval_id is None:
        raise Invalid("this action waits for no approval")
    return action.approval_id
