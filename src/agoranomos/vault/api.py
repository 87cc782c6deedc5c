"""Erasing over HTTP: one person asks, another agrees (`/v1/approvals`), then it is done, and can be shown."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Router, get, post, put
from litestar.params import FromPath, QueryParameter, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.store import Store
from agoranomos.staff.presenting import ShownApproval, approval_shown
from agoranomos.vault import erasing, proving_erasure
from agoranomos.vault.erasing import Erased, Forget, Held, nobody_is_held, nothing_is_derived
from agoranomos.vault.proving_erasure import Shown
from agoranomos.vault.subjects import SubjectKind, Whom
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
Kind = Annotated[SubjectKind, QueryParameter(description="What kind of subject this is")]
Subject = Annotated[str, QueryParameter(name="id", min_length=1, max_length=128, description="Its id")]
_ERASE: Final = {PERMISSION: "vault.erase"}
_READ: Final = {PERMISSION: "vault.read"}


def api_router(store: Store, clock: Clock, held: Held = nobody_is_held, forget: Forget = nothing_is_derived) -> Router:
    """The addresses of erasures under `/v1/vault`; `held` says whose data must stay, and rooms `forget` with it."""

    @post(
        "/erasures",
        sync_to_thread=True,
        guards=[json_only],
        summary="Ask for an erasure",
        operation_id="requestErasure",
        opt=_ERASE,
        operation_class=json_body(Whom),
        responses=problems(400, 401, 403, 404, 409, 415, 422),
    )
    def request_erasure(request: Asking, body: RawBody) -> ShownApproval:
        """All that the vault keeps of a seller or account. Another person has to agree first."""
        about = events.typed(decoded(body, "body"), Whom)
        with store.transaction() as connection:
            asked = erasing.request(
                connection, about.kind, about.id, by=caller_of(request).actor, now=clock(), held=held
            )
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
            by = caller_of(request).actor
            return erasing.erase(connection, approval_id, by=by, now=clock(), held=held, forget=forget)

    @get(
        "/proofs",
        sync_to_thread=True,
        summary="What shows that somebody was erased",
        operation_id="getErasureProofs",
        opt=_READ,
        responses=problems(400, 401, 403, 404, 422),
    )
    def show(kind: Kind, subject: Subject) -> Shown:
        """When, by whom, how much, which key; the proof of its entry in the audit log (null until the next checkpoint);
        and what is left."""
        with store.reading() as connection:
            return proving_erasure.shown(connection, Whom(kind, subject))

    return Router("/v1/vault", route_handlers=[request_erasure, erase, show], tags=["Vault"])
