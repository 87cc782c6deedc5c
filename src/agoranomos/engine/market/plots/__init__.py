"""Plots: what goes wrong in a market, planted beside its honest life and labelled in the truth.

A plot belongs to a desk; the two here need to know no desk and serve as examples.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from agoranomos.engine.market.lives import Life
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.world import World
from agoranomos.kernel.errors import NotFound


class Plot(Protocol):
    """Something that goes wrong on purpose. `name` is what one asks for it by, `desk` who has to find it."""

    @property
    def name(self) -> str: ...

    @property
    def desk(self) -> str: ...

    @property
    def about(self) -> str:
        """One line for lists."""

    def plant(self, world: World, stream: Stream) -> Life:
        """The life of the plot: its events, and a `Truth` for each who takes part.

        It may look at `world` and must not change it, draws from `stream` alone, makes its own sellers and stores,
        and must not depend on the length of the market; then the honest events are the same with and without it.
        """


def chosen(names: Iterable[str], plots: Iterable[Plot]) -> list[Plot]:
    """The plots called `names`, each once; raises NotFound and lists what there is."""
    known = {plot.name: plot for plot in plots}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            there = "; ".join(f"{plot.name} ({plot.about})" for plot in known.values())
            raise NotFound(f"there is no plot {name[:60]!r}; choose from: {there}")
    return [known[name] for name in wanted]
