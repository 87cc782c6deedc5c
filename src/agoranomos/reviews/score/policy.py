"""The policy of the two scores; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    rating_max: Annotated[int, msgspec.Meta(ge=1, le=4)]
    hours_max: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    base_after_contact: Share
    base_by_itself: Share
    pressing: Share
    hold_days: Annotated[int, msgspec.Meta(ge=0, le=365)]
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)]


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "the two scores", __package__, path)
