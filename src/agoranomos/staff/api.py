"""People, API keys, approvals and oneself over HTTP.

What takes no body is PUT or DELETE, which a foreign page cannot send; what is POST takes JSON only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, delete, get, post, put
from litestar.params import FromPath, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.approvals.model import ApprovalStatus
from agoranomos.kernel.json_text import decoded
from agoranomos.staff.model import AT_THE_MACHINE, ROTATION_GRACE
from agoranomos.staff.presenting import (
    Me,
    ShownApproval,
    ShownKey,
    ShownPerson,
    ShownSecret,
    approval_shown,
    key_shown,
    person_shown,
    secret_shown,
)
from agoranomos.staff.roles import Role, require_decider, role_of
from agoranomos.staff.service import StaffService
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, SIGNED_IN, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

AnyRequest = Request[Any, Any, Any]
DAYS_MAX = 3_650
GRACE_S_MAX = 7 * 24 * 3_600
_MANAGE_PEOPLE = {PERMISSION: "people.manage"}
_MANAGE_KEYS = {PERMISSION: "keys.manage"}


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to add: the identity provider vouches for the address. A password is set by `agora people password`."""

    name: str
    email: str
    roles: tuple[Role, ...] = ()


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to make: what it is for, what it may do, and for how many days; without `days` until it is revoked."""

    name: str
    permissions: tuple[str, ...]
    days: Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX)] | None = None


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many seconds the earlier secret stays good; 0 when it has leaked."""

    grace_s: Annotated[int, msgspec.Meta(ge=0, le=GRACE_S_MAX)] = int(ROTATION_GRACE.total_seconds())


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the second person says."""

    approved: bool


def api_router(service: StaffService) -> Router:
    """The addresses under `/v1`."""
    return Router("/v1", route_handlers=[_me(service), *_people(service), *_keys(service), *_approvals(service)])


def _me(service: StaffService) -> Any:
    @get("/me", sync_to_thread=True, summary="Who is asking", operation_id="getMe", opt={PERMISSION: SIGNED_IN},
         tags=["People"], responses=problems(401))  # fmt: skip
    def me(request: AnyRequest) -> Me:
        """And what they may do."""
        caller = caller_of(request)
        signed_in = caller.actor.kind == "person" and caller.actor not in AT_THE_MACHINE
        person = service.person(caller.actor.id) if signed_in else None
        return Me(
            actor=str(caller.actor),
            name=person.name if person else None,
            roles=sorted(person.roles) if person else [],
            permissions=sorted(caller.permissions),
        )

    return me


def _people(service: StaffService) -> list[Any]:
    @get("/people", sync_to_thread=True, summary="People", operation_id="listPeople", opt=_MANAGE_PEOPLE,
         tags=["People"], responses=problems(400, 401, 403))  # fmt: skip
    def list_people(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[ShownPerson]:
        """Everybody who was added, in the order of ids."""
        found = service.people(after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of([person_shown(each) for each in found], limit, lambda each: (each.person_id,))

    @post("/people", sync_to_thread=True, guards=[json_only], summary="Add somebody", operation_id="addPerson",
          opt=_MANAGE_PEOPLE, tags=["People"], operation_class=json_body(NewPerson),
          responses=problems(400, 401, 403, 409, 415, 422))  # fmt: skip
    def add_person(request: AnyRequest, body: RawBody) -> ShownPerson:
        """Nobody is added twice: an address that is known is a conflict."""
        new = events.typed(decoded(body, "body"), NewPerson)
        by = caller_of(request).actor
        return person_shown(service.add_person(name=new.name, email=new.email, roles=new.roles, by=by))

    @put("/people/{person_id:str}/roles/{role:str}", sync_to_thread=True, summary="Give a role",
         operation_id="grantRole", opt=_MANAGE_PEOPLE, tags=["People"],
         responses=problems(400, 401, 403, 404, 409, 422))  # fmt: skip
    def grant(request: AnyRequest, person_id: FromPath[str], role: FromPath[str]) -> ShownPerson:
        """Nobody gives one to themselves. Giving a role twice changes nothing."""
        return person_shown(service.grant_role(person_id, role_of(role), by=caller_of(request).actor))

    @delete("/people/{person_id:str}/roles/{role:str}", status_code=200, sync_to_thread=True, summary="Take a role",
            operation_id="revokeRole", opt=_MANAGE_PEOPLE, tags=["People"],
            responses=problems(400, 401, 403, 404, 409, 422))  # fmt: skip
    def revoke(request: AnyRequest, person_id: FromPath[str], role: FromPath[str]) -> ShownPerson:
        """The last administrator stays one."""
        return person_shown(service.revoke_role(person_id, role_of(role), by=caller_of(request).actor))

    @put("/people/{person_id:str}/disabled", sync_to_thread=True, summary="Close an account",
         operation_id="disablePerson", opt=_MANAGE_PEOPLE, tags=["People"],
         responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def disable(request: AnyRequest, person_id: FromPath[str]) -> ShownPerson:
        """The person is signed out everywhere, at once in this process and within five seconds in others."""
        return person_shown(service.disable_person(person_id, by=caller_of(request).actor))

    @delete("/people/{person_id:str}/disabled", status_code=200, sync_to_thread=True,
            summary="Open an account again", operation_id="enablePerson", opt=_MANAGE_PEOPLE, tags=["People"],
            responses=problems(400, 401, 403, 404))  # fmt: skip
    def enable(request: AnyRequest, person_id: FromPath[str]) -> ShownPerson:
        """Also lifts the block after too many wrong passwords."""
        return person_shown(service.enable_person(person_id, by=caller_of(request).actor))

    return [list_people, add_person, grant, revoke, disable, enable]


def _keys(service: StaffService) -> list[Any]:
    @get("/keys", sync_to_thread=True, summary="API keys", operation_id="listKeys", opt=_MANAGE_KEYS,
         tags=["API keys"], responses=problems(400, 401, 403))  # fmt: skip
    def list_keys(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[ShownKey]:
        """Without their secrets, which are kept nowhere; those that are over as well."""
        found = service.keys(after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of([key_shown(each) for each in found], limit, lambda each: (each.key_id,))

    @post("/keys", sync_to_thread=True, guards=[json_only], summary="Make an API key", operation_id="createKey",
          opt=_MANAGE_KEYS, tags=["API keys"], operation_class=json_body(NewKey),
          responses=problems(400, 401, 403, 415, 422))  # fmt: skip
    def create(request: AnyRequest, body: RawBody) -> ShownSecret:
        """The secret is in this answer and never again."""
        new = events.typed(decoded(body, "body"), NewKey)
        lasts = timedelta(days=new.days) if new.days is not None else None
        by = caller_of(request).actor
        return secret_shown(service.create_key(name=new.name, permissions=new.permissions, by=by, lasts=lasts))

    @post("/keys/{key_id:str}/rotate", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Give a key a new secret", operation_id="rotateKey", opt=_MANAGE_KEYS, tags=["API keys"],
          operation_class=json_body(Rotation), responses=problems(400, 401, 403, 404, 409, 415, 422))  # fmt: skip
    def rotate(request: AnyRequest, key_id: FromPath[str], body: RawBody) -> ShownSecret:
        """The earlier secret stays good for `grace_s` seconds, a day unless told otherwise."""
        grace = timedelta(seconds=events.typed(decoded(body, "body"), Rotation).grace_s)
        return secret_shown(service.rotate_key(key_id, by=caller_of(request).actor, grace=grace))

    @delete("/keys/{key_id:str}", status_code=200, sync_to_thread=True, summary="Revoke a key",
            operation_id="revokeKey", opt=_MANAGE_KEYS, tags=["API keys"],
            responses=problems(400, 401, 403, 404))  # fmt: skip
    def revoke(request: AnyRequest, key_id: FromPath[str]) -> ShownKey:
        """It opens nothing any more, at once in this process and within five seconds in others."""
        return key_shown(service.revoke_key(key_id, by=caller_of(request).actor))

    return [list_keys, create, rotate, revoke]


def _approvals(service: StaffService) -> list[Any]:
    reading = {PERMISSION: "approvals.read"}

    @get("/approvals", sync_to_thread=True, summary="What waits for a second person", operation_id="listApprovals",
         opt=reading, tags=["Approvals"], responses=problems(400, 401, 403))  # fmt: skip
    def waiting(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[ShownApproval]:
        """In the order of ids."""
        found = service.waiting(after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of([approval_shown(each) for each in found], limit, lambda each: (each.approval_id,))

    @get("/approvals/{approval_id:str}", sync_to_thread=True, summary="An approval", operation_id="getApproval",
         opt=reading, tags=["Approvals"], responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(approval_id: FromPath[str]) -> ShownApproval:
        """What is wanted, by whom, and what became of it."""
        return approval_shown(service.approval(approval_id))

    @post("/approvals/{approval_id:str}/verdict", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Be the second person", operation_id="decideApproval", opt={PERMISSION: "approvals.decide"},
          tags=["Approvals"], operation_class=json_body(Verdict),
          responses=problems(400, 401, 403, 404, 409, 415, 422))  # fmt: skip
    def decide(request: AnyRequest, approval_id: FromPath[str], body: RawBody) -> ShownApproval:
        """Approves or refuses. Whoever asked for it or gains by it may not; a repeat changes nothing."""
        approved = events.typed(decoded(body, "body"), Verdict).approved
        status = ApprovalStatus.APPROVED if approved else ApprovalStatus.REFUSED
        caller = caller_of(request)
        require_decider(caller.may, service.approval(approval_id).wanted.kind)
        return approval_shown(service.decide(approval_id, status, by=caller.actor))

    @delete("/approvals/{approval_id:str}", status_code=200, sync_to_thread=True, summary="Take back what one wanted",
            operation_id="withdrawApproval", opt={PERMISSION: "actions.request"}, tags=["Approvals"],
            responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def withdraw(request: AnyRequest, approval_id: FromPath[str]) -> ShownApproval:
        """Only who asked for it; a repeat changes nothing."""
        by = caller_of(request).actor
        return approval_shown(service.decide(approval_id, ApprovalStatus.WITHDRAWN, by=by))

    return [waiting, show, decide, withdraw]
