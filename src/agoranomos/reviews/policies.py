"""What the rooms of the reviews desk go by: a file of each in a folder of the house, else as shipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agoranomos.kernel.policies import policy_in

NAMES: Final = (
    "anonymous-reviews", "bought-praise", "extortion", "hired-operators", "review-pressure", "review-score",
    "virtual-numbers",
)  # fmt: skip
"""The files of the reviews desk that a folder of policies may hold, each with the ending `.toml`."""


def policy_file(name: str, folders: Sequence[Path]) -> Path | None:
    """The file of the policy `name` in the first of `folders` that has it."""
    assert name in NAMES, f"{name} is no policy"
    return policy_in(folders, name)
