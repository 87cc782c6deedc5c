"""Wishes that wait for a second person: the list, one of them, and the answer."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.approving.wording import TEXTS
from agoranomos.console.frame import AnyRequest, FromId, view
from agoranomos.console.rooms import Console
from agoranomos.enforcement import actions, queries
from agoranomos.kernel.approvals.model import Approval, ApprovalStatus
from agoranomos.kernel.errors import Forbidden, Invalid
from agoranomos.staff.browsers import field
from agoranomos.staff.roles import may_decide, require_decider
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, Caller, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_ANSWERS: Final = {"approve": ApprovalStatus.APPROVED, "refuse": ApprovalStatus.REFUSED}


def pages_router(console: Console) -> Router:
    """`/approvals`, and deciding one."""
    staff = console.staff

    def one(request: AnyRequest, approval_id: str) -> Template:
        approval = staff.approval(approval_id)
        with console.store.reading() as connection:
            waiting = queries.waiting_for(connection, approval_id)
        context = {
            "approval": approval, "status": approval.status_at(console.clock()), "waiting": waiting,
            "refused": _why_not(approval, caller_of(request), console),
        }  # fmt: skip
        return view(request, "console/approval.html", context, at="approvals", words=TEXTS)

    @get("/approvals", sync_to_thread=True)
    def listed(request: AnyRequest, wanted: FromId = "", cursor: Cursor = "") -> Template:
        if wanted:
            return one(request, wanted)
        page = paging.page_of(
            staff.waiting(after=paging.after_id(cursor), limit=_ROWS + 1), _ROWS, lambda each: (each.approval_id,)
        )
        context = {"page": page, "query": {"cursor": cursor}}
        return view(request, "console/approvals.html", context, at="approvals", words=TEXTS)

    @post("/approvals/{approval_id:str}", sync_to_thread=True, opt={PERMISSION: "approvals.decide"})
    def decide(request: AnyRequest, approval_id: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        answer = _ANSWERS.get(field(data, "answer"))
        if answer is None:
            raise Invalid("say approve or refuse", pointer="/answer")
        approval, caller = staff.approval(approval_id), caller_of(request)
        require_decider(caller.may, approval.wanted.kind)
        with console.store.reading() as connection:
            acts = bool(queries.waiting_for(connection, approval_id))
        if acts:
            verb = actions.approve if answer is ApprovalStatus.APPROVED else actions.refuse
            with console.store.transaction() as connection:
                verb(connection, approval_id, by=caller.actor, now=console.clock())
        else:
            staff.decide(approval_id, answer, by=caller.actor)
        return Redirect(with_query("/approvals", id=approval_id), status_code=303)

    return Router("/", route_handlers=[listed, decide], include_in_schema=False, opt={PERMISSION: "approvals.read"})


def _why_not(approval: Approval, caller: Caller, console: Console) -> str:
    """The key of the words for why this caller cannot answer; "" when they can."""
    if approval.status_at(console.clock()) is not ApprovalStatus.PENDING:
        return "approval.over"
    if not may_decide(caller.may, approval.wanted.kind):
        return "approval.not-yours"
    try:
        approval.require_second_person(caller.actor)
    except Forbidden:
        return "approval.your-own"
    return ""
