"""Pages of rules: the list, one with its versions and comparison, and the editor."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.rules.wording import TEXTS
from agoranomos.engine.rules.errors import RuleError
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.rules import queries
from agoranomos.rules.hits import Comparison
from agoranomos.rules.service import RuleService
from agoranomos.rules.written import Written
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_CHANGES_MAX: Final = 100
_TEXT_MAX: Final = 200_000
_READ, _WRITE = {PERMISSION: "rules.read"}, {PERMISSION: "rules.write"}


def pages_router(service: RuleService) -> Router:
    """`/rules`, a rule, and the editor."""
    return Router("/rules", route_handlers=[*_reading(service), *_changing(service), *_editor(service)],
                  include_in_schema=False, opt=_READ)  # fmt: skip


def _reading(service: RuleService) -> list[Any]:
    @get("/", sync_to_thread=True)
    def listed(request: AnyRequest, wanted: FromId = "", asked: FromQuery[Text] = "", cursor: Cursor = "") -> Template:
        if wanted:
            return _rule(request, service, wanted, asked=bool(asked))
        with service.store.reading() as connection:
            found = queries.list_standings(connection, status=None, after=paging.after_id(cursor), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (each.rule_id,))
        context = {"page": page, "query": {"cursor": cursor}, "may": caller_of(request).may("rules.write")}
        return view(request, "console/rules.html", context, at="rules", words=TEXTS)

    return [listed]


def _rule(request: AnyRequest, service: RuleService, rule_id: str, *, asked: bool = False, wrong: str = "") -> Template:
    shown = service.show(rule_id)
    with service.store.reading() as connection:
        changes = queries.changes_of(connection, rule_id, after=0, limit=_CHANGES_MAX)
    context = {
        "shown": shown, "changes": changes, "compared": _compared(service, rule_id), "asked": asked, "wrong": wrong,
        "may": caller_of(request).may("rules.write"),
    }  # fmt: skip
    return view(request, "console/rule.html", context, at="rules", words=TEXTS, status=409 if wrong else 200)


def _compared(service: RuleService, rule_id: str) -> Comparison | None:
    """None when there is nothing to compare."""
    try:
        return service.compare(rule_id, None, None)
    except Conflict:
        return None


def _changing(service: RuleService) -> list[Any]:
    @post("/shadow", sync_to_thread=True, opt=_WRITE)
    def shadow(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        return done(request, data, lambda rule_id, by: service.put_into_shadow(rule_id, None, by=by))

    @post("/promotion", sync_to_thread=True, opt=_WRITE)
    def promote(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        return done(request, data, lambda rule_id, by: service.ask_promotion(rule_id, None, by=by), asked="1")

    @post("/end", sync_to_thread=True, opt=_WRITE)
    def end(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        return done(request, data, lambda rule_id, by: service.expire(rule_id, shadow_only=False, by=by))

    def done(request: AnyRequest, data: dict[str, Any], verb: Any, asked: str = "") -> Response[Any]:
        rule_id = field(data, "id")
        try:
            verb(rule_id, caller_of(request).actor)
        except (Conflict, Invalid) as error:
            return _rule(request, service, rule_id, wrong=error.message)
        return Redirect(with_query("/rules", id=rule_id, asked=asked), status_code=303)

    return [shadow, promote, end]


def _editor(service: RuleService) -> list[Any]:
    def shown(request: AnyRequest, data: dict[str, Any], *, tried: bool) -> Template:
        rules, problems = _read(service, data) if tried else ([], [])
        context = {
            "text": field(data, "text"), "features": field(data, "features"), "rules": rules, "problems": problems,
            "tried": tried,
        }  # fmt: skip
        return view(request, "console/rule-editor.html", context, at="rules", words=TEXTS)

    @get("/new", sync_to_thread=True, opt=_WRITE)
    def new(request: AnyRequest) -> Template:
        return shown(request, {}, tried=False)

    @post("/new", status_code=200, sync_to_thread=True, opt=_WRITE)
    def check(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        rules, problems = _read(service, data)
        if field(data, "step") != "propose" or problems:
            return shown(request, data, tried=True)
        made = service.propose(rules, by=caller_of(request).actor, shadow=bool(field(data, "shadow")))
        return Redirect(with_query("/rules", id=made[0].rule_id), status_code=303)

    return [new, check]


def _read(service: RuleService, data: dict[str, Any]) -> tuple[list[Written], list[str]]:
    """The rules of the form, or what is wrong with it, a line each."""
    text, features = field(data, "text"), field(data, "features")
    if len(text) + len(features) > _TEXT_MAX:
        return [], ["this is too long for a form; propose files by `agora rules propose`"]
    if not text.strip():
        return [], ["rules: nothing is written"]
    files = [("rules", text), *([("features", features)] if features.strip() else [])]
    try:
        rules = service.read(files)
    except RuleError as error:
        return [], [str(problem) for problem in error.problems]
    except Invalid as error:
        return [], [error.message]
    return rules, []
