"""Findings and decisions over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

import msgspec
import sqlalchemy as sa
from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from agoranomos.judgements import queries
from agoranomos.judgements.queries import About
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Finding, Status
from agoranomos.kernel.store import Store
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page

Presenter = Callable[[sa.Connection, str], msgspec.Struct]
"""A desk's fuller answer about a decision of its own."""
JudgementT = TypeVar("JudgementT", Finding, Decision)
LATE_S: Final = 0.05
"""Seconds in which a process that is not overloaded has written the approvals that it answered with."""
_DERIVED: Final = re.compile(r"d_[0-9a-f]{30}")
"""The form of our decisions' ids: nothing else can still be on its way."""
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]
Probability = Annotated[float | None, QueryParameter(ge=0, le=1)]


def api_router(
    store: Store,
    presenters: Mapping[str, Presenter],
    *,
    settle: Callable[[], object] = bool,
    pause: Callable[[float], None] = time.sleep,
) -> Router:
    """The addresses of findings and decisions under `/v1`; `presenters` by check.

    `settle` waits until the decisions that this process has answered with are in the store; `pause` waits for those
    of another process.
    """

    @get(
        "/findings",
        sync_to_thread=True,
        summary="Findings, newest first",
        operation_id="listFindings",
        opt={PERMISSION: "findings.read"},
        responses=problems(400, 401, 403),
    )
    def list_findings(
        code: Filter = None,
        subject_kind: Filter = None,
        subject_id: Filter = None,
        ring_id: Filter = None,
        status: FromQuery[Status | None] = None,
        score_min: Probability = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Finding]:
        """The latest revision of each finding."""
        about = About(
            code=code, subject_kind=subject_kind, subject_id=subject_id, ring_id=ring_id, status=status,
            score_min=score_min,
        )  # fmt: skip
        with store.reading() as connection:
            return _page(
                queries.list_findings(connection, about, after=paging.after_time(cursor), limit=limit + 1), limit
            )

    @get(
        "/findings/{finding_id:str}",
        sync_to_thread=True,
        summary="A finding",
        operation_id="getFinding",
        opt={PERMISSION: "findings.read"},
        responses=problems(400, 401, 403, 404),
    )
    def get_finding(finding_id: FromPath[str]) -> Finding:
        """Its latest revision."""
        with store.reading() as connection:
            return queries.get_finding(connection, finding_id)

    @get(
        "/decisions",
        sync_to_thread=True,
        summary="Decisions, newest first",
        operation_id="listDecisions",
        opt={PERMISSION: "decisions.read"},
        responses=problems(400, 401, 403),
    )
    def list_decisions(
        check: Filter = None,
        outcome: FromQuery[Outcome | None] = None,
        subject_kind: Filter = None,
        subject_id: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Decision]:
        """The decisions of all checks."""
        settle()
        about = About(check=check, outcome=outcome, subject_kind=subject_kind, subject_id=subject_id)
        with store.reading() as connection:
            return _page(
                queries.list_decisions(connection, about, after=paging.after_time(cursor), limit=limit + 1), limit
            )

    @get(
        "/decisions/{decision_id:str}",
        sync_to_thread=True,
        summary="A decision as it was made",
        operation_id="getDecision",
        opt={PERMISSION: "decisions.read"},
        responses=problems(400, 401, 403, 404),
    )
    def get_decision(decision_id: FromPath[str]) -> Response[Decision]:
        """The decision with its reasons, and what its desk adds: for a listing, the words quoted, the advice, and who
        acknowledged its warning, if anyone did.
        """
        settle()
        try:
            return Response(_fuller(store, presenters, decision_id))
        except NotFound:
            if _DERIVED.fullmatch(decision_id) is None:
                raise
        pause(LATE_S)  # another process may have answered with it a moment ago
        return Response(_fuller(store, presenters, decision_id))

    return Router(
        "/v1", route_handlers=[list_findings, get_finding, list_decisions, get_decision], tags=["Judgements"]
    )  # fmt: skip


def _fuller(store: Store, presenters: Mapping[str, Presenter], decision_id: str) -> Any:
    with store.reading() as connection:
        decision = queries.get_decision(connection, decision_id)
        present = presenters.get(decision.check)
        return present(connection, decision_id) if present else decision


def _page(found: list[JudgementT], limit: int) -> Page[JudgementT]:
    return paging.page_of(found, limit, lambda each: (parse_rfc3339(each.at), each.id))
