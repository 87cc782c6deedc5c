"""The policy of batches: read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.goods.batches.model import Why
from agoranomos.kernel.policies import loaded

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Scores(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The score of a batch by what speaks against it."""

    condemned: Share
    inspection: Share
    appraisal: Share

    def of(self, why: Why) -> float:
        """The score."""
        return float(getattr(self, why))


class Measures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which score of the batch, and which chance of the order or listing, an action is asked for."""

    score: Share
    listing_remove: Share
    shipment_stop: Share
    buyer_inform: Share


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    kept_days: Annotated[int, msgspec.Meta(ge=1, le=3_650)]
    lines_max: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    actions_max: Annotated[int, msgspec.Meta(ge=0, le=100_000)]
    scores: Scores
    measures: Measures


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "batches", __package__, path)
