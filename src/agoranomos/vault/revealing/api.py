"""Reading personal data back over HTTP: a permit is asked for, others agree when it is about many, values are shown."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.params import FromPath, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.vault.queries import Reveal
from agoranomos.vault.revealing.budgets import Left
from agoranomos.vault.revealing.model import Case, Found, Permit, Revealed, Wish
from agoranomos.vault.revealing.service import RevealService
from agoranomos.vault.subjects import Whom
from agoranomos.vault.tokens import Kind
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
_REVEAL: Final = {PERMISSION: "vault.reveal"}
_SEARCH: Final = {PERMISSION: "vault.search"}
_READ: Final = {PERMISSION: "vault.read"}
SHOWN_MAX: Final = 1_000


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose values are to be shown (none: of all that the permit names), of which kinds (none: of all it allows)."""

    subjects: Annotated[tuple[Whom, ...], msgspec.Meta(max_length=SHOWN_MAX)] = ()
    kinds: Annotated[tuple[Kind, ...], msgspec.Meta(max_length=100)] = ()


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value however it is spelt, and what it is looked for."""

    kind: Kind
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    case_id: Case
    purpose: str


class Values(msgspec.Struct, frozen=True):
    """What was shown."""

    items: list[Revealed]


def api_router(service: RevealService) -> Router:
    """The addresses of permits under `/v1/vault`."""
    handlers = [*_permits(service), *_values(service), *_overseeing(service)]
    return Router("/v1/vault", route_handlers=handlers, tags=["Vault"])


def _permits(service: RevealService) -> list[Any]:
    @post("/permits", sync_to_thread=True, guards=[json_only], summary="Ask for a permit to read personal data",
          operation_id="askPermit", opt=_REVEAL, operation_class=json_body(Wish),
          responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def ask(request: Asking, body: RawBody) -> Permit:
        """For a purpose and a case, for a while. Over many people it waits until another person has agreed
        (`approval_id`, `/v1/approvals`)."""
        wish = events.typed(decoded(body, "body"), Wish)
        return service.ask(wish, by=caller_of(request).actor)

    @get("/permits/mine", sync_to_thread=True, summary="My permits", operation_id="listMyPermits", opt=_REVEAL,
         responses=problems(400, 401, 403))  # fmt: skip
    def mine(request: Asking, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Permit]:
        """Newest first."""
        found = service.permits(actor=str(caller_of(request).actor), after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.asked_at, each.permit_id))

    @delete("/permits/{permit_id:str}", status_code=200, sync_to_thread=True, summary="End a permit",
            operation_id="endPermit", opt=_REVEAL, responses=problems(400, 401, 403, 404))  # fmt: skip
    def end(request: Asking, permit_id: FromPath[str]) -> Permit:
        """Before its time; anybody who may have one may end one."""
        return service.end(permit_id, by=caller_of(request).actor)

    return [ask, mine, end]


def _values(service: RevealService) -> list[Any]:
    @post("/permits/{permit_id:str}/values", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Read personal data under a permit", operation_id="revealValues", opt=_REVEAL,
          operation_class=json_body(Reading), responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def reveal(request: Asking, permit_id: FromPath[str], body: RawBody) -> Values:
        """Who reads what is in the audit log before this answers. Each value counts against the budget of the day."""
        wanted = events.typed(decoded(body, "body"), Reading)
        return Values(service.reveal(permit_id, wanted.subjects, wanted.kinds, by=caller_of(request).actor))

    @post("/searches", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Find of whom a value is kept", operation_id="searchValue", opt=_SEARCH,
          operation_class=json_body(Search), responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def search(request: Asking, body: RawBody) -> Found:
        """By its blind index: nothing is opened, and the value is kept nowhere. Each search counts, found or not."""
        wanted = events.typed(decoded(body, "body"), Search)
        return service.search(
            wanted.kind, wanted.value, case_id=wanted.case_id, purpose=wanted.purpose, by=caller_of(request).actor
        )

    @get("/budget", sync_to_thread=True, summary="What I may read today", operation_id="getVaultBudget", opt=_REVEAL,
         responses=problems(401, 403))  # fmt: skip
    def budget(request: Asking) -> Left:
        """Of the day of the house's calendar."""
        return service.left(by=caller_of(request).actor)

    return [reveal, search, budget]


def _overseeing(service: RevealService) -> list[Any]:
    @get("/permits", sync_to_thread=True, summary="Everybody's permits", operation_id="listPermits", opt=_READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def permits(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Permit]:
        """Newest first."""
        found = service.permits(after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.asked_at, each.permit_id))

    @get("/reveals", sync_to_thread=True, summary="Who read what", operation_id="listReveals", opt=_READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def reveals(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Reveal]:
        """By tokens, newest first; the values are not shown here."""
        found = service.reveals(after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.at, each.token))

    return [permits, reveals]
