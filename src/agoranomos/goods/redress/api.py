"""Recalls over HTTP: parse, one query, present."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from agoranomos.goods.redress import queries
from agoranomos.goods.redress.letters import Letter
from agoranomos.goods.redress.model import Line, Recall, RecallState
from agoranomos.goods.redress.queries import Asking, Owed
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.store import Store
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page

READ = {PERMISSION: "redress.read"}
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]


def api_router(store: Store) -> Router:
    """The addresses under `/v1/redress`."""

    @get("/", sync_to_thread=True, summary="Recalls, newest first", operation_id="listRecalls", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_recalls(
        status: FromQuery[RecallState | None] = None,
        listing_id: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Recall]:
        """Each with what caused it and what it comes to; its actions are in its measures."""
        about = listing_id if listing_id is None or is_id(listing_id) else "\x7f"
        with store.reading() as connection:
            found = queries.listed(
                connection, state=status, listing_id=about, after=paging.after_time(cursor), limit=limit + 1
            )
        return paging.page_of(found, limit, lambda each: (each.began_at, each.recall_id))

    @get("/owed", sync_to_thread=True, summary="What stores are charged with", operation_id="listRedressOwed",
         opt=READ, responses=problems(400, 401, 403))  # fmt: skip
    def list_owed(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Owed]:
        """By store and currency, in minor units; `settled` is owed, `reserved` may come to be."""
        with store.reading() as connection:
            found = queries.owed(connection, after=paging.after_id(cursor), limit=limit + 1)
        stores = list(dict.fromkeys(each.store_id for each in found))
        shown = [each for each in found if each.store_id in stores[:limit]]
        return Page(shown, paging.encode(stores[limit - 1]) if len(stores) > limit else None)

    @get("/letters", sync_to_thread=True, summary="What buyers are told", operation_id="listLettersToBuyers", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def list_letters(
        order_id: Filter = None,
        buyer_id: Filter = None,
        recall_id: Filter = None,
        batch_id: Filter = None,
        finding_id: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Letter]:
        """Order by order, newest first, in English and Chinese; with several filters those that all of them mean."""
        about = Asking(
            order_id=order_id, buyer_id=buyer_id, recall_id=recall_id, batch_id=batch_id, finding_id=finding_id
        )
        with store.reading() as connection:
            found = queries.letters(connection, about, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.at, each.action_id))

    @get("/{recall_id:str}", sync_to_thread=True, summary="A recall", operation_id="getRecall", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def get_recall(recall_id: FromPath[str]) -> Recall:
        """It stands while one of its causes does."""
        with store.reading() as connection:
            return queries.get(connection, recall_id)

    @get("/{recall_id:str}/orders", sync_to_thread=True, summary="The orders of a recall",
         operation_id="listRecallOrders", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def list_orders(recall_id: FromPath[str], cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Line]:
        """What becomes of each and on which basis, in the order of ids."""
        with store.reading() as connection:
            found = queries.orders_of(connection, recall_id, after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.order_id,))

    return Router("/v1/redress", route_handlers=[list_recalls, list_owed, list_letters, get_recall, list_orders],
                  tags=["Redress"])  # fmt: skip
