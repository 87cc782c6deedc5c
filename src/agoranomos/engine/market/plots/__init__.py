"""Plots: what goes wrong in a market, planted beside its honest life and labelled in the truth.

A plot belongs to a desk; those here need to know no desk and serve as examples.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol, cast

import msgspec

from agoranomos.engine.market.lives import Life
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.world import World
from agoranomos.kernel.errors import Conflict, Invalid, NotFound

_DIGITS_MAX: Final = 6


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


def chosen(wanted: Iterable[str], plots: Iterable[Plot]) -> list[Plot]:
    """The plots that `wanted` asks for, each once: by name, or as `NAME:setting=number,…` with other settings.

    Raises NotFound and lists what there is, Invalid for a setting that the plot has not, and Conflict for two of one
    name.
    """
    known = {plot.name: plot for plot in plots}
    found: dict[str, Plot] = {}
    for spec in dict.fromkeys(wanted):
        name, _, settings = spec.partition(":")
        if name not in known:
            there = "; ".join(f"{plot.name} ({plot.about})" for plot in known.values())
            raise NotFound(f"there is no plot {name[:60]!r}; choose from: {there}")
        if name in found:
            raise Conflict(f"the plot {name} is asked for twice, with different settings")
        found[name] = _with(known[name], settings) if settings else known[name]
    return list(found.values())


def settings_of(plot: Plot) -> dict[str, int]:
    """The numbers that can be set of `plot`, by name."""
    fields = msgspec.structs.asdict(plot) if isinstance(plot, msgspec.Struct) else {}
    return {name: value for name, value in fields.items() if type(value) is int}


def _with(plot: Plot, settings: str) -> Plot:
    known = settings_of(plot)
    changed: dict[str, int] = {}
    for setting in settings.split(","):
        name, _, value = setting.partition("=")
        number = int(value) if value.isascii() and value.isdecimal() and len(value) <= _DIGITS_MAX else 0
        if name not in known or number < 1:
            there = ",".join(f"{each}={default}" for each, default in known.items())
            raise Invalid(f"settings of {plot.name} are written {there}, from 1 on; {setting[:60]!r} is none")
        changed[name] = number
    return cast("Plot", msgspec.structs.replace(cast("msgspec.Struct", plot), **changed))
