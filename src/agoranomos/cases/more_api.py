"""Attachments, statements, bulk decisions, second opinions, known cases and curves over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter, RawBody

from agoranomos.cases.bulk.actions import BulkRuling
from agoranomos.cases.bulk.queries import Bulk
from agoranomos.cases.calibration.fitting import Fit
from agoranomos.cases.calibration.queries import Calibrated
from agoranomos.cases.desk.model import Case, Outcome
from agoranomos.cases.papers.queries import Paper
from agoranomos.cases.quality.queries import Opinion
from agoranomos.cases.quality.report import QualityReport
from agoranomos.cases.rooms import Cases
from agoranomos.cases.service import CaseView
from agoranomos.cases.statements.making import Statement
from agoranomos.kernel import events
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.staff.presenting import ShownApproval, approval_shown
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import bodies, json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import WrongMediaType, json_only, media_type_of

Asking = Request[Any, Any, Any]
READ, WORK, LEAD, QUALITY = ({PERMISSION: f"cases.{verb}"} for verb in ("read", "work", "lead", "quality"))
BYTES: str = "application/octet-stream"
FILE_MAX = 5_000_000
Clause = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Name = Annotated[str, QueryParameter(min_length=1, max_length=255, description="What the file is called")]
Purpose = Annotated[str, QueryParameter(min_length=1, max_length=200, description="What it is opened for")]
Days = Annotated[int, QueryParameter(ge=1, le=3_650)]


class BulkForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A decision about many cases; `actions` are kinds such as listing.remove. `approval_id`: the second person's."""

    case_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=1_000)]
    outcome: Outcome
    clause: Clause
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
    actions: Annotated[list[Clause], msgspec.Meta(max_length=10)] = []
    approval_id: Id | None = None


class Bulked(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, or the approval that it waits for."""

    bulk: Bulk | None = None
    approval: ShownApproval | None = None


class SecondForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A second opinion."""

    outcome: Outcome
    clause: Clause


class CodeForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Of which findings."""

    code: Id


class ApplyForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`approval_id`: the second person's, once they have agreed."""

    approval_id: Id | None = None


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """The curve that is applied, or the approval that it waits for."""

    curve: Calibrated | None = None
    approval: ShownApproval | None = None


class Ended(msgspec.Struct, frozen=True):
    """Whether a curve was applied before."""

    ended: bool


async def bytes_only(request: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Lets through a file as such: no form of another site can send one."""
    if media_type_of(request) != BYTES:
        raise WrongMediaType(f"send the file itself as {BYTES}, its name as ?name=")


def api_router(rooms: Cases) -> Router:
    """More addresses under `/v1/cases`."""
    handlers = [*_papers(rooms), *_bulk(rooms), *_quality(rooms), *_curves(rooms)]
    return Router("/v1/cases", route_handlers=handlers, tags=["Cases"])


def _papers(rooms: Cases) -> list[Any]:
    @get("/{case_id:str}/statements", sync_to_thread=True, summary="Statements of reasons of a case",
         operation_id="listCaseStatements", opt=READ, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def statements(case_id: FromPath[str]) -> list[Statement]:
        """One for each party, in English and Chinese."""
        return rooms.service.statements(case_id)

    @post("/{case_id:str}/attachments", status_code=200, sync_to_thread=True, guards=[bytes_only],
          summary="Attach a file", operation_id="attachToCase", opt=WORK, request_max_body_size=FILE_MAX,
          operation_class=bodies({BYTES: str}), responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def attach(request: Asking, case_id: FromPath[str], name: Name, body: RawBody) -> Paper:
        """Pictures, PDF, ZIP or text, at most 5 MB; what it is its first bytes say."""
        return rooms.papers.attach(case_id, name, body, by=caller_of(request).actor)

    @post("/{case_id:str}/attachments/{paper_id:str}/opening", status_code=200, sync_to_thread=True,
          guards=[json_only], summary="Open an attached file", operation_id="openCaseAttachment", opt=WORK,
          responses={200: ResponseSpec(bytes, description="The file", media_type=BYTES, generate_examples=False)}
          | problems(400, 401, 403, 404, 413, 415, 422))  # fmt: skip
    def open_paper(
        request: Asking, case_id: FromPath[str], paper_id: FromPath[str], purpose: Purpose
    ) -> Response[bytes]:  # fmt: skip
        """Who opened it, and what for, is written down."""
        paper, content = rooms.papers.open(case_id, paper_id, purpose, by=caller_of(request).actor)
        headers = {"Content-Disposition": f'attachment; filename="{paper.sha256[:16]}"'}
        return Response(content, media_type=BYTES, headers=headers)

    return [statements, attach, open_paper]


def _bulk(rooms: Cases) -> list[Any]:
    @get("/bulk", sync_to_thread=True, summary="Decisions about many cases, newest first",
         operation_id="listBulkDecisions", opt=READ, responses=problems(400, 401, 403))  # fmt: skip
    def list_bulks(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Bulk]:
        """And whether they were undone."""
        found = rooms.bulk.listed(after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.at, each.bulk_id))

    @post("/bulk", status_code=200, sync_to_thread=True, guards=[json_only], summary="Decide many cases",
          operation_id="decideManyCases", opt=LEAD, operation_class=json_body(BulkForm),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def decide_many(request: Asking, body: RawBody) -> Bulked:
        """All or none; more than a few take a second person, and are asked for again with the approval."""
        form = events.typed(decoded(body, "body"), BulkForm)
        ruling = BulkRuling(
            outcome=form.outcome, clause=form.clause, reason=form.reason, actions=tuple(form.actions)
        )  # fmt: skip
        by = caller_of(request).actor
        found = rooms.bulk.decide(form.case_ids, ruling, by=by, approval_id=form.approval_id)
        return Bulked(approval=approval_shown(found)) if isinstance(found, Approval) else Bulked(bulk=found)

    @post("/bulk/{bulk_id:str}/undo", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Undo a decision about many cases", operation_id="undoBulkDecision", opt=LEAD,
          responses=problems(400, 401, 403, 404, 409, 413, 415))  # fmt: skip
    def undo(request: Asking, bulk_id: FromPath[str]) -> Bulk:
        """As a whole: what was upheld is overturned, and each case is open again."""
        return rooms.bulk.undo(bulk_id, by=caller_of(request).actor)

    return [list_bulks, decide_many, undo]


def _quality(rooms: Cases) -> list[Any]:
    @post("/second-opinions/next", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Take the next second opinion", operation_id="takeSecondOpinion", opt=WORK,
          responses=problems(400, 401, 403, 404, 409, 413, 415))  # fmt: skip
    def take_second(request: Asking) -> CaseView:
        """A decided case as it was before it was decided."""
        return rooms.quality.take(by=caller_of(request).actor)

    @post("/{case_id:str}/second-opinion", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Give a second opinion", operation_id="giveSecondOpinion", opt=WORK,
          operation_class=json_body(SecondForm),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def give_second(request: Asking, case_id: FromPath[str], body: RawBody) -> Opinion:
        """When it differs, somebody who leads looks at both."""
        form = events.typed(decoded(body, "body"), SecondForm)
        return rooms.quality.give(case_id, form.outcome, form.clause, by=caller_of(request).actor)

    @get("/quality", sync_to_thread=True, summary="How good decisions are", operation_id="getCaseQuality", opt=QUALITY,
         responses=problems(400, 401, 403))  # fmt: skip
    def quality(days: Days = 90) -> QualityReport:
        """Agreement by queue and clause (Cohen's kappa), and how each person did on known cases."""
        return rooms.quality.report(days)

    @post("/{case_id:str}/planting", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Plant a known case", operation_id="plantCase", opt=QUALITY,
          responses=problems(400, 401, 403, 404, 409, 413, 415))  # fmt: skip
    def plant(request: Asking, case_id: FromPath[str]) -> Case:
        """A copy of a decided one, hidden among those that wait."""
        return rooms.quality.plant(case_id, by=caller_of(request).actor)

    return [take_second, give_second, quality, plant]


def _curves(rooms: Cases) -> list[Any]:
    @get("/calibration", sync_to_thread=True, summary="How scores fare on decided cases", operation_id="listScoreFits",
         opt=QUALITY, responses=problems(400, 401, 403))  # fmt: skip
    def fits() -> list[Fit]:
        """By code of findings, those that drifted first."""
        return rooms.calibration.fits()

    @get("/curves", sync_to_thread=True, summary="Curves for scores, newest first", operation_id="listScoreCurves",
         opt=QUALITY, responses=problems(400, 401, 403))  # fmt: skip
    def curves(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Calibrated]:
        """Proposed, applied and ended ones."""
        found = rooms.calibration.listed(after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.made_at, each.calibration_id))

    @post("/curves", status_code=200, sync_to_thread=True, guards=[json_only], summary="Propose a curve",
          operation_id="proposeScoreCurve", opt=QUALITY, operation_class=json_body(CodeForm),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def propose(request: Asking, body: RawBody) -> Calibrated:
        """Fitted to what was decided until now; refused when there is too little, or nothing to gain."""
        code = events.typed(decoded(body, "body"), CodeForm).code
        return rooms.calibration.propose(code, by=caller_of(request).actor)

    @post("/curves/{calibration_id:str}/application", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Apply a curve", operation_id="applyScoreCurve", opt=QUALITY, operation_class=json_body(ApplyForm),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def apply(request: Asking, calibration_id: FromPath[str], body: RawBody) -> Applied:
        """It changes what is shown first, once a second person has agreed; asked again with the approval."""
        approval_id = events.typed(decoded(body, "body"), ApplyForm).approval_id
        found = rooms.calibration.apply(calibration_id, by=caller_of(request).actor, approval_id=approval_id)
        return Applied(approval=approval_shown(found)) if isinstance(found, Approval) else Applied(curve=found)

    @post("/curves/end", status_code=200, sync_to_thread=True, guards=[json_only], summary="End a curve",
          operation_id="endScoreCurve", opt=QUALITY, operation_class=json_body(CodeForm),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def end(request: Asking, body: RawBody) -> Ended:
        """The scores of a code count as their detector gives them again."""
        code = events.typed(decoded(body, "body"), CodeForm).code
        return Ended(rooms.calibration.end(code, by=caller_of(request).actor))

    return [fits, curves, propose, apply, end]
