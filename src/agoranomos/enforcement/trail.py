"""What stands in the audit log of an action."""

from __future__ import annotations

from datetime import datetime

from agoranomos.audit.model import Entry
from agoranomos.enforcement.queries import Kept
from agoranomos.kernel.actors import Actor


def entry_of(action: Kept, verb: str, by: Actor, now: datetime, **more: str) -> Entry:
    """The audit entry that `by` did `verb` to `action`; `more` ids that belong to it."""
    params: dict[str, str | int] = {
        "kind": action.kind,
        "subject": f"{action.subject.kind}:{action.subject.id}",
        "status": action.status,
    }
    for name in ("measure_id", "approval_id", "reverses"):
        if (value := getattr(action, name)) is not None:
            params[name] = value
    params.update(more)
    # Ids that a marketplace gave may hold what an entry must not; the action itself is kept beside the log.
    plain = {name: value for name, value in params.items() if isinstance(value, int) or _is_token(value)}
    return Entry(at=now, actor=by, verb=verb, subject_kind="action", subject_id=action.id, params=plain)


def _is_token(value: str) -> bool:
    return "@" not in value and not any(map(str.isspace, value)) and len(value) <= 128
