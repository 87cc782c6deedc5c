"""The files of the access desk that a folder of policies may hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agoranomos.kernel.policies import policy_in

NAMES: Final = ("exposure", "harvest", "insiders")
"""Each with the ending `.toml`."""


def policy_file(name: str, folders: Sequence[Path]) -> Path | None:
    """The file of the policy `name` in the first of `folders` that has it."""
    assert name in NAMES, f"{name} is no policy"
    return policy_in(folders, name)
