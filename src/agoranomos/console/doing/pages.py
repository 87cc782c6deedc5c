"""The list of actions, one action with everything about it, and taking it back."""

from __future__ import annotations

from typing import Any, Final, get_args

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.doing.wording import TEXTS
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.rooms import Console
from agoranomos.enforcement import actions, queries
from agoranomos.kernel.actions import ActionStatus
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
STATUSES: Final[tuple[ActionStatus, ...]] = get_args(ActionStatus)
_REVERSIBLE: Final = frozenset(("proposed", "approved", "pending", "done"))


def pages_router(console: Console) -> Router:
    """`/actions`, and undoing one."""
    store, policy, clock = console.store, console.acting.policy, console.clock

    def one(request: AnyRequest, action_id: str) -> Template:
        with store.reading() as connection:
            action = actions.found(connection, action_id)
        undo = policy.entry(action.kind).undo
        may = action.status in _REVERSIBLE and action.undo_by is None and undo is not None
        context = {"action": action, "undo": undo if may and caller_of(request).may("actions.request") else None}
        return view(request, "console/action.html", context, at="actions", words=TEXTS)

    @get("/actions", sync_to_thread=True)
    def listed(
        request: AnyRequest, wanted: FromId = "", kind: FromQuery[Text] = "",
        status: FromQuery[Text] = "", cursor: Cursor = "",
    ) -> Template:  # fmt: skip
        if wanted:
            return one(request, wanted)
        chosen = next((each for each in STATUSES if each == status), None)
        about = queries.About(kind=kind or None, status=chosen)
        with store.reading() as connection:
            found = queries.listed(connection, about, after=paging.after_time(cursor), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (parse_rfc3339(each.at), each.id))
        query = {"kind": kind, "status": status, "cursor": cursor}
        context = {"page": page, "query": query, "statuses": STATUSES, "kinds": sorted(policy.kinds)}
        return view(request, "console/actions.html", context, at="actions", words=TEXTS)

    @post("/actions/{action_id:str}/undo", sync_to_thread=True, opt={PERMISSION: "actions.request"})
    def undo(request: AnyRequest, action_id: FromPath[str]) -> Response[Any]:
        with store.transaction() as connection:
            actions.undo(connection, action_id, by=caller_of(request).actor, policy=policy, now=clock())
        return Redirect(with_query("/actions", id=action_id), status_code=303)

    return Router("/", route_handlers=[listed, undo], include_in_schema=False, opt={PERMISSION: "actions.read"})
