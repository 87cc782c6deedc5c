"""Referrals over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, get, post, put
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody
from litestar.response import File

from agoranomos.cases.referral import queries
from agoranomos.cases.referral.actions import Purpose
from agoranomos.cases.referral.model import About, AboutKind, Figures, Made, Outcome, Referral, State, Year
from agoranomos.cases.referral.policy import Authority
from agoranomos.cases.referral.service import ReferralService, Shown
from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id, Moment
from agoranomos.staff.presenting import ShownApproval, approval_shown
from agoranomos.vault.tokens import Kind
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "referrals.read"}, {PERMISSION: "referrals.manage"}
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]
YearNumber = Annotated[int, QueryParameter(ge=1970, le=9998)]
Number = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_WRONG = (400, 401, 403, 404, 409, 413, 415, 422)


class NewReferral(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is referred, to which authority of the policy; `case_id` is the case that it comes from."""

    about: About
    authority: Id
    case_id: Id | None = None


class NewPersonal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What personal data of how many suspects is needed for what: a code such as `criminal_complaint`. `attachments`:
    also what is attached to the case by now.
    """

    purpose: Id
    kinds: Annotated[list[Kind], msgspec.Meta(max_length=20)] = []
    people: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    attachments: bool = False


class NewPackage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`approval_id`: personal data is in it, as was agreed to."""

    approval_id: Id | None = None


class Move(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What the authority did, or that we are done; `reference` is its own number."""

    verb: Literal["receive", "accept", "reject", "close", "withdraw"]
    reference: Id | None = None


class NewOutcome(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What the authority reported beside what it reported before; `at` is when (now, where it is left out)."""

    figures: Figures
    at: Moment | None = None


class Authorities(msgspec.Struct, frozen=True):
    """Name → authority."""

    authorities: dict[str, Authority]


class Years(msgspec.Struct, frozen=True):
    """What came of referrals, year by year."""

    items: list[Year]


def api_router(service: ReferralService) -> Router:
    """The addresses of referrals under `/v1/referrals`."""
    handlers = [*_reading(service), *_making(service), *_following(service)]
    return Router("/v1/referrals", route_handlers=handlers, tags=["Referrals"])


def _reading(service: ReferralService) -> list[Any]:
    @get("/", sync_to_thread=True, summary="Referrals, newest first", operation_id="listReferrals", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def listed(
        status: FromQuery[State | None] = None, authority: Filter = None,
        about_kind: FromQuery[AboutKind | None] = None, about_id: Filter = None, case_id: Filter = None,
        cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Referral]:  # fmt: skip
        """Of one state, authority, matter or case, where that is given."""
        wanted = queries.Wanted(
            state=status, authority=authority, about_kind=about_kind, about_id=about_id, because=case_id
        )
        with service.store.reading() as connection:
            found = queries.listed(connection, wanted, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.opened_at, each.referral_id))

    @get("/authorities", sync_to_thread=True, summary="To whom matters are referred", operation_id="listAuthorities",
         opt=READ, responses=problems(401, 403))  # fmt: skip
    def authorities() -> Authorities:
        """With the kinds of personal data that each may be given."""
        return Authorities(dict(service.policy.authorities))

    @get("/years", sync_to_thread=True, summary="What came of referrals", operation_id="referralYears", opt=READ,
         responses=problems(400, 401, 403, 422))  # fmt: skip
    def years(first: YearNumber, last: YearNumber) -> Years:
        """Sent, accepted and rejected in each year, and the sums of what authorities reported in it."""
        return Years(service.years(first, last))

    @get("/{referral_id:str}", sync_to_thread=True, summary="A referral", operation_id="getReferral", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def shown(referral_id: FromPath[str]) -> Shown:
        """With its packages, the chain of custody, and what was reported."""
        return service.show(referral_id)

    return [listed, authorities, years, shown]


def _making(service: ReferralService) -> list[Any]:
    @post("/", status_code=201, sync_to_thread=True, guards=[json_only], summary="Open a referral",
          operation_id="openReferral", opt=MANAGE, operation_class=json_body(NewReferral),
          responses=problems(*_WRONG))  # fmt: skip
    def opened(request: Asking, body: RawBody) -> Referral:
        """Nothing goes out yet."""
        form = events.typed(decoded(body, "body"), NewReferral)
        return service.open(form.about, form.authority, because=form.case_id, by=caller_of(request).actor)

    @post("/{referral_id:str}/personal", status_code=201, sync_to_thread=True, guards=[json_only],
          summary="Ask for personal data in a package", operation_id="askReferralPersonal", opt=MANAGE,
          operation_class=json_body(NewPersonal), responses=problems(*_WRONG))  # fmt: skip
    def personal(request: Asking, referral_id: FromPath[str], body: RawBody) -> ShownApproval:
        """Of suspects alone, of the kinds that the authority may be given; and attachments, exactly those that are
        there now. A second person has to agree.
        """
        form = events.typed(decoded(body, "body"), NewPersonal)
        purpose = Purpose(purpose=form.purpose, kinds=tuple(form.kinds), people=form.people)
        by = caller_of(request).actor
        return approval_shown(service.ask_for_personal(referral_id, purpose, by=by, attachments=form.attachments))

    @post("/{referral_id:str}/packages", status_code=201, sync_to_thread=True, guards=[json_only],
          summary="Make a package", operation_id="makeReferralPackage", opt=MANAGE,
          operation_class=json_body(NewPackage), responses=problems(*_WRONG))  # fmt: skip
    def made(request: Asking, referral_id: FromPath[str], body: RawBody) -> Made:
        """Everything that is known of the matter, now. Large matters take seconds."""
        form = events.typed(decoded(body, "body"), NewPackage)
        return service.make(referral_id, by=caller_of(request).actor, approval_id=form.approval_id)

    @get("/{referral_id:str}/packages/{number:int}", sync_to_thread=True, summary="Fetch a package",
         operation_id="fetchReferralPackage", opt=MANAGE, media_type="application/zip",
         responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def fetched(request: Asking, referral_id: FromPath[str], number: FromPath[int]) -> File:
        """That you take it into your hands becomes a link of the chain of custody."""
        path, made = service.fetch(referral_id, number, by=caller_of(request).actor)
        return File(path, filename=f"{referral_id}-{made.number}.zip", media_type="application/zip")

    return [opened, personal, made, fetched]


def _following(service: ReferralService) -> list[Any]:
    @post("/{referral_id:str}/sending", status_code=201, sync_to_thread=True, summary="Ask to send the last package",
          operation_id="askToSendReferral", opt=MANAGE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def asked(request: Asking, referral_id: FromPath[str]) -> ShownApproval:
        """A second person agrees to exactly this package."""
        return approval_shown(service.ask_to_send(referral_id, by=caller_of(request).actor))

    @put("/{referral_id:str}/sending/{approval_id:str}", sync_to_thread=True, summary="Note that it was sent",
         operation_id="sendReferral", opt=MANAGE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def sent(request: Asking, referral_id: FromPath[str], approval_id: FromPath[str]) -> Referral:
        """After a second person has agreed."""
        return service.send(referral_id, approval_id, by=caller_of(request).actor)

    @post("/{referral_id:str}/moves", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Note what became of it", operation_id="moveReferral", opt=MANAGE,
          operation_class=json_body(Move), responses=problems(*_WRONG))  # fmt: skip
    def moved(request: Asking, referral_id: FromPath[str], body: RawBody) -> Referral:
        """Received, accepted or rejected by the authority; closed or withdrawn by us."""
        form = events.typed(decoded(body, "body"), Move)
        return service.move(referral_id, form.verb, by=caller_of(request).actor, reference=form.reference)

    @post("/{referral_id:str}/outcomes", status_code=201, sync_to_thread=True, guards=[json_only],
          summary="Note what the authority reported", operation_id="reportReferral", opt=MANAGE,
          operation_class=json_body(NewOutcome), responses=problems(*_WRONG))  # fmt: skip
    def reported(request: Asking, referral_id: FromPath[str], body: RawBody) -> Outcome:
        """Additions to what was reported before; a negative figure takes something back."""
        form = events.typed(decoded(body, "body"), NewOutcome)
        return service.report(referral_id, form.figures, by=caller_of(request).actor, at=form.at)

    return [asked, sent, moved, reported]
