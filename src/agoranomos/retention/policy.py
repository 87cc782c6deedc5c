"""The schedule: days and basis for each kind of data, as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import parsed, policy_in, stamped
from agoranomos.kernel.retained import Kept

NAME: Final = "retention"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`days` from the moment that a row ages from; 0: for good. `basis`: why so long."""

    days: Annotated[int, msgspec.Meta(ge=0, le=36_500)]
    basis: Annotated[str, msgspec.Meta(min_length=3, max_length=300)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    kinds: Mapping[str, Line]


def load_policy(kept: Sequence[Kept], folders: Sequence[Path] = ()) -> Policy:
    """`retention.toml` in the first of `folders` that has it, else the shipped one. Raises Invalid, naming the kind,
    when one is missing, unknown, or kept for fewer days than what still asks for it needs.
    """
    path = policy_in(folders, NAME)
    raw = path.read_bytes() if path else (resources.files(__package__) / "data" / f"{NAME}.toml").read_bytes()
    policy = parsed(raw, Policy, "retention")
    known = {each.kind: each for each in kept}
    for name in sorted(known.keys() ^ policy.kinds.keys()):
        what = "misses" if name in known else "has no kind called"
        raise Invalid(f"the policy of retention {what} {name}; kinds are {', '.join(sorted(known))}")
    for name, line in policy.kinds.items():
        if 0 < line.days < known[name].least_days:
            raise Invalid(f"kinds.{name}: fewer than {known[name].least_days} days would break what still asks for it")
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))
