"""Cases over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from agoranomos.cases.desk.deciding import Ruling
from agoranomos.cases.desk.model import Case, Outcome, State
from agoranomos.cases.desk.queries import About
from agoranomos.cases.policy import Kind
from agoranomos.cases.queue.actions import Why
from agoranomos.cases.service import CaseService, CaseView, QueueCounts
from agoranomos.enforcement.model import Want
from agoranomos.kernel import events
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Subject, SubjectKind
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, WORK, LEAD = ({PERMISSION: f"cases.{verb}"} for verb in ("read", "work", "lead"))
LEADS = "cases.lead"
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]


class CaseSubjectForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom something is about."""

    kind: SubjectKind
    id: Id

    @property
    def subject(self) -> Subject:
        """The same as a value."""
        return Subject(self.kind, self.id)


class CaseWant(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A measure: `params` such as {"days": 7} are ids, codes and numbers."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    subject: CaseSubjectForm
    params: dict[str, Any] = {}


class CaseRuling(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A decision. `revision`: the one that was looked at; `subjects`: those of the case that it is about, by default
    all; `actions`: what is to be done beside what desks do by themselves.
    """

    outcome: Outcome
    clause: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    reason: Words
    revision: Annotated[int, msgspec.Meta(ge=1)]
    subjects: Annotated[list[CaseSubjectForm], msgspec.Meta(min_length=1, max_length=200)] | None = None
    actions: Annotated[list[CaseWant], msgspec.Meta(max_length=50)] = []

    @property
    def ruling(self) -> Ruling:
        """The same as a value."""
        subjects = None if self.subjects is None else tuple(each.subject for each in self.subjects)
        wants = tuple(Want(each.kind, each.subject.subject, each.params) for each in self.actions)
        return Ruling(
            outcome=self.outcome, clause=self.clause, reason=self.reason, revision=self.revision, subjects=subjects,
            wants=wants,
        )  # fmt: skip


class CaseRelease(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a case is given back."""

    why: Why


class CaseWords(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Words about a case; what looks like personal data is taken out."""

    text: Words


class CaseTags(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The tags of a case from now on."""

    tags: Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=40)]], msgspec.Meta(max_length=20)]


class CaseWait(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who is given how many days to answer."""

    waits_for: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}$")]
    days: Annotated[int, msgspec.Meta(ge=1, le=180)]


class CaseAssignment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """To whom a case goes."""

    person_id: Id


class CaseReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A case by hand; of one `key` of one person there is one case."""

    key: Id
    subject: CaseSubjectForm
    text: Words


def api_router(service: CaseService) -> Router:
    """The addresses under `/v1/cases`."""
    handlers = [*_reading(service), *_holding(service), *_changing(service), *_leading(service)]
    return Router("/v1/cases", route_handlers=handlers, tags=["Cases"])


def _reading(service: CaseService) -> list[Any]:
    @get("/", sync_to_thread=True, summary="Cases, newest first", operation_id="listCases", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_cases(
        queue: Filter = None,
        status: FromQuery[State | None] = None,
        kind: FromQuery[Kind | None] = None,
        subject_kind: Filter = None,
        subject_id: Filter = None,
        seller_id: Filter = None,
        ring_id: Filter = None,
        holder: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Case]:
        """Without findings; those are with each case."""
        for each in (queue, subject_kind, subject_id, seller_id, ring_id, holder):
            if each is not None and not is_id(each):
                raise Invalid("a filter is a printable text of 1 to 128 characters")
        about = About(
            queue=queue, state=status, kind=kind, subject_kind=subject_kind, subject_id=subject_id,
            seller_id=seller_id, ring_id=ring_id, holder=holder,
        )  # fmt: skip
        found = service.listed(about, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.opened_at, each.case_id))

    @get("/queues", sync_to_thread=True, summary="Queues in numbers", operation_id="listCaseQueues", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_queues() -> list[QueueCounts]:
        """What waits, is held, is overdue, and was decided today; `left` of what people can look at in a day."""
        return service.queues()

    @get("/queues/{queue:str}", sync_to_thread=True, summary="What waits in a queue", operation_id="listQueuedCases",
         opt=READ, responses=problems(400, 401, 403))  # fmt: skip
    def list_queued(queue: FromPath[str], cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Case]:
        """What was escalated first, then what is expected to do most harm."""
        after = paging.decode(cursor, tuple[_Number, _Number, str])
        if after is not None and not is_id(after[2]):
            raise Invalid("this is no cursor of this list; take `next` of the page before as it is")
        found = service.page(queue, after=after, limit=limit + 1) if is_id(queue) else []
        return paging.page_of(found, limit, lambda each: (each.level, each.priority, each.case_id))

    @get("/due", sync_to_thread=True, summary="What is due first", operation_id="listDueCases", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_due(queue: Filter = None, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Case]:
        """Open cases of a queue, or of all."""
        if queue is not None and not is_id(queue):
            raise Invalid("a filter is a printable text of 1 to 128 characters")
        found = service.due(queue, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, _due_key)

    @get("/mine", sync_to_thread=True, summary="What you hold", operation_id="listMyCases", opt=WORK,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_mine(request: Asking) -> list[Case]:
        """What runs out first first."""
        return service.mine(caller_of(request).actor)

    @get("/{case_id:str}", sync_to_thread=True, summary="A case", operation_id="getCase", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def get_case(case_id: FromPath[str]) -> CaseView:
        """With its findings, other cases of the same, who complained and how they fared, and what was done with it."""
        return service.view(case_id)

    return [list_cases, list_queues, list_queued, list_due, list_mine, get_case]


def _holding(service: CaseService) -> list[Any]:
    @post("/queues/{queue:str}/next", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Take the next case", operation_id="takeNextCase", opt=WORK,
          responses=problems(400, 401, 403, 404, 409, 413, 415))  # fmt: skip
    def take_next(request: Asking, queue: FromPath[str]) -> Case:
        """It is yours until `claim_until`; a sign of life prolongs that."""
        caller = caller_of(request)
        return service.take_next(queue, by=caller.actor, leads=caller.may(LEADS))

    @post("/{case_id:str}/heartbeat", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="A sign of life", operation_id="renewCase", opt=WORK,
          responses=problems(400, 401, 403, 404, 409, 413, 415))  # fmt: skip
    def renew(request: Asking, case_id: FromPath[str]) -> Case:
        """The claim lasts on, up to the longest that the policy allows."""
        return service.renew(case_id, by=caller_of(request).actor)

    @post("/{case_id:str}/release", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Give a case back", operation_id="releaseCase", opt=WORK, operation_class=json_body(CaseRelease),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def release(request: Asking, case_id: FromPath[str], body: RawBody) -> Case:
        """Who says that it is not for them is not given it again."""
        why = events.typed(decoded(body, "body"), CaseRelease).why
        return service.release(case_id, why, by=caller_of(request).actor)

    @post("/{case_id:str}/escalate", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Escalate a case", operation_id="escalateCase", opt=WORK, operation_class=json_body(CaseWords),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def escalate(request: Asking, case_id: FromPath[str], body: RawBody) -> Case:
        """Whoever leads looks at it first."""
        text = events.typed(decoded(body, "body"), CaseWords).text
        return service.escalate(case_id, text, by=caller_of(request).actor)

    @post("/{case_id:str}/wait", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Wait for a party", operation_id="pauseCase", opt=WORK, operation_class=json_body(CaseWait),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def wait(request: Asking, case_id: FromPath[str], body: RawBody) -> Case:
        """The clock stands still until the party has answered, or its days are over."""
        form = events.typed(decoded(body, "body"), CaseWait)
        return service.wait(case_id, form.waits_for, form.days, by=caller_of(request).actor)

    @post("/{case_id:str}/resume", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="The party has answered", operation_id="resumeCase", opt=WORK,
          responses=problems(400, 401, 403, 404, 409, 413, 415))  # fmt: skip
    def resume(request: Asking, case_id: FromPath[str]) -> Case:
        """The clock goes on where it stopped."""
        return service.resume(case_id, by=caller_of(request).actor)

    return [take_next, renew, release, escalate, wait, resume]


def _changing(service: CaseService) -> list[Any]:
    @post("/", status_code=200, sync_to_thread=True, guards=[json_only], summary="Open a case by hand",
          operation_id="reportCase", opt=WORK, operation_class=json_body(CaseReport),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def report(request: Asking, body: RawBody) -> Case:
        """Of a subject that nothing was found on; asking again under the same key changes nothing."""
        form = events.typed(decoded(body, "body"), CaseReport)
        return service.report(form.key, form.subject.subject, form.text, by=caller_of(request).actor)

    @post("/{case_id:str}/decision", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Decide a case", operation_id="decideCase", opt=WORK, operation_class=json_body(CaseRuling),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def decide(request: Asking, case_id: FromPath[str], body: RawBody) -> Case:
        """By a clause of the policy, with a reason that the party reads; the desks hear it at once."""
        form = events.typed(decoded(body, "body"), CaseRuling)
        return service.decide(case_id, form.ruling, by=caller_of(request).actor)

    @post("/{case_id:str}/tags", status_code=200, sync_to_thread=True, guards=[json_only], summary="Tag a case",
          operation_id="tagCase", opt=WORK, operation_class=json_body(CaseTags),
          responses=problems(400, 401, 403, 404, 413, 415, 422))  # fmt: skip
    def tag(request: Asking, case_id: FromPath[str], body: RawBody) -> Case:
        """In the place of those that it had."""
        form = events.typed(decoded(body, "body"), CaseTags)
        return service.tag(case_id, form.tags, by=caller_of(request).actor)

    @post("/{case_id:str}/comments", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Comment on a case", operation_id="commentCase", opt=WORK, operation_class=json_body(CaseWords),
          responses=problems(400, 401, 403, 404, 413, 415, 422))  # fmt: skip
    def comment(request: Asking, case_id: FromPath[str], body: RawBody) -> CaseView:
        """What looks like personal data is taken out before it is kept."""
        text = events.typed(decoded(body, "body"), CaseWords).text
        return service.comment(case_id, text, by=caller_of(request).actor)

    return [report, decide, tag, comment]


def _leading(service: CaseService) -> list[Any]:
    @post("/{case_id:str}/claim", status_code=200, sync_to_thread=True, guards=[json_only], summary="Pick a case",
          operation_id="pickCase", opt=LEAD, responses=problems(400, 401, 403, 404, 409, 413, 415))  # fmt: skip
    def pick(request: Asking, case_id: FromPath[str]) -> Case:
        """Others take the next one."""
        return service.pick(case_id, by=caller_of(request).actor)

    @post("/{case_id:str}/assign", status_code=200, sync_to_thread=True, guards=[json_only], summary="Assign a case",
          operation_id="assignCase", opt=LEAD, operation_class=json_body(CaseAssignment),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def assign(request: Asking, case_id: FromPath[str], body: RawBody) -> Case:
        """From whoever holds it."""
        person = events.typed(decoded(body, "body"), CaseAssignment).person_id
        return service.assign(case_id, Actor("person", person), by=caller_of(request).actor)

    return [pick, assign]


def _due_key(case: Case) -> tuple[datetime, str]:
    assert case.due_at is not None, "an open case has a time by which it is decided"
    return case.due_at, case.case_id
