"""What the rooms about conduct go by: files in the home folder, else those shipped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agoranomos.sellers.freeze.policy import Policy as FreezePolicy
from agoranomos.sellers.freeze.policy import load_policy as load_freeze
from agoranomos.sellers.points.policy import Policy as PointsPolicy
from agoranomos.sellers.points.policy import load_policy as load_points


@dataclass(frozen=True, slots=True)
class Policies:
    """One for each room."""

    points: PointsPolicy
    freeze: FreezePolicy


def load_policies(home: Path | None = None) -> Policies:
    """`points.toml` and the like in `home`, else as shipped. Raises Invalid."""

    def own(name: str) -> Path | None:
        path = None if home is None else home / f"{name}.toml"
        return path if path is not None and path.exists() else None

    return Policies(load_points(own("points")), load_freeze(own("freeze")))
