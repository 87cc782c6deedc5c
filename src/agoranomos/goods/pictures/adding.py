"""A folder of pictures becomes known: every file is added, was known already, or is skipped with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from agoranomos.engine.pictures.bounds import REASONS, Skip
from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.files import Signed, signed_files
from agoranomos.engine.pictures.guard import Guard
from agoranomos.goods.pictures import actions
from agoranomos.goods.pictures.actions import Offered
from agoranomos.goods.pictures.model import Role
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.store import Store

NOT_ADDED: Final = {
    **REASONS,
    "name_unusable": "the file's name cannot be an id: 1 to 128 printable characters",
    "known_otherwise": "the same file is known in the other role; remove it there first",
    "no_marks": "too little in it to be found again, such as a plain colour",
}
"""Why a file did not become a known picture; the codes are stable."""
MARKS_MIN: Final = 6
"""With fewer marks no comparison reaches a probability of a half."""
_BATCH: Final = 100


class Skipped(msgspec.Struct, frozen=True):
    """A file that did not become known, and why (a code of NOT_ADDED)."""

    file: str
    reason: str


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the files of a folder."""

    files: int
    added: int
    changed: int
    unchanged: int
    skipped: int
    skipped_by_reason: dict[str, int]
    skips: tuple[Skipped, ...]


def files_in(folder: Path) -> list[Path]:
    """The files in a folder and all folders in it, in order; raises NotFound when there is none. Names that begin with
    a dot are passed over."""
    if folder.is_file():
        return [folder]
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and (path.is_symlink() or not path.is_dir())
    ]
    if not found:
        raise NotFound(f"there is no file in {folder}")
    return found


def add_files(
    store: Store,
    role: Role,
    paths: Sequence[Path],
    *,
    brand_id: str | None,
    cache: SignatureCache,
    guard: Guard,
    by: Actor,
    clock: Callable[[], datetime],
    tell: Callable[[int], None],
) -> Added:
    """Adds the pictures in `paths`, a hundred in a transaction: whoever is interrupted calls again, and what is done
    is not done twice. `tell` hears how many files were gone through."""
    counts: Counter[str] = Counter()
    skips: list[Skipped] = []
    done = 0
    for part in _batches(signed_files(paths, cache, guard)):
        offered = []
        for each in part:
            one = _offered(each)
            if isinstance(one, str):
                skips.append(Skipped(str(each.path), one))
            else:
                offered.append((each.path, one))
        with store.transaction() as connection:
            changes = actions.add(
                connection, role, [one for _, one in offered], brand_id=brand_id, by=by, now=clock()
            )  # fmt: skip
        for (path, _), change in zip(offered, changes, strict=True):
            if change == "known_otherwise":
                skips.append(Skipped(str(path), change))
            else:
                counts[change] += 1
        done += len(part)
        tell(done)
    reasons = Counter(each.reason for each in skips)
    return Added(
        files=done, added=counts["added"], changed=counts["changed"], unchanged=counts["unchanged"],
        skipped=len(skips), skipped_by_reason=dict(sorted(reasons.items())), skips=tuple(skips),
    )  # fmt: skip


def _offered(signed: Signed) -> Offered | str:
    if isinstance(signed.found, Skip):
        return signed.found.reason
    if not is_id(signed.path.stem):
        return "name_unusable"
    if len(signed.found) < MARKS_MIN:
        return "no_marks"
    assert signed.hash is not None, "what has a signature was read"
    return Offered(
        content=signed.hash.hex(), name=signed.path.stem, source=str(signed.path), signature=signed.found
    )  # fmt: skip


def _batches(signed: Iterable[Signed]) -> Iterator[list[Signed]]:
    rest = iter(signed)
    while part := list(islice(rest, _BATCH)):
        yield part
