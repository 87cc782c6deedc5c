"""Links over HTTP: parse, one query, present."""

from __future__ import annotations

from litestar import Router, get
from litestar.params import FromPath

from agoranomos.sellers.links.service import LinkService, Shown
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import problems

READ = {PERMISSION: "findings.read"}


def api_router(service: LinkService) -> Router:
    """The address of links, under `/v1/sellers`."""

    @get("/{seller_id:str}/links", sync_to_thread=True, summary="Who may be the same as a seller",
         operation_id="listLinks", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def links(seller_id: FromPath[str]) -> Shown:
        """The likeliest first: what the two share, and the weights behind it in bits."""
        return service.links_of(seller_id)

    return Router("/v1/sellers", route_handlers=[links], tags=["Sellers"])
