"""The policy of redress, read from a TOML file, which is checked strictly and as a whole."""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import parsed, stamped


class RedressPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See data/policy.toml; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    window_days: Annotated[int, msgspec.Meta(ge=1, le=3_660)]
    after_days: Annotated[int, msgspec.Meta(ge=0, le=366)]
    look_hours: Annotated[int, msgspec.Meta(ge=1, le=720)]
    batch_share: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
    clauses: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    not_clauses: tuple[str, ...] = ()

    @property
    def orders_kept(self) -> timedelta:
        """How long an order can still matter: it lies in the window of a confirmation, and what follows is looked for
        some days longer."""
        return timedelta(days=self.window_days + self.after_days + 1)

    def confirms(self, clause: str) -> bool:
        """Whether a case upheld under this clause says that the goods are fake."""
        words = clause.casefold()
        said = any(fnmatchcase(words, pattern) for pattern in self.clauses)
        return said and not any(fnmatchcase(words, pattern) for pattern in self.not_clauses)


def load_policy(path: Path | None = None) -> RedressPolicy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    source = path or resources.files(__package__) / "data" / "policy.toml"
    return parse_policy(source.read_bytes())


def parse_policy(raw: bytes) -> RedressPolicy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, RedressPolicy, "redress")
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))
