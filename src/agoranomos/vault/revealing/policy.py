"""The policy of the vault: what personal data may be read for, and by whom how much a day; read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import loaded, policy_in
from agoranomos.staff.roles import Role
from agoranomos.vault.tokens import KeptFor, Kind

NAME: Final = "vault"
"""The file in a folder of policies, with the ending `.toml`."""
LOCAL: Final = "local"
"""In the place of a role: whoever works at the machine itself."""
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a value is needed for, in words, and which values were kept for that."""

    about: Annotated[str, msgspec.Meta(min_length=1)]
    kept_for: frozenset[KeptFor]


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one person may see in a day, and all people of the role `together`."""

    values_per_day: Count
    searches_per_day: Count
    values_per_day_together: Count


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    alone_max: Count
    people_max: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    permit_minutes: Minutes
    fresh_kinds: frozenset[Kind]
    fresh_minutes: Minutes
    purposes: Mapping[str, Purpose]
    budgets: Mapping[str, Budget]

    def purpose(self, name: str) -> Purpose:
        """Raises Invalid for one that does not exist."""
        if name not in self.purposes:
            raise Invalid(f"a purpose is one of {', '.join(self.purposes)}", pointer="/purpose")
        return self.purposes[name]

    def largest(self, roles: Iterable[str]) -> tuple[str, Budget] | None:
        """The role of `roles` with the largest budget, and that budget; None when none of them has one."""
        held = [(self.budgets[role], role) for role in sorted(roles) if role in self.budgets]
        if not held:
            return None
        budget, role = max(held, key=lambda one: (one[0].values_per_day, one[0].searches_per_day))
        return role, budget


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    policy = loaded(Policy, NAME, __package__, path)
    if unknown := sorted(set(policy.budgets) - {*Role, LOCAL}):
        raise Invalid(f"the policy of the vault has budgets.{unknown[0]}, which is no role")
    return policy


def policy_of(folders: Sequence[Path]) -> Policy:
    """`vault.toml` in the first of `folders` that has it, else the shipped one."""
    return load_policy(policy_in(folders, NAME))
