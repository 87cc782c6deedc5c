"""Where an id leads: the page of whatever has it, or what was looked for in vain."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from litestar import Response, Router, get
from litestar.response import Redirect

from agoranomos.cases.desk.tables import cases
from agoranomos.cases.referral.tables import referrals
from agoranomos.console.addresses import finding_url, subject_url, with_query
from agoranomos.console.frame import AnyRequest, FromId, view
from agoranomos.console.rooms import Console
from agoranomos.console.wording import KINDS, SEARCH
from agoranomos.enforcement.tables import actions
from agoranomos.goods.brands.tables import brands
from agoranomos.goods.notices.tables import notices
from agoranomos.goods.testbuys.tables import testbuy_plans, testbuys
from agoranomos.judgements.tables import decisions, findings
from agoranomos.kernel.approvals.tables import approvals
from agoranomos.kernel.ids import is_id
from agoranomos.sellers.freeze.tables import freeze_freezes
from agoranomos.web.auth import PERMISSION, SIGNED_IN, caller_of

_SUBJECTS_MAX: Final = 20
_OWN: Final[tuple[tuple[sa.Column[str], str, str], ...]] = (
    (actions.c.action_id, "actions.read", "/actions"),
    (approvals.c.approval_id, "approvals.read", "/approvals"),
    (cases.c.case_id, "cases.read", "/cases"),
    (notices.c.notice_id, "notices.read", "/notices"),
    (testbuy_plans.c.plan_id, "testbuys.read", "/testbuys"),
    (testbuys.c.testbuy_id, "testbuys.read", "/testbuys/buy"),
    (freeze_freezes.c.freeze_id, "conduct.read", "/sellers/freezes"),
    (referrals.c.referral_id, "referrals.read", "/referrals"),
    (brands.c.brand_id, "brands.read", "/brands"),
)
"""What has pages of its own: its key, what it takes to see it, and where it is shown."""


def pages_router(console: Console) -> Router:
    """`/search?id=…`."""

    @get("/search", sync_to_thread=True)
    def search(request: AnyRequest, wanted: FromId = "") -> Response[Any]:
        wanted = wanted.strip()
        with console.store.reading() as connection:
            found = _places(connection, wanted) if is_id(wanted) else []
        shown = [url for permission, url in found if caller_of(request).may(permission)]
        if len(shown) == 1:
            return Redirect(shown[0], status_code=303)
        return view(request, "console/search.html", {"wanted": wanted, "found": shown}, at="", words=SEARCH)

    return Router("/", route_handlers=[search], include_in_schema=False, opt={PERMISSION: SIGNED_IN})


def _places(connection: sa.Connection, wanted: str) -> list[tuple[str, str]]:
    """What it takes to see a page, and its address, for everything that is called `wanted`."""
    if _there(connection, findings.c.finding_id, wanted):
        return [("findings.read", finding_url(wanted))]
    own = [(right, with_query(path, id=wanted)) for key, right, path in _OWN if _there(connection, key, wanted)]
    if own:
        return own
    subject = sa.select(decisions.c.subject_kind, decisions.c.subject_id).where(decisions.c.decision_id == wanted)
    if row := connection.execute(subject).first():
        return [("decisions.read", subject_url(row[0], row[1]))]
    kinds: set[str] = set()
    for table in (findings, decisions, actions):
        query = sa.select(table.c.subject_kind).where(
            table.c.subject_kind.in_(list(KINDS)), table.c.subject_id == wanted
        )  # fmt: skip
        kinds |= set(connection.execute(query.distinct().limit(_SUBJECTS_MAX)).scalars())
    return [("findings.read", subject_url(kind, wanted)) for kind in sorted(kinds)]


def _there(connection: sa.Connection, key: sa.Column[str], value: str) -> bool:
    return connection.execute(sa.select(sa.literal(1)).where(key == value)).first() is not None
