"""Rules over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from agoranomos.engine.rules.errors import RuleError
from agoranomos.kernel import events
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Status
from agoranomos.kernel.json_text import decoded
from agoranomos.rules import queries
from agoranomos.rules.hits import Comparison
from agoranomos.rules.model import Change, Standing, Version
from agoranomos.rules.service import RuleService, Shown
from agoranomos.staff.presenting import ShownApproval, approval_shown
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, WRITE = {PERMISSION: "rules.read"}, {PERMISSION: "rules.write"}
Number = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
When = Annotated[datetime | None, QueryParameter(description="RFC 3339, with an offset")]
TEXT_MAX = 1 << 20


class RuleText(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The text of a file of rules (YAML, or JSON), and of one that declares the features that they ask.

    `shadow`: let what it holds run in shadow at once.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
    features: Annotated[str, msgspec.Meta(max_length=TEXT_MAX)] = ""
    shadow: bool = False


class Chosen(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which version is meant; without one the newest, or the one in shadow."""

    version: Number | None = None


class Earlier(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The version to come back to."""

    version: Number


class Ending(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`shadow_only`: what is live stays live."""

    shadow_only: bool = False


class RuleVerdict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What the second person says to what was asked for."""

    approval_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    approved: bool


def api_router(service: RuleService) -> Router:
    """The addresses of rules under `/v1/rules`."""
    handlers = [*_reading(service), *_writing(service), *_promoting(service)]
    return Router("/v1/rules", route_handlers=handlers, tags=["Rules"])


def _reading(service: RuleService) -> list[Any]:
    store = service.store

    @get("/", sync_to_thread=True, summary="Rules", operation_id="listRules", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_rules(
        status: FromQuery[Status | None] = None, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT
    ) -> Page[Standing]:
        """In the order of ids, with the versions that are live and in shadow."""
        with store.reading() as connection:
            found = queries.list_standings(connection, status=status, after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.rule_id,))

    @get("/{rule_id:str}", sync_to_thread=True, summary="A rule", operation_id="getRule", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(rule_id: FromPath[str]) -> Shown:
        """Its newest version, and those that are live and in shadow."""
        return service.show(rule_id)

    @get("/{rule_id:str}/versions", sync_to_thread=True, summary="The versions of a rule",
         operation_id="listRuleVersions", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def versions(rule_id: FromPath[str], cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Version]:
        """The oldest first; none is ever changed."""
        with store.reading() as connection:
            queries.get_standing(connection, rule_id)
            found = queries.versions_of(connection, rule_id, after=_after(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.version,))

    @get("/{rule_id:str}/history", sync_to_thread=True, summary="What was done to a rule",
         operation_id="listRuleChanges", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def history(rule_id: FromPath[str], cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Change]:
        """By whom and when, the oldest first; `approval_id` leads to the second person."""
        with store.reading() as connection:
            queries.get_standing(connection, rule_id)
            found = queries.changes_of(connection, rule_id, after=_after(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.number,))

    @get("/{rule_id:str}/comparison", sync_to_thread=True, summary="The live version and the one in shadow",
         operation_id="compareRule", opt=READ, responses=problems(400, 401, 403, 404, 409, 422))  # fmt: skip
    def compare(rule_id: FromPath[str], since: When = None, until: When = None) -> Comparison:
        """Over the same time: hits, subjects, overlap, and examples of each."""
        return service.compare(rule_id, _aware(since, "since"), _aware(until, "until"))

    return [list_rules, show, versions, history, compare]


def _writing(service: RuleService) -> list[Any]:
    @post("/", status_code=200, sync_to_thread=True, guards=[json_only], summary="Propose rules",
          operation_id="proposeRules", opt=WRITE, operation_class=json_body(RuleText),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def propose(request: Asking, body: RawBody) -> list[Version]:
        """Each becomes the next version of its rule; what says the same as the newest version is that one. When
        anything in the text is wrong, nothing is kept, and the problem names lines and columns.
        """
        form = events.typed(decoded(body, "body"), RuleText)
        files = [("text", form.text), *([("features", form.features)] if form.features else [])]
        try:
            rules = service.read(files)
        except RuleError as error:
            raise RuleError(error.problems, pointer="/text") from error
        return service.propose(rules, by=caller_of(request).actor, shadow=form.shadow)

    @post("/{rule_id:str}/shadow", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Let a version run in shadow", operation_id="shadowRule", opt=WRITE,
          operation_class=json_body(Chosen), responses=problems(400, 401, 403, 404, 409, 415, 422))  # fmt: skip
    def shadow(request: Asking, rule_id: FromPath[str], body: RawBody) -> Standing:
        """It is evaluated and recorded, and has no effect."""
        version = events.typed(decoded(body, "body"), Chosen).version
        return service.put_into_shadow(rule_id, version, by=caller_of(request).actor)

    @post("/{rule_id:str}/end", status_code=200, sync_to_thread=True, guards=[json_only], summary="End a rule",
          operation_id="endRule", opt=WRITE, operation_class=json_body(Ending),
          responses=problems(400, 401, 403, 404, 409, 415, 422))  # fmt: skip
    def end(request: Asking, rule_id: FromPath[str], body: RawBody) -> Standing:
        """Nothing of it is evaluated any more; its versions stay."""
        shadow_only = events.typed(decoded(body, "body"), Ending).shadow_only
        return service.expire(rule_id, shadow_only=shadow_only, by=caller_of(request).actor)

    return [propose, shadow, end]


def _promoting(service: RuleService) -> list[Any]:
    @post("/{rule_id:str}/promotion", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Ask for the version in shadow to go live", operation_id="promoteRule", opt=WRITE,
          operation_class=json_body(Chosen), responses=problems(400, 401, 403, 404, 409, 415, 422))  # fmt: skip
    def promote(request: Asking, rule_id: FromPath[str], body: RawBody) -> ShownApproval:
        """It waits for a second person, who neither asked, nor proposed, nor owns it."""
        version = events.typed(decoded(body, "body"), Chosen).version
        return approval_shown(service.ask_promotion(rule_id, version, by=caller_of(request).actor))

    @post("/{rule_id:str}/rollback", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Ask for an earlier version to be live again", operation_id="rollBackRule", opt=WRITE,
          operation_class=json_body(Earlier), responses=problems(400, 401, 403, 404, 409, 415, 422))  # fmt: skip
    def roll_back(request: Asking, rule_id: FromPath[str], body: RawBody) -> ShownApproval:
        """It waits for a second person as well."""
        version = events.typed(decoded(body, "body"), Earlier).version
        return approval_shown(service.ask_rollback(rule_id, version, by=caller_of(request).actor))

    @post("/{rule_id:str}/verdict", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Be the second person for a rule", operation_id="decideRule", opt={PERMISSION: "rules.approve"},
          operation_class=json_body(RuleVerdict),
          responses=problems(400, 401, 403, 404, 409, 415, 422))  # fmt: skip
    def decide(request: Asking, rule_id: FromPath[str], body: RawBody) -> Standing:
        """Approved, exactly the version that was asked for is live at once, and in every process within seconds."""
        form = events.typed(decoded(body, "body"), RuleVerdict)
        by = caller_of(request).actor
        return service.decide(rule_id, form.approval_id, approved=form.approved, by=by)

    return [promote, roll_back, decide]


def _after(cursor: str) -> int:
    key = paging.decode(cursor, tuple[int])
    if key is not None and not 0 <= key[0] < 1 << 31:
        raise Invalid("this is no cursor of this list; take `next` of the page before as it is")
    return key[0] if key else 0


def _aware(moment: datetime | None, name: str) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise Invalid(f"{name} has no offset; write Z or +08:00 at its end")
    return moment
