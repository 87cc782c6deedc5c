"""What the rooms of the goods desk go by: a file of each in a folder of the house, else as shipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from agoranomos.enforcement import policy as actions
from agoranomos.goods.batches import policy as batches
from agoranomos.goods.notices import policy as notices
from agoranomos.goods.programmes import policy as programmes
from agoranomos.goods.redress import policy as redress
from agoranomos.goods.testbuys import policy as testbuys
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import policy_in

NAMES: Final = ("actions", "batches", "listings", "notices", "programmes", "redress", "testbuys")
"""The files that a folder of policies may hold, each with the ending `.toml`."""


class Policies(msgspec.Struct, frozen=True, eq=False):
    """What may be done on whose word (`actions`), and what each room goes by."""

    actions: actions.Policy
    notices: notices.NoticePolicy
    redress: redress.RedressPolicy
    testbuys: testbuys.Policy
    batches: batches.Policy
    programmes: programmes.Policy


def load_policies(folders: Sequence[Path] = ()) -> Policies:
    """Each policy from the first of `folders` that has it, else as shipped. Raises Invalid, naming the key."""

    def path(name: str) -> Path | None:
        return policy_file(name, folders)

    return Policies(
        actions=actions.load_policy(path("actions")),
        notices=notices.load_policy(path("notices")),
        redress=redress.load_policy(path("redress")),
        testbuys=testbuys.load_policy(path("testbuys")),
        batches=batches.load_policy(path("batches")),
        programmes=programmes.load_policy(path("programmes")),
    )


def policy_file(name: str, folders: Sequence[Path]) -> Path | None:
    """The file of the policy `name` in the first of `folders` that has it."""
    assert name in NAMES, f"{name} is no policy"
    return policy_in(folders, name)


def require_policies(folder: Path, others: Iterable[str] = ()) -> None:
    """Raises Invalid when a folder that somebody names as one of policies holds none, or a file of another name: a
    policy under a wrong name would be passed over in silence. `others`: the names of other desks' policies."""
    names = sorted({*NAMES, *others})
    there = sorted(path.name for path in folder.glob("*.toml"))
    unknown = sorted(set(there) - {f"{name}.toml" for name in names})
    if unknown or not there:
        what = f"{unknown[0]}, which is the name of none" if unknown else "none"
        raise Invalid(f"{folder} is to hold policies and holds {what}; they are called {'.toml, '.join(names)}.toml")
