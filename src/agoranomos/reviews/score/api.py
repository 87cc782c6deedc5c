"""The two scores over HTTP: parse, one query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from agoranomos.kernel.errors import Invalid
from agoranomos.reviews.score.model import Scores
from agoranomos.reviews.score.service import ScoreService
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import problems

When = Annotated[datetime | None, QueryParameter(description="RFC 3339, with an offset; without it: now")]
Of = Annotated[str | None, QueryParameter(description="One listing alone; without it: all of the store")]


def api_router(service: ScoreService) -> Router:
    """The address under `/v1/reviews/scores`."""

    @get("/{store_id:str}", sync_to_thread=True, summary="The visible and the honest score of a store",
         operation_id="getReviewScores", opt={PERMISSION: "reviews.read"},
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(store_id: FromPath[str], as_of: FromQuery[When] = None, listing_id: FromQuery[Of] = None) -> Scores:
        """What is visible, what it would be if nobody had bought, extorted or pressed for a review, and why.

        Anonymous reviews count from when they are shown at the latest, and not for a listing.
        """
        if as_of is not None and as_of.tzinfo is None:
            raise Invalid("as_of needs an offset, such as Z or +08:00", pointer="/as_of")
        return service.scores(store_id, as_of=as_of, listing_id=listing_id)

    return Router("/v1/reviews/scores", route_handlers=[show], tags=["Reviews"])
