from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agoranomos.engine.market.lives import say
from agoranomos.engine.market.plots import Plot, chosen
from agoranomos.engine.market.plots.returning_seller import ReturningSeller
from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, SECOND, hour_of
from agoranomos.engine.market.truth import Truth
from agoranomos.kernel.errors import NotFound
from tests.engine.market.builders import make_market, make_settings
from tests.engine.market.contract import faults

PAGE = Path(__file__).parents[4] / "docs" / "market.md"

PLOTS: tuple[Plot, ...] = (ReturningSeller(), TopUpGlitch())


def test_plots_are_chosen_by_name_each_once() -> None:
    assert chosen(["top-up-glitch", "top-up-glitch"], PLOTS) == [PLOTS[1]]
    assert chosen([], PLOTS) == []


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
