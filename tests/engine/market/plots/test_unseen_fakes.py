from __future__ import annotations

from collections import Counter

import numpy as np

from agoranomos.engine.market.plots.unseen_fakes import UnseenFakes
from agoranomos.goods.testbuys.design import Candidate, Settings, design
from agoranomos.goods.testbuys.drawing import draw
from agoranomos.goods.testbuys.estimating import Answer, estimate
from tests.engine.market.builders import make_market, make_settings

PLOT = UnseenFakes()
MARKET = make_market(make_settings(5), PLOT)
ROLES = {row.subject_id: row.role for row in MARKET.truth if row.plot == PLOT.name}
LISTED = [event.data for event in MARKET.of("listing.submitted") if event.data["listing_id"] in ROLES]


def test_fakes_are_as_many_as_asked_for_and_look_like_any_other() -> None:
    assert len(LISTED) == len(ROLES) == PLOT.stores * PLOT.listings
    assert Counter(ROLES.values())["fake"] == round(len(ROLES) * PLOT.percent / 100)
    price = {role: np.median([data["price"]["amount"] for data in LISTED if ROLES[data["listing_id"]] == role])
             for role in ("fake", "genuine")}  # fmt: skip
    assert 0.4 < price["fake"] / price["genuine"] < 2.5


def test_buying_at_random_finds_their_rate() -> None:
    """One plan over the shelf of the plot, appraised by the truth: the interval holds the rate."""
    rows = [
        Candidate(data["listing_id"], data["store_id"], data["category"], 0.02, data["price"]["amount"] + 27_000)
        for data in LISTED
    ]
    made = design(rows, 4_000_000, Settings())
    chosen = draw(made, b"a seed of thirty-two bytes, here")
    answers = [
        Answer(row, made.strata[place], float(made.inclusion[place]),
               ROLES[made.candidates[place].listing_id] == "fake")
        for row, place in enumerate(chosen)
    ]  # fmt: skip
    found = estimate(answers, dict(Counter(made.strata)), made.chances.joint(chosen))
    assert found is not None
    assert found.low <= PLOT.percent / 100 <= found.high
    assert found.high < 0.25
