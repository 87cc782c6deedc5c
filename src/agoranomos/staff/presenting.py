"""People, keys and approvals as they are shown outside: no secret, no hash, actors as `kind:id`."""

from __future__ import annotations

from typing import Any

import msgspec

from agoranomos.kernel.approvals.model import Approval, ApprovalStatus
from agoranomos.kernel.clock import rfc3339
from agoranomos.staff.model import ApiKey, Person
from agoranomos.staff.service import MadeKey


class Me(msgspec.Struct, frozen=True):
    """Who asks: `actor` such as `person:p_1` or `key:k1`; `name` and `roles` of people only."""

    actor: str
    name: str | None
    roles: list[str]
    permissions: list[str]


class ShownPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody; `has_password`: signs in with a local account, else through the identity provider only."""

    person_id: str
    name: str
    email: str
    roles: list[str]
    added_at: str
    disabled_at: str | None
    has_password: bool


class ShownKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key without its secret."""

    key_id: str
    name: str
    permissions: list[str]
    made_at: str
    made_by: str
    expires_at: str | None
    revoked_at: str | None


class ShownSecret(msgspec.Struct, frozen=True):
    """A key with what a program sends as `Authorization: Bearer …`; shown this once."""

    key: ShownKey
    secret: str


class Concerned(msgspec.Struct, frozen=True):
    """What something is to be done to."""

    kind: str
    id: str


class ShownApproval(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly what somebody wants to do (`kind`, to `subject`, with `params`), and what became of the wish.

    `beneficiaries` gain by it and may not agree to it.
    """

    approval_id: str
    kind: str
    subject: Concerned
    params: dict[str, Any]
    beneficiaries: list[str]
    requested_by: str
    requested_at: str
    expires_at: str
    status: ApprovalStatus
    decided_by: str | None
    decided_at: str | None


def person_shown(person: Person) -> ShownPerson:
    """`person` as shown to administrators."""
    return ShownPerson(
        person_id=person.person_id,
        name=person.name,
        email=person.email,
        roles=sorted(person.roles),
        added_at=rfc3339(person.added_at),
        disabled_at=rfc3339(person.disabled_at) if person.disabled_at else None,
        has_password=person.has_password,
    )


def key_shown(key: ApiKey) -> ShownKey:
    """`key` as shown to administrators."""
    return ShownKey(
        key_id=key.key_id,
        name=key.name,
        permissions=sorted(key.permissions),
        made_at=rfc3339(key.made_at),
        made_by=key.made_by,
        expires_at=rfc3339(key.expires_at) if key.expires_at else None,
        revoked_at=rfc3339(key.revoked_at) if key.revoked_at else None,
    )


def secret_shown(made: MadeKey) -> ShownSecret:
    """`made` as shown to whoever made it."""
    return ShownSecret(key_shown(made.key), made.secret)


def approval_shown(approval: Approval) -> ShownApproval:
    """`approval` as shown to whoever may see what waits."""
    wanted = approval.wanted
    return ShownApproval(
        approval_id=approval.approval_id,
        kind=wanted.kind,
        subject=Concerned(wanted.subject_kind, wanted.subject_id),
        params=wanted.params,
        beneficiaries=list(wanted.beneficiaries),
        requested_by=str(approval.requested_by),
        requested_at=rfc3339(approval.requested_at),
        expires_at=rfc3339(approval.expires_at),
        status=approval.status,
        decided_by=str(approval.decided_by) if approval.decided_by else None,
        decided_at=rfc3339(approval.decided_at) if approval.decided_at else None,
    )
