"""Lists, snoozes and queues over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.params import FromPath, FromQuery, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.rules import lists, snoozing
from agoranomos.rules.api import READ, WRITE
from agoranomos.rules.model import ListEntry, ListKind, NewEntry, RuleList, Snooze
from agoranomos.rules.queues import Today
from agoranomos.rules.service import RuleService
from agoranomos.rules.snoozing import NewSnooze
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]


class NewList(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A list to make; rules call it by its name."""

    list_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    kind: ListKind


class NewEntries(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Values to put on a list."""

    entries: Annotated[list[NewEntry], msgspec.Meta(min_length=1, max_length=10_000)]


class Values(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Values to take off a list."""

    values: Annotated[list[str], msgspec.Meta(min_length=1, max_length=10_000)]


class Added(msgspec.Struct, frozen=True):
    """How many values are on the list now."""

    entries: int


class Removed(msgspec.Struct, frozen=True):
    """How many values were on the list and are no longer."""

    removed: int


class QueueShown(msgspec.Struct, frozen=True):
    """A queue of the policy."""

    name: str
    codes: tuple[str, ...]
    per_day: int


def routers(service: RuleService) -> list[Router]:
    """The addresses under `/v1`."""
    return [
        Router("/v1/lists", route_handlers=_lists(service), tags=["Lists"]),
        Router("/v1/snoozes", route_handlers=_snoozes(service), tags=["Snoozes"]),
        Router("/v1/queues", route_handlers=_queues(service), tags=["Queues"]),
    ]


def _lists(service: RuleService) -> list[Any]:
    store, clock = service.store, service.clock

    @get("/", sync_to_thread=True, summary="Lists", operation_id="listLists", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_lists(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[RuleList]:
        """In the order of names."""
        with store.reading() as connection:
            found = lists.listed(connection, clock(), after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.list_id,))

    @post("/", status_code=200, sync_to_thread=True, guards=[json_only], summary="Make a list",
          operation_id="createList", opt=WRITE, operation_class=json_body(NewList),
          responses=problems(400, 401, 403, 409, 415, 422))  # fmt: skip
    def create(request: Asking, body: RawBody) -> RuleList:
        """Making it again with the same kind changes nothing."""
        form = events.typed(decoded(body, "body"), NewList)
        return service.create_list(form.list_id, form.kind, by=caller_of(request).actor)

    @get("/{list_id:str}/entries", sync_to_thread=True, summary="What stands on a list",
         operation_id="listEntries", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def entries(list_id: FromPath[str], cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[ListEntry]:
        """In the order of values; without those that have expired."""
        after = paging.after_id(cursor)
        with store.reading() as connection:
            found = lists.entries_of(connection, list_id, clock(), after=after, limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.value,))

    @post("/{list_id:str}/entries", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Put values on a list", operation_id="addEntries", opt=WRITE,
          operation_class=json_body(NewEntries),
          responses=problems(400, 401, 403, 404, 413, 415, 422))  # fmt: skip
    def add(request: Asking, list_id: FromPath[str], body: RawBody) -> Added:
        """All or none; a value that is on the list gets the new reason and end."""
        form = events.typed(decoded(body, "body"), NewEntries)
        return Added(service.add_to_list(list_id, form.entries, by=caller_of(request).actor))

    @post("/{list_id:str}/removals", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Take values off a list", operation_id="removeEntries", opt=WRITE,
          operation_class=json_body(Values), responses=problems(400, 401, 403, 404, 413, 415, 422))  # fmt: skip
    def remove(request: Asking, list_id: FromPath[str], body: RawBody) -> Removed:
        """Values that are not on it are passed over."""
        form = events.typed(decoded(body, "body"), Values)
        return Removed(service.take_off_list(list_id, form.values, by=caller_of(request).actor))

    return [list_lists, create, entries, add, remove]


def _snoozes(service: RuleService) -> list[Any]:
    store, clock = service.store, service.clock

    @get("/", sync_to_thread=True, summary="Snoozes", operation_id="listSnoozes", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_snoozes(
        over: FromQuery[bool] = False, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT
    ) -> Page[Snooze]:  # fmt: skip
        """In the order of ids; `over`: also those that hold no more."""
        after = paging.after_id(cursor)
        with store.reading() as connection:
            found = snoozing.listed(connection, clock(), over=over, after=after, limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.snooze_id,))

    @post("/", status_code=200, sync_to_thread=True, guards=[json_only], summary="Snooze for one subject",
          operation_id="snooze", opt=WRITE, operation_class=json_body(NewSnooze),
          responses=problems(400, 401, 403, 415, 422))  # fmt: skip
    def snooze(request: Asking, body: RawBody) -> Snooze:
        """A rule or detector goes on matching the subject and does not count, for at most 180 days."""
        return service.snooze(events.typed(decoded(body, "body"), NewSnooze), by=caller_of(request).actor)

    @delete("/{snooze_id:str}", status_code=200, sync_to_thread=True, summary="End a snooze",
            operation_id="endSnooze", opt=WRITE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def end(request: Asking, snooze_id: FromPath[str]) -> Snooze:
        """The rule or detector counts again."""
        return service.end_snooze(snooze_id, by=caller_of(request).actor)

    return [list_snoozes, snooze, end]


def _queues(service: RuleService) -> list[Any]:
    reading = {PERMISSION: "queues.read"}

    @get("/", sync_to_thread=False, summary="Queues", operation_id="listQueues", opt=reading,
         responses=problems(401, 403))  # fmt: skip
    def list_queues() -> list[QueueShown]:
        """What each shows, and how many subjects people can look at in a day."""
        policy = service.queues
        return [QueueShown(name, queue.codes, queue.per_day) for name, queue in sorted(policy.queues.items())]

    @get("/{name:str}", sync_to_thread=True, summary="A queue today", operation_id="getQueue", opt=reading,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def today(name: FromPath[str]) -> Today:
        """What fits into what is left of the day, by expected harm; the threshold that would fit; precision so far."""
        return service.today(name)

    return [list_queues, today]
