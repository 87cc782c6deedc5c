from __future__ import annotations

import pytest

from agoranomos.engine.market.plots import Plot, chosen
from agoranomos.engine.market.plots.returning_seller import ReturningSeller
from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.kernel.errors import NotFound

PLOTS: tuple[Plot, ...] = (ReturningSeller(), TopUpGlitch())


def test_plots_are_chosen_by_name_each_once() -> None:
    assert chosen(["top-up-glitch", "top-up-glitch"], PLOTS) == [PLOTS[1]]
    assert chosen([], PLOTS) == []


def test_an_unknown_name_is_refused_with_what_there_is() -> None:
    with pytest.raises(NotFound, match=r"returning-seller .*top-up-glitch"):
        chosen(["bribe"], PLOTS)
