"""The policy of referrals: which authorities there are, and what each may be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.policies import parsed, policy_in, stamped
from agoranomos.vault.tokens import Kind

NAME: Final = "referral"
Count = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


class Authority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom matters are referred to: what it is called, and which kinds of personal data it may be given; `attachments`:
    whether also what is attached to cases, which may be about anybody.
    """

    chinese: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    english: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    personal: tuple[Kind, ...] = ()
    attachments: bool = False


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    events_max: Count
    days: Count
    people_max: Count
    authorities: Mapping[str, Authority]

    def authority(self, name: str) -> Authority:
        """Raises Invalid for one that is not in the policy."""
        if name not in self.authorities:
            known = ", ".join(sorted(self.authorities))
            raise Invalid(f"there is no such authority in the policy; it knows {known}", pointer="/authority")
        return self.authorities[name]


def load_policy(folders: Sequence[Path] = ()) -> Policy:
    """`referral.toml` in the first of `folders` that has it, else the shipped one. Raises Invalid, naming the key."""
    path = policy_in(folders, NAME)
    raw = path.read_bytes() if path else (resources.files(__package__) / "data" / f"{NAME}.toml").read_bytes()
    policy = parsed(raw, Policy, "referrals")
    if not policy.authorities or not all(map(is_id, policy.authorities)):
        raise Invalid("the policy of referrals needs at least one authority, each under a name")
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))
