"""Pages of cases: the inbox, a queue, one case, and every step that somebody can take with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.cases.api import LEADS
from agoranomos.cases.desk.deciding import AGAIN, Ruling
from agoranomos.cases.desk.model import OUTCOMES, Case
from agoranomos.cases.queue.actions import WHYS
from agoranomos.cases.rooms import Cases
from agoranomos.console.addresses import with_query
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.inbox.papers import papers_handlers
from agoranomos.console.inbox.wording import TEXTS
from agoranomos.console.marking import marked
from agoranomos.console.pictures import Album, albums
from agoranomos.console.rooms import Console
from agoranomos.console.subjects.queries import Known, known
from agoranomos.enforcement.model import Want
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_DUE_MAX: Final = 8
_SHOWN_OF: Final = ("listing", "store")
PARTIES: Final = ("seller", "buyer", "brand")
_READ, _WORK = {PERMISSION: "cases.read"}, {PERMISSION: "cases.work"}


def pages_router(console: Console, cases: Cases) -> Router:
    """`/cases` and below."""

    def refused(request: AnyRequest, case_id: str, wrong: str) -> Template:
        return shown(request, console, cases, case_id, wrong=wrong)

    handlers = [*_reading(console, cases), *_working(console, cases), *papers_handlers(cases, refused)]
    return Router("/cases", route_handlers=handlers, include_in_schema=False, opt=_READ)


def case_url(case_id: str) -> str:
    """The page of a case."""
    return with_query("/cases", id=case_id)


def _reading(console: Console, cases: Cases) -> list[Any]:
    service = cases.service

    @get("/", sync_to_thread=True)
    def inbox(request: AnyRequest, wanted: FromId = "") -> Template:
        if wanted:
            return shown(request, console, cases, wanted)
        context = {
            "queues": service.queues(), "mine": service.mine(caller_of(request).actor),
            "due": service.due(None, after=None, limit=_DUE_MAX), "now": console.clock(),
        }  # fmt: skip
        return view(request, "console/inbox.html", context, at="inbox", words=TEXTS)

    @get("/queue", sync_to_thread=True)
    def queue(request: AnyRequest, name: FromQuery[Text] = "", cursor: Cursor = "") -> Template:
        found = service.page(name, after=paging.decode(cursor, tuple[int, int, str]), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (each.level, each.priority, each.case_id))
        context = {"page": page, "name": name, "query": {"name": name, "cursor": cursor}, "now": console.clock()}
        return view(request, "console/queue.html", context, at="inbox", words=TEXTS)

    return [inbox, queue]


def shown(
    request: AnyRequest, console: Console, cases: Cases, case_id: str, *, wrong: str = "",
    typed: dict[str, Any] | None = None,
) -> Template:  # fmt: skip
    """A case: evidence first, then what can be done with it. What was `typed` is kept when something is `wrong`."""
    seen, caller, now = cases.service.view(case_id), caller_of(request), console.clock()
    case = seen.case
    holder = case.held_at(now)
    mine = holder == str(caller.actor) and case.state == "open" and caller.may("cases.work")
    about = _about(console, case)
    context = {
        "seen": seen, "case": case, "now": now, "holder": holder, "mine": mine, "wrong": wrong, "typed": typed or {},
        "marks": marked(about.said, seen.findings) if about else {}, "albums": _albums(console, case, seen.findings),
        "about": about, "clauses": cases.policy.clauses, "outcomes": _outcomes(case), "whys": WHYS,
        "parties": PARTIES, "may_work": caller.may("cases.work"), "may_lead": caller.may(LEADS) and holder is None,
    }  # fmt: skip
    return view(request, "console/case.html", context, at="inbox", words=TEXTS, status=409 if wrong else 200)


def _about(console: Console, case: Case) -> Known | None:
    """What was submitted of the first subject, for those of which pages show it."""
    if case.subject.kind not in _SHOWN_OF:
        return None
    with console.store.reading() as connection:
        return known(connection, case.subject.kind, case.subject.id)


def _albums(console: Console, case: Case, found: Sequence[Finding]) -> list[Album]:
    if case.subject.kind != "listing":
        return []
    with console.store.reading() as connection:
        return albums(console, connection, case.subject.id, found)


def _outcomes(case: Case) -> tuple[str, ...]:
    return tuple(each for each in OUTCOMES if each != "overturned" or case.kind in AGAIN)


def _working(console: Console, cases: Cases) -> list[Any]:
    service = cases.service

    def stepped(request: AnyRequest, case_id: str, step: Callable[[Actor], Any]) -> Response[Any]:
        """Back to the case after a step; what does not go is said on its page."""
        try:
            step(caller_of(request).actor)
        except (Conflict, Invalid) as error:
            return shown(request, console, cases, case_id, wrong=error.message)
        return Redirect(case_url(case_id), status_code=303)

    @post("/next", sync_to_thread=True, opt=_WORK)
    def take(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        caller = caller_of(request)
        taken = service.take_next(field(data, "queue"), by=caller.actor, leads=caller.may(LEADS))
        return Redirect(case_url(taken.case_id), status_code=303)

    @post("/{case_id:str}/decide", sync_to_thread=True, opt=_WORK)
    def decide(request: AnyRequest, case_id: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        try:
            service.decide(case_id, _ruling(service.get(case_id), data), by=caller_of(request).actor)
        except (Conflict, Invalid) as error:
            return shown(request, console, cases, case_id, wrong=error.message, typed=data)
        return Redirect(case_url(case_id), status_code=303)

    @post("/{case_id:str}/comment", sync_to_thread=True, opt=_WORK)
    def comment(request: AnyRequest, case_id: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        return stepped(request, case_id, lambda by: service.comment(case_id, field(data, "text"), by=by))

    @post("/{case_id:str}/release", sync_to_thread=True, opt=_WORK)
    def release(request: AnyRequest, case_id: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        why = next((each for each in WHYS if each == field(data, "why")), None)
        if why is None:
            raise Invalid("say why: " + ", ".join(WHYS), pointer="/why")
        return stepped(request, case_id, lambda by: service.release(case_id, why, by=by))

    @post("/{case_id:str}/escalate", sync_to_thread=True, opt=_WORK)
    def escalate(request: AnyRequest, case_id: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        return stepped(request, case_id, lambda by: service.escalate(case_id, field(data, "text"), by=by))

    @post("/{case_id:str}/wait", sync_to_thread=True, opt=_WORK)
    def wait(request: AnyRequest, case_id: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        party, days = field(data, "waits_for"), field(data, "days")
        if party not in PARTIES or not days.isascii() or not days.isdigit() or not 1 <= int(days[:3]) <= 180:
            raise Invalid("say who answers, and within how many days", pointer="/days")
        return stepped(request, case_id, lambda by: service.wait(case_id, party, int(days[:3]), by=by))

    @post("/{case_id:str}/resume", sync_to_thread=True, opt=_WORK)
    def resume(request: AnyRequest, case_id: FromPath[str]) -> Response[Any]:
        return stepped(request, case_id, lambda by: service.resume(case_id, by=by))

    @post("/{case_id:str}/renew", sync_to_thread=True, opt=_WORK)
    def renew(request: AnyRequest, case_id: FromPath[str]) -> Response[Any]:
        return stepped(request, case_id, lambda by: service.renew(case_id, by=by))

    @post("/{case_id:str}/pick", sync_to_thread=True, opt={PERMISSION: LEADS})
    def pick(request: AnyRequest, case_id: FromPath[str]) -> Response[Any]:
        return stepped(request, case_id, lambda by: service.pick(case_id, by=by))

    return [take, decide, comment, release, escalate, wait, resume, renew, pick]


def _ruling(case: Case, data: dict[str, Any]) -> Ruling:
    """The decision that a form says; the actions are asked for about the first subject they fit. Raises Invalid."""
    outcome = next((each for each in OUTCOMES if each == field(data, "outcome")), None)
    if outcome is None:
        raise Invalid("say whether what the case says is right", pointer="/outcome")
    revision = field(data, "revision")
    given = data.get("action", [])
    kinds = [given] if isinstance(given, str) else [each for each in given if isinstance(each, str)]
    return Ruling(
        outcome=outcome, clause=field(data, "clause"), reason=field(data, "reason"),
        revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
        wants=tuple(Want(kind, _whose(case, kind), {}) for kind in kinds),
    )  # fmt: skip


def _whose(case: Case, kind: str) -> Subject:
    """What an action of this kind is done to: `store.close` to the store of the case."""
    thing = kind.partition(".")[0]
    if thing == "payment" or (thing == "store" and case.subject.kind != "store"):
        if case.store_id is None:
            raise Invalid("it is not known which store this case is about", pointer="/action")
        return Subject("store", case.store_id)
    if thing == "seller" and case.subject.kind != "seller":
        if case.seller_id is None:
            raise Invalid("it is not known which seller this case is about", pointer="/action")
        return Subject("seller", case.seller_id)
    found = next((each for each in case.members if each.kind == thing), case.subject)
    if found.kind != thing:
        raise Invalid(f"this case is about no {thing}", pointer="/action")
    return found
