"""The policy of frozen money; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from agoranomos.kernel.policies import loaded
from agoranomos.sellers.freeze.model import Scope

Days = Annotated[int, msgspec.Meta(ge=1, le=365)]


class DaysMax(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long money of an order, listing or store is frozen at most."""

    order: Days
    listing: Days
    store: Days


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far back orders are followed."""

    days: Days


class Suspected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many buyers who suspect fakes, within how many days, freeze a listing. `complaint_min`: from which
    probability on a complaint says so.
    """

    complaint_min: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
    buyers: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    within_days: Days


class AtOnce(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What freezes at once: upheld cases about these kinds of subject, upheld notices of these kinds, stores closed for
    these reasons.
    """

    cases: tuple[Scope, ...]
    notices: tuple[Literal["counterfeit", "trademark", "copyright", "patent"], ...]
    closings: tuple[Literal["violation", "voluntary", "inactivity"], ...]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of frozen money; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    days_max: DaysMax
    window: Window
    suspected: Suspected
    at_once: AtOnce

    @property
    def followed(self) -> timedelta:
        """How long an order is followed."""
        return timedelta(days=self.window.days)


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "frozen money", __package__, path)
