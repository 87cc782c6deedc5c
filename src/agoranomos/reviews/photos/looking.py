"""What the photos of a review tell beside what is seen in them: place, time, camera, owner.

Files under the pictures' root are looked at, where those of listings lie as well. A URL is not fetched and a hash shows
nothing: of these nobody can say.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

PHOTOS_MAX: Final = 50
"""Of one review; nobody looks at more."""


class Telling(msgspec.Struct, frozen=True):
    """Photo number `place` (from 1 on) still has `what`: names of parts that are left out when it is stripped."""

    place: int
    what: tuple[str, ...]


Look = Callable[[Sequence[str]], tuple[Telling, ...]]


def nobody_looks(names: Sequence[str]) -> tuple[Telling, ...]:  # noqa: ARG001 - a look's signature
    """Where no pictures' root is known."""
    return ()


class Photos:
    """Looks at photos under `root`. May be copied into another process."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)

    def __call__(self, names: Sequence[str]) -> tuple[Telling, ...]:
        """Those of `names` that tell something. What is not there, or no picture that is read, tells nothing."""
        return tuple(
            Telling(number, what) for number, name in enumerate(names[:PHOTOS_MAX], 1) if (what := self._told_by(name))
        )

    def _told_by(self, name: str) -> tuple[str, ...]:
        # What looks at pictures takes half a second to import, and who knows no root looks at none.
        from agoranomos.engine.pictures.bounds import Limits, Skip  # noqa: PLC0415
        from agoranomos.engine.pictures.files import read_bounded  # noqa: PLC0415
        from agoranomos.engine.pictures.places import placed  # noqa: PLC0415
        from agoranomos.engine.pictures.stripping.strip import strip  # noqa: PLC0415

        limits, path = Limits(), placed(self._root, name)
        if isinstance(path, str):
            return ()
        data = read_bounded(path, limits.bytes_max)
        found = data if isinstance(data, Skip) else strip(data, limits)
        return () if isinstance(found, Skip) else found.removed


def looking(root: Path | None) -> Look:
    """Who looks at photos under `root`; None: nobody."""
    return nobody_looks if root is None else Photos(root)
