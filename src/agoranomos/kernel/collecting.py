"""The garbage collector looks seldom, as nearly nothing here is garbage in cycles.

Of a process that serves, what was made before the first request is left alone.
"""

from __future__ import annotations

import gc
from typing import Final

_YOUNG_MAX: Final = 10_000
"""Objects made and not yet freed before the young ones are looked through (Python: 700). Nearly all of a request's
are freed when it ends, so that a look finds little; the fewer looks, the fewer requests wait for one.
"""

_YOUNG_OF_COMMANDS_MAX: Final = 50_000
"""The same of a command, for which nobody waits by the millisecond: a start makes a million objects that stay."""

_YOUNG_OF_HISTORIES_MAX: Final = 500_000
"""The same of a process that hears a history: what garbage there is in cycles takes some 50 MB at most until a look."""


def collect_seldom() -> None:
    """For a command: a sixth of the time of a replay was spent on looking through events that are all in use."""
    gc.set_threshold(_YOUNG_OF_COMMANDS_MAX, *gc.get_threshold()[1:])


def collect_no_history() -> None:
    """For a process that hears a history, once it is ready: nearly all that it makes from now on is either freed by the
    next stretch or known to the end, and each look would go through the latter.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG_OF_HISTORIES_MAX, *gc.get_threshold()[1:])


def spare_what_stays() -> None:
    """Takes all objects there are out of the collector's sight, for as long as the process lives.

    The registry, its words and the tables are millions of objects that stay. A full collection goes through all of
    them and stops everything for half a second at 100,000 names. What the start left behind stays with it: to collect
    that first would take the start the same half second.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG_MAX, *gc.get_threshold()[1:])
