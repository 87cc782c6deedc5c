"""Batches over HTTP: parse, one query, present."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from agoranomos.goods.batches import queries
from agoranomos.goods.batches.model import Batch, Buyer, Fed, Kin, Left, Share
from agoranomos.goods.batches.service import BatchService
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page

READ = {PERMISSION: "batches.read"}
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]


class ShownTrace(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a batch; orders and buyers have lists of their own. `orders_expected`: how many hold something of it
    by expectation; `stock` is null where the quantity is not known.
    """

    batch: Batch
    listings: list[Fed]
    orders: int
    orders_certain: int
    orders_expected: float
    buyers: int
    stock: Left | None
    kin: list[Kin]


def api_router(service: BatchService) -> Router:
    """The addresses of batches under `/v1/batches`."""

    @get("/", sync_to_thread=True, summary="Batches", operation_id="listBatches", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def batches(
        condemned: FromQuery[bool] = False,
        store_id: Filter = None,
        supplier_id: Filter = None,
        factory: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Batch]:
        """In the order of ids; `condemned`: only those that something speaks against."""
        with service.store.reading() as connection:
            found = queries.listed(
                connection, condemned=condemned, store_id=store_id, supplier_id=supplier_id, factory=factory,
                after=paging.after_id(cursor), limit=limit + 1,
            )  # fmt: skip
        return paging.page_of(found, limit, lambda each: (each.batch_id,))

    return Router("/v1/batches", route_handlers=[batches, *_traces(service)], tags=["Batches"])


def _traces(service: BatchService) -> list[Any]:
    @get("/{batch_id:str}/trace", sync_to_thread=True, summary="What came of a batch", operation_id="traceBatch",
         opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def traced(batch_id: FromPath[str]) -> ShownTrace:
        """Listings, how many orders and buyers, stock left, and other batches of the same source."""
        found = service.trace(batch_id)
        return ShownTrace(
            batch=found.batch, listings=list(found.listings), orders=len(found.orders), orders_certain=found.certain,
            orders_expected=found.expected, buyers=len(found.buyers), stock=found.stock, kin=list(found.kin),
        )  # fmt: skip

    @get("/{batch_id:str}/orders", sync_to_thread=True, summary="Orders that a batch may have reached",
         operation_id="listBatchOrders", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def orders(batch_id: FromPath[str], cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Share]:
        """In the order of ids, each with the chance that it holds something of the batch."""
        after = paging.decode(cursor, tuple[str, str]) or ("", "")
        found = sorted(service.trace(batch_id).orders, key=lambda each: (each.order_id, each.listing_id))
        rest = [each for each in found if (each.order_id, each.listing_id) > after]
        return paging.page_of(rest[: limit + 1], limit, lambda each: (each.order_id, each.listing_id))

    @get("/{batch_id:str}/buyers", sync_to_thread=True, summary="Buyers to inform", operation_id="listBatchBuyers",
         opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def buyers(batch_id: FromPath[str], cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Buyer]:
        """In the order of ids, each with the chance that anything of theirs is of the batch."""
        after = paging.after_id(cursor)
        found = sorted(service.trace(batch_id).buyers, key=lambda each: each.buyer_id)
        rest = [each for each in found if each.buyer_id > after]
        return paging.page_of(rest[: limit + 1], limit, lambda each: (each.buyer_id,))

    return [traced, orders, buyers]
