"""Who is there, who reads people's data, and what leaves the house."""

from __future__ import annotations

from typing import ClassVar, Literal

from agoranomos.kernel.schema.base import Body, Count, Id, Moment, Text

PrincipalKind = Literal["buyer", "merchant", "partner", "staff"]


class AccountRegistered(Body, frozen=True, kw_only=True):
    """`account.registered`: a new account. Phone and id number come as the marketplace's own tokens."""

    account_id: Id
    phone_token: str | None = None
    device_id: Id | None = None
    ip: str | None = None
    referrer: str | None = None
    legal_name: str | None = None
    id_number_token: str | None = None


class SessionStarted(Body, frozen=True, kw_only=True):
    """`session.started`: an account signed in."""

    account_id: Id
    principal_kind: PrincipalKind
    store_id: Id | None = None
    device_id: Id | None = None
    ip: str | None = None
    user_agent: str | None = None


class PartnerContracted(Body, frozen=True, kw_only=True):
    """`partner.contracted`: a partner may read these fields of these stores for these purposes, until `ends_at`."""

    principal_id: Id
    store_ids: tuple[Id, ...]
    purposes: tuple[str, ...]
    fields: tuple[str, ...]
    ends_at: Moment


class CanaryPlanted(Body, frozen=True, kw_only=True):
    """`canary.planted`: a made-up record, account or number that nobody honest has a reason to use."""

    canary_id: Id
    kind: Literal["record", "number", "account"]
    subject_id: Id | None = None
    number: Text | None = None
    either: ClassVar = (("subject_id", "number"),)


class DataRead(Body, frozen=True, kw_only=True):
    """`data.read`: someone was shown data of people. `subject_ids` are account ids; `principal_id` is the account of
    the session, or an API client. `export`: the answer leaves as a file.
    """

    principal_id: Id
    principal_kind: Text
    endpoint: Text
    fields: tuple[str, ...]
    subject_ids: tuple[Id, ...] | None = None
    subject_count: Count | None = None
    ip: str | None = None
    user_agent: str | None = None
    device_id: Id | None = None
    session_id: Id | None = None
    status: int | str | None = None
    export: bool | None = None
    store_id: Id | None = None
    purpose: str | None = None
    either: ClassVar = (("subject_ids", "subject_count"),)


class ExportRequested(Body, frozen=True, kw_only=True):
    """`export.requested`: someone wants to send data to another region."""

    export_id: Id
    principal_id: Id
    purpose: Text
    fields: tuple[str, ...]
    destination_region: Text
    subject_count: Count | None = None


class ExportApproved(Body, frozen=True, kw_only=True):
    """`export.approved`: a member of staff agreed."""

    export_id: Id
    staff_id: Id


TYPES: dict[str, type[Body]] = {
    "account.registered": AccountRegistered,
    "session.started": SessionStarted,
    "partner.contracted": PartnerContracted,
    "canary.planted": CanaryPlanted,
    "data.read": DataRead,
    "export.requested": ExportRequested,
    "export.approved": ExportApproved,
}
