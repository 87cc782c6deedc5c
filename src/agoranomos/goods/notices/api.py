"""Notices over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter, RawBody

from agoranomos.goods.notices.actions import Ruling
from agoranomos.goods.notices.form import NoticeForm
from agoranomos.goods.notices.model import Kind, Notice, State, Verdict
from agoranomos.goods.notices.queries import About, Strikes
from agoranomos.goods.notices.service import NoticeService
from agoranomos.goods.notices.statements import Statement
from agoranomos.kernel import events
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.staff.presenting import ShownApproval, approval_shown
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, FILE, DECIDE = ({PERMISSION: f"notices.{verb}"} for verb in ("read", "file", "decide"))
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]
Key = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key", min_length=1, max_length=128,
        description="1 to 128 characters; other content under it is refused",
    ),
]  # fmt: skip
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]


class Answer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What the seller says to a notice."""

    statement: Words


class ListingRuling(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is decided about one listing."""

    listing_id: Id
    outcome: Verdict


class NoticeRuling(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A decision: `outcome` for all listings but those named; `reason` is told to the parties.

    `approval_id`: the second person's, when it took one.
    """

    outcome: Verdict
    listings: Annotated[list[ListingRuling], msgspec.Meta(max_length=1_000)] = []
    reason: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    approval_id: Id | None = None


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """The notice as it is now; `approval` is what it waits for when one person does not decide it alone."""

    notice: Notice
    approval: ShownApproval | None = None


def api_router(service: NoticeService) -> Router:
    """The addresses under `/v1/notices`."""
    return Router("/v1/notices", route_handlers=[*_reading(service), *_changing(service)], tags=["Notices"])


def _reading(service: NoticeService) -> list[Any]:
    @get("/", sync_to_thread=True, summary="Notices, newest first", operation_id="listNotices", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_notices(
        status: FromQuery[State | None] = None,
        kind: FromQuery[Kind | None] = None,
        rights_holder_id: Filter = None,
        brand_id: Filter = None,
        store_id: Filter = None,
        listing_id: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Notice]:
        """Each with what its form lacks, until when it is decided, and what was decided."""
        about = About(
            state=status, kind=kind, rights_holder_id=rights_holder_id, brand_id=brand_id, store_id=store_id,
            listing_id=listing_id,
        )  # fmt: skip
        found = service.listed(about, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.filed_at, each.notice_id))

    @get("/waiting", sync_to_thread=True, summary="What waits for a decision", operation_id="listWaitingNotices",
         opt=READ, responses=problems(400, 401, 403))  # fmt: skip
    def list_waiting(limit: Limit = LIMIT_DEFAULT) -> list[Notice]:
        """Trusted rights holders first, doubtful ones last, each by the time at which the decision is owed."""
        return service.waiting(limit)

    @get("/strikes", sync_to_thread=True, summary="Upheld notices by brand and store",
         operation_id="listNoticeStrikes", opt=READ, responses=problems(400, 401, 403))  # fmt: skip
    def list_strikes(
        least: Annotated[int, QueryParameter(ge=1, le=1_000_000)] = 1, limit: Limit = LIMIT_DEFAULT
    ) -> list[Strikes]:
        """Pairs with at least so many, the most first."""
        return service.strikes(least, limit)

    @get("/{notice_id:str}", sync_to_thread=True, summary="A notice", operation_id="getNotice", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def get_notice(notice_id: FromPath[str]) -> Notice:
        """What was said in it is in the event log, under `source` and `event_id`."""
        return service.get(notice_id)

    @get("/{notice_id:str}/statements", sync_to_thread=True, summary="Statements of reasons",
         operation_id="listNoticeStatements", opt=READ, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def list_statements(notice_id: FromPath[str]) -> list[Statement]:
        """One for the rights holder and one for each store, in English and Chinese."""
        return service.statements(notice_id)

    return [list_notices, list_waiting, list_strikes, get_notice, list_statements]


def _changing(service: NoticeService) -> list[Any]:
    @post("/", status_code=200, sync_to_thread=True, guards=[json_only], summary="File a notice",
          operation_id="fileNotice", opt=FILE, operation_class=json_body(NoticeForm),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def file(request: Asking, body: RawBody, idempotency_key: Key = None) -> Notice:
        """What the form lacks is said in `missing`; filed again under its `notice_id` it is completed."""
        raw = decoded(body, "body")
        events.typed(raw, NoticeForm)
        data = {name: value for name, value in raw.items() if value is not None}
        return service.file(data, by=caller_of(request).actor, key=idempotency_key)

    @post("/{notice_id:str}/counter", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Answer a notice", operation_id="counterNotice", opt=FILE, operation_class=json_body(Answer),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def counter(request: Asking, notice_id: FromPath[str], body: RawBody) -> Notice:
        """On behalf of the seller."""
        statement = events.typed(decoded(body, "body"), Answer).statement
        return service.counter(notice_id, statement, by=caller_of(request).actor)

    @post("/{notice_id:str}/decision", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Decide a notice", operation_id="decideNotice", opt=DECIDE,
          operation_class=json_body(NoticeRuling),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def decide(request: Asking, notice_id: FromPath[str], body: RawBody) -> Ruled:
        """Where it takes a second person, the answer holds what that person has to agree to; ask again with it."""
        form = events.typed(decoded(body, "body"), NoticeRuling)
        ruling = Ruling(
            outcome=form.outcome, listings={each.listing_id: each.outcome for each in form.listings},
            reason=form.reason,
        )  # fmt: skip
        by = caller_of(request).actor
        found = service.decide(notice_id, ruling, by=by, approval_id=form.approval_id)
        if isinstance(found, Approval):
            return Ruled(notice=service.get(notice_id), approval=approval_shown(found))
        return Ruled(notice=found)

    return [file, counter, decide]
