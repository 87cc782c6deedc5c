"""Erasing over HTTP: one person asks, another agrees (`/v1/approvals`), then it is done."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, post, put
from litestar.params import FromPath, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.store import Store
from agoranomos.staff.presenting import ShownApproval, approval_shown
from agoranomos.vault import erasing
from agoranomos.vault.erasing import Erased, SubjectKind
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
_ERASE = {PERMISSION: "vault.erase"}


class Whom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose personal data is to be erased."""

    kind: SubjectKind
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


def api_router(store: Store, clock: Clock) -> Router:
    """The addresses of the vault under `/v1`."""

    @post(
        "/erasures",
        sync_to_thread=True,
        guards=[json_only],
        summary="Ask for an erasure",
        operation_id="requestErasure",
        opt=_ERASE,
        operation_class=json_body(Whom),
        responses=problems(400, 401, 403, 404, 415, 422),
    )
    def request_erasure(request: Asking, body: RawBody) -> ShownApproval:
        """All that the vault keeps of a seller or account. Another person has to agree first."""
        whom = events.typed(decoded(body, "body"), Whom)
        with store.transaction() as connection:
            asked = erasing.request(connection, whom.kind, whom.id, by=caller_of(request).actor, now=clock())
        return approval_shown(asked)

    @put(
        "/erasures/{approval_id:str}",
        sync_to_thread=True,
        summary="Erase what was agreed to",
        operation_id="erase",
        opt=_ERASE,
        responses=problems(400, 401, 403, 404, 409),
    )
    def erase(request: Asking, approval_id: FromPath[str]) -> Erased:
        """Once, and for good: nobody can read these values again."""
        with store.transaction() as connection:
            return erasing.erase(connection, approval_id, by=caller_of(request).actor, now=clock())

    return Router("/v1/vault", route_handlers=[request_erasure, erase], tags=["Vault"])
