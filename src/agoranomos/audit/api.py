"""The audit log over HTTP: entries and proofs as JSON, and the read paths of C2SP tlog-tiles for standard tools."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from agoranomos.audit.notes import Checkpoint, Note
from agoranomos.audit.proving import Proof
from agoranomos.audit.service import AuditService
from agoranomos.kernel.clock import rfc3339
from agoranomos.web import paging
from agoranomos.web.openapi import problems
from agoranomos.web.paging import Page

PERMISSION = "audit.read"
BINARY = "application/octet-stream"


class ShownEntry(msgspec.Struct, frozen=True):
    """An entry: `id` is its leaf hash in hex, `params` ids and numbers, `commitments` stand for texts."""

    index: int
    id: str
    time: str
    actor: dict[str, str]
    verb: str
    subject: dict[str, str]
    params: dict[str, Any]
    commitments: dict[str, dict[str, str]]


class Head(msgspec.Struct, frozen=True):
    """The last checkpoint: its parts, and the signed note whole."""

    origin: str
    size: int
    root: str
    note: str


def shown(service: AuditService, *, subject: str | None, actor: str | None, after: int, limit: int) -> Page[ShownEntry]:
    """The entries behind number `after`, a page of them."""
    found = service.entries(subject=subject, actor=actor, after=after, limit=limit + 1)
    entries = [
        ShownEntry(
            index=one.index,
            id=one.id,
            time=rfc3339(one.entry.at),
            actor={"kind": one.entry.actor.kind, "id": one.entry.actor.id},
            verb=one.entry.verb,
            subject={"kind": one.entry.subject_kind, "id": one.entry.subject_id},
            params=dict(one.entry.params),
            commitments=msgspec.to_builtins(one.entry.commitments),
        )
        for one in found
    ]
    return paging.page_of(entries, limit, lambda entry: (entry.index,))


def api_router(service: AuditService) -> Router:
    """The addresses of the log, all under the permission `audit.read`."""

    @get("/v1/audit/entries", sync_to_thread=True, summary="Entries of the audit log",
         operation_id="listAuditEntries", responses=problems(400, 401, 403))  # fmt: skip
    def entries(
        subject: Annotated[str | None, QueryParameter(description="kind:id, or an id")] = None,
        actor: Annotated[str | None, QueryParameter(description="kind:id, or an id")] = None,
        cursor: paging.Cursor = "",
        limit: paging.Limit = paging.LIMIT_DEFAULT,
    ) -> Page[ShownEntry]:
        """In the order in which they were recorded; filtered by who acted and on what."""
        return shown(service, subject=subject, actor=actor, after=paging.after_number(cursor), limit=limit)

    @get("/v1/audit/proof/{index:int}", sync_to_thread=True, summary="Proof that an entry is in the log",
         operation_id="getAuditProof", responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def proof(index: FromPath[int]) -> Proof:
        """Stands alone: `agora audit check-proof` checks it without this server."""
        return service.proof(index)

    @get("/v1/audit/checkpoint", sync_to_thread=True, summary="The last signed checkpoint",
         operation_id="getAuditCheckpoint", responses=problems(401, 403, 404))  # fmt: skip
    def head() -> Head:
        """With the witnesses' cosignatures below the log's own."""
        note = service.checkpoint()
        lines = Note.parse(note).text.split("\n")
        read = Checkpoint.parse(Note.parse(note).text)
        return Head(read.origin, read.size, lines[2], note)

    return Router(
        "/",
        route_handlers=[entries, proof, head, *_static(service)],
        opt={"permission": PERMISSION},
        tags=["Audit"],
    )


def _static(service: AuditService) -> list[Any]:
    """The read paths of C2SP tlog-tiles under the prefix /audit."""

    @get("/audit/checkpoint", sync_to_thread=True, media_type=MediaType.TEXT,
         summary="The checkpoint, as a signed note", operation_id="getTlogCheckpoint",
         responses=problems(401, 403, 404))  # fmt: skip
    def checkpoint() -> str:
        """C2SP tlog-checkpoint."""
        return service.checkpoint()

    tile_form = ResponseSpec(bytes, media_type=BINARY, generate_examples=False)

    @get("/audit/tile/{path:path}", sync_to_thread=True, summary="A tile, or a bundle of entries",
         operation_id="getTlogTile", media_type=BINARY,
         responses={200: tile_form, **problems(401, 403, 404, 409)})  # fmt: skip
    def tile(path: FromPath[str]) -> Response[bytes]:
        """C2SP tlog-tiles; immutable, so caches may keep it."""
        # Private: an entry is for whoever may read the log, not for everyone behind the same proxy.
        cache = CacheControlHeader(private=True, max_age=31_536_000, immutable=True)
        content = service.tile(path.removeprefix("/"))
        return Response(content, media_type=BINARY, headers={"cache-control": cache.to_header()})

    return [checkpoint, tile]
