"""Old checkpoints are thinned out: one a minute is half a million a year, and each repeats what the later ones sign.

The tree under the last checkpoint is the same without them, and so is what `verify` finds; it only says less exactly
between which two checkpoints a change lies. Proofs, witnesses and anchors need none of those that are removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from itertools import islice
from typing import Annotated, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit import queries, rotation
from agoranomos.audit.actions import hold_signing, record
from agoranomos.audit.model import Entry
from agoranomos.audit.notes import Note, VerifierKey
from agoranomos.audit.queries import AgedCheckpoint
from agoranomos.audit.verifying import checked
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.policies import parsed

VERB: Final = "audit.thin"
AT_A_TIME: Final = 200
"""Each is verified before it goes, and others wait to write meanwhile: some tenths of a second."""
_Seconds = Annotated[int, msgspec.Meta(ge=3_600, le=3_153_600_000)]


class Keeping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All checkpoints are kept for `all_kept_s`, the last of each hour for `hourly_kept_s`, of each day for good."""

    all_kept_s: _Seconds
    hourly_kept_s: _Seconds


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of the audit log."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    checkpoints: Keeping


def parse_policy(raw: bytes) -> Policy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, Policy, "the audit log")
    if policy.checkpoints.hourly_kept_s < policy.checkpoints.all_kept_s:
        raise Invalid("checkpoints.hourly_kept_s must not be below checkpoints.all_kept_s")
    return policy


def load_policy() -> Policy:
    """The shipped policy."""
    return parse_policy((resources.files(__package__) / "data" / "policy.toml").read_bytes())


def thin(connection: sa.Connection, key: VerifierKey, *, keeping: Keeping, now: datetime) -> int:
    """Removes up to AT_A_TIME checkpoints that the policy does not keep, and records that; returns how many.

    Kept in any case: the last one, what a witness has cosigned, what was anchored, what two keys have signed, and what
    is not as it was signed by `key` or one that it vouches for: that is evidence.
    """
    hold_signing(connection)
    old = queries.aged_checkpoints(connection, now - timedelta(seconds=keeping.all_kept_s))
    superfluous = _superfluous(old, now - timedelta(seconds=keeping.hourly_kept_s))
    terms = rotation.terms([key], _rotations(connection))
    good = (one.size for one in superfluous if _is_as_signed(connection, one, terms))
    gone = list(islice(good, AT_A_TIME))
    if not gone:
        return 0
    queries.remove_checkpoints(connection, gone)
    entry = Entry(
        at=now, actor=SYSTEM, verb=VERB, subject_kind="audit_checkpoint", subject_id=str(gone[-1]),
        params={"removed": len(gone), "first": gone[0]},
    )  # fmt: skip
    record(connection, entry)
    return len(gone)


def _superfluous(old: Sequence[AgedCheckpoint], hourly_from: datetime) -> list[AgedCheckpoint]:
    """Those of `old` (by size) that are not the last of their hour, or day, and that nobody outside relies on."""
    last = {_slot(one.at, hourly_from): one.size for one in old}
    return [one for one in old if not one.relied_on and last[_slot(one.at, hourly_from)] != one.size]


def _slot(at: datetime, hourly_from: datetime) -> datetime:
    """The hour, or day (UTC), of which one checkpoint is kept."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour if at >= hourly_from else hour.replace(hour=0)


def _rotations(connection: sa.Connection) -> list[rotation.Rotation]:
    found: list[rotation.Rotation] = []
    after = -1
    while entries := queries.find(connection, subject_kind="audit_key", after=after):
        read = (rotation.read(one.index, one.entry.params) for one in entries if one.entry.verb == rotation.VERB)
        found += [one for one in read if one is not None]
        after = entries[-1].index
    return found


def _is_as_signed(connection: sa.Connection, one: AgedCheckpoint, terms: Iterable[rotation.Term]) -> bool:
    signed = checked(one.note, one.size, "the store", list(terms), [])
    if signed is None or len(Note.parse(one.note).signatures) > 1:
        return False
    try:
        return one.size == 0 or queries.mth(connection)(0, one.size) == signed.head.root
    except Conflict:
        return False
