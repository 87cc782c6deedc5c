"""What both sides of a notice said, from the log: the form, the answers, and why it was decided so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.goods.notices import actions
from agoranomos.goods.notices.actions import DECIDE
from agoranomos.goods.notices.model import Notice
from agoranomos.intake.queries import get_event, naming
from agoranomos.kernel.approvals.actions import open_about
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import derived
from agoranomos.kernel.schema.cases import NoticeFiled

ANSWERS_MAX: Final = 20
_NOT_LATER: Final = timedelta(days=1)


class Answered(msgspec.Struct, frozen=True):
    """What a seller said, and when."""

    at: datetime
    statement: str


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """`form` is what the rights holder said, without who filled it in (None: retention has taken it); `answers` of
    sellers, the first first; `reason` of the decision; `approvals` that a decision waits for or may rest on.
    """

    notice: Notice
    form: NoticeFiled | None
    answers: list[Answered]
    reason: str | None
    approvals: list[Approval]


def hearing(connection: sa.Connection, notice: Notice, now: datetime) -> Hearing:
    """Both sides of `notice`."""
    return Hearing(
        notice=notice, form=_form(connection, notice), answers=_answers(connection, notice, now),
        reason=actions.reason_of(connection, notice),
        approvals=open_about(connection, DECIDE, "notice", derived("nt", notice.notice_id), now),
    )  # fmt: skip


def _form(connection: sa.Connection, notice: Notice) -> NoticeFiled | None:
    try:
        body = get_event(connection, notice.source, notice.event_id).event.body
    except NotFound:
        return None
    if not isinstance(body, NoticeFiled):
        return None
    whose: dict[str, Any] = dict.fromkeys(
        ("filer_name", "filer_email", "filer_phone", "filer_address", "signature")
    )  # fmt: skip
    return msgspec.structs.replace(body, **whose)


def _answers(connection: sa.Connection, notice: Notice, now: datetime) -> list[Answered]:
    if notice.countered_at is None:
        return []
    until = (notice.decided_at or now) + _NOT_LATER
    said = naming(
        connection, "notice.countered", "notice_id", [notice.notice_id], since=notice.countered_at, until=until,
        limit=ANSWERS_MAX,
    )  # fmt: skip
    return [Answered(each.time, str(each.data.get("statement", ""))) for each in said]
