"""Whom personal data is about: `seller:s-1` in the vault, and a derived id wherever nothing can be erased. What was
attached to a case may be about anybody, and lies under the case itself: `case:c_1`.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import derived, is_id

SubjectKind = Literal["seller", "account", "rights_holder", "case"]


class Whom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seller, an account or a rights holder, by the id that the marketplace gave them; or a case."""

    kind: SubjectKind
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]

    @property
    def key(self) -> str:
        """As the vault's tables name them. Raises Invalid for an id that is none."""
        if not is_id(self.id):
            raise Invalid("the id of a seller or account has 1 to 128 printable characters", pointer="/id")
        return f"{self.kind}:{self.id}"


def whom(key: str) -> Whom:
    """The subject that the vault's tables name `key`. Raises Invalid for what is written otherwise."""
    kind, _, subject_id = key.partition(":")
    if kind not in get_args(SubjectKind) or not subject_id:
        raise Invalid("a subject is written seller:ID, account:ID, rights_holder:ID or case:ID")
    return Whom(kind, subject_id)  # type: ignore[arg-type] # one of them


def audit_id(key: str) -> str:
    """The subject in the audit log: an id of a marketplace may hold what an entry must not, such as an address."""
    return derived("vs", key)
