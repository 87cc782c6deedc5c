"""Pages of people and API keys: who may what, and since when."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.admin.wording import TEXTS
from agoranomos.console.forms import many
from agoranomos.console.frame import AnyRequest, view
from agoranomos.console.rooms import Console
from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.staff.browsers import field
from agoranomos.staff.roles import FOR_PROGRAMS, PERMISSIONS, Role, role_of
from agoranomos.staff.service import MadeKey
from agoranomos.staff.wording import PERMISSIONS_ZH
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_PEOPLE, _KEYS = {PERMISSION: "people.manage"}, {PERMISSION: "keys.manage"}


def people_router(console: Console) -> Router:
    """`/people`."""
    staff = console.staff

    def shown(
        request: AnyRequest, *, cursor: str = "", wrong: str = "", typed: dict[str, Any] | None = None
    ) -> Template:
        found = staff.people(after=paging.after_id(cursor), limit=_ROWS + 1)
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.person_id,)), "query": {"cursor": cursor},
            "roles": list(Role), "wrong": wrong, "typed": typed or {}, "me": caller_of(request).actor.id,
        }  # fmt: skip
        return view(request, "console/people.html", context, at="people", words=TEXTS, status=409 if wrong else 200)

    @get("/people", sync_to_thread=True)
    def people(request: AnyRequest, cursor: Cursor = "") -> Template:
        return shown(request, cursor=cursor)

    @post("/people", sync_to_thread=True)
    def add(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        try:
            roles = [role_of(each) for each in many(data, "role")]
            staff.add_person(
                name=field(data, "name"), email=field(data, "email"), roles=roles, by=caller_of(request).actor
            )
        except AgoranomosError as error:
            return shown(request, wrong=error.message, typed=data)
        return Redirect("/people", status_code=303)

    @post("/people/change", sync_to_thread=True)
    def change(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        person_id, step, by = field(data, "id"), field(data, "step"), caller_of(request).actor
        try:
            if step in ("grant", "revoke"):
                verb = staff.grant_role if step == "grant" else staff.revoke_role
                verb(person_id, role_of(field(data, "role")), by=by)
            elif step in ("disable", "enable"):
                (staff.disable_person if step == "disable" else staff.enable_person)(person_id, by=by)
            else:
                raise Invalid("say what to change", pointer="/step")
        except AgoranomosError as error:
            return shown(request, wrong=error.message)
        return Redirect("/people", status_code=303)

    return Router("/", route_handlers=[people, add, change], include_in_schema=False, opt=_PEOPLE)


def keys_router(console: Console) -> Router:
    """`/keys`."""
    staff = console.staff

    def shown(
        request: AnyRequest, *, cursor: str = "", wrong: str = "", made: MadeKey | None = None,
        typed: dict[str, Any] | None = None,
    ) -> Template:  # fmt: skip
        found = staff.keys(after=paging.after_id(cursor), limit=_ROWS + 1)
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.key_id,)), "query": {"cursor": cursor},
            "scope": {name: (PERMISSIONS[name], PERMISSIONS_ZH[name]) for name in sorted(FOR_PROGRAMS)},
            "wrong": wrong, "made": made, "now": console.clock(), "typed": typed or {},
        }  # fmt: skip
        return view(request, "console/keys.html", context, at="people", words=TEXTS, status=409 if wrong else 200)

    @get("/keys", sync_to_thread=True)
    def keys(request: AnyRequest, cursor: Cursor = "") -> Template:
        return shown(request, cursor=cursor)

    @post("/keys", sync_to_thread=True, status_code=200)
    def change(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        """A secret is shown this once, in the answer itself: a redirect would have to carry it."""
        step, key_id, by = field(data, "step"), field(data, "id"), caller_of(request).actor
        try:
            if step == "make":
                made = staff.create_key(name=field(data, "name"), permissions=many(data, "permission"), by=by)
                return shown(request, made=made)
            if step == "rotate":
                return shown(request, made=staff.rotate_key(key_id, by=by))
            if step != "revoke":
                raise Invalid("say what to do with the key", pointer="/step")
            staff.revoke_key(key_id, by=by)
        except AgoranomosError as error:
            return shown(request, wrong=error.message, typed=data)
        return Redirect("/keys", status_code=303)

    return Router("/", route_handlers=[keys, change], include_in_schema=False, opt=_KEYS)
