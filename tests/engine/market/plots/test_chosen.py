from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agoranomos.engine.market.lives import say
from agoranomos.engine.market.plots import Plot, chosen, settings_of
from agoranomos.engine.market.plots.bad_faith_notices import BadFaithNotices
from agoranomos.engine.market.plots.commingled_batch import CommingledBatch
from agoranomos.engine.market.plots.disguised_brand import DisguisedBrand
from agoranomos.engine.market.plots.returning_seller import ReturningSeller
from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.market.plots.unseen_fakes import UnseenFakes
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, SECOND, hour_of
from agoranomos.engine.market.truth import Truth
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from tests.engine.market.builders import make_market, make_settings
from tests.engine.market.contract import faults

PAGE = Path(__file__).parents[4] / "docs" / "market.md"

PLOTS: tuple[Plot, ...] = (
    BadFaithNotices(), CommingledBatch(), DisguisedBrand(), ReturningSeller(), TopUpGlitch(), UnseenFakes(),
)  # fmt: skip


def test_plots_are_chosen_by_name_each_once() -> None:
    assert chosen(["top-up-glitch", "top-up-glitch"], PLOTS) == [TopUpGlitch()]
    assert chosen([], PLOTS) == []


def test_a_plot_is_planted_with_other_settings() -> None:
    [plot] = chosen(["top-up-glitch:ring=5,day=1"], PLOTS)
    assert plot == TopUpGlitch(ring=5, day=1)
    assert settings_of(plot)["ring"] == 5
    assert set(settings_of(ReturningSeller())) == {"per_level", "tries"}


@pytest.mark.parametrize(
    "settings", ["rings=5", "ring", "ring=-1", "ring=0", "ring=٣", "ring=1e3", "name=x", "ring=5,", "ring=1234567"]
)
def test_settings_that_a_plot_has_not_are_refused_with_those_it_has(settings: str) -> None:
    with pytest.raises(Invalid, match="day=2,hours=4,ring=24"):
        chosen([f"top-up-glitch:{settings}"], PLOTS)


def test_one_plot_is_not_planted_in_two_ways() -> None:
    with pytest.raises(Conflict, match="twice"):
        chosen(["top-up-glitch", "top-up-glitch:ring=5"], PLOTS)


def test_an_unknown_name_is_refused_with_what_there_is() -> None:
    with pytest.raises(NotFound, match=r"returning-seller .*top-up-glitch"):
        chosen(["bribe"], PLOTS)


def test_the_plot_of_the_documentation_can_be_planted() -> None:
    code = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"DAY": DAY, "HOUR": HOUR, "MINUTE": MINUTE, "SECOND": SECOND, "Truth": Truth, "say": say}
    exec(code[0], names)
    market = make_market(make_settings(4), names["NightReader"]())
    [row] = [row for row in market.truth if row.kind == "plot"]
    read = [e for e in market.of("data.read") if e.data["principal_id"] == row.subject_id and hour_of(e.at) in (2, 3)]
    assert len(read) == 60
    assert not [fault for event in read for fault in faults(event.line())]
