"""The verbs of notices, given an open transaction: file, answer, decide.

Each puts an event into the log, as a marketplace would that keeps its own notice desk, and lets the rules hear it at
once; so the log holds everything, and a replay of it comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import SALT_BYTES, Entry, Sealed, seal
from agoranomos.goods.notices import queries
from agoranomos.goods.notices.deadlines import too_early
from agoranomos.goods.notices.model import Notice, Verdict
from agoranomos.goods.notices.policy import NoticePolicy
from agoranomos.goods.notices.queries import StoreCabinet
from agoranomos.intake.actions import accept
from agoranomos.intake.queries import get_event
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.ids import derived
from agoranomos.kernel.schema.cases import NoticeDecided
from agoranomos.staff import approving
from agoranomos.vault.keys import Vault

SOURCE: Final = "agoranomos/notices"
DECIDE: Final = "notice.decide"
Follow = Callable[[sa.Connection, datetime], None]
"""Lets the rules hear what was put into the log."""
Draw = Callable[[int], bytes]


class Verbs(msgspec.Struct, frozen=True):
    """What the verbs work with."""

    vault: Vault
    policy: NoticePolicy
    follow: Follow
    draw: Draw


def file(
    connection: sa.Connection, verbs: Verbs, data: Mapping[str, Any], *, by: Actor, key: str | None, now: datetime
) -> Notice:
    """Files a notice, or completes one that lacked something; the same again changes nothing.

    `data` are the fields of `notice.filed`; without `notice_id` it gets one. `key` is the idempotency key. Raises
    Invalid, and Conflict when a notice of this id was filed with other content and is complete.
    """
    content = msgspec.json.encode(data, order="sorted").decode()
    notice_id = data.get("notice_id") or derived("n", str(by), key if key is not None else f"{content}{rfc3339(now)}")
    told = {**data, "notice_id": notice_id}
    event_id = derived("e", "notice.filed", str(by), msgspec.json.encode(told, order="sorted").decode())
    known = StoreCabinet(connection).get(notice_id)
    if known is not None and known.state != "incomplete" and not _is_told(connection, event_id):
        raise Conflict("a notice with this id was filed before, with other content; file another one")
    if known is not None and known.rights_holder_id != data.get("rights_holder_id"):
        raise Conflict("a notice with this id was filed by another rights holder; file another one")
    if _tell(connection, verbs, "notice.filed", event_id, told, now):
        notice = queries.get(connection, notice_id)
        params: dict[str, Any] = {"kind": notice.kind, "state": notice.state, "listings": len(notice.targets)}
        _record(connection, notice, "notice.file", params, by, now)
    return queries.get(connection, notice_id)


def counter(
    connection: sa.Connection, verbs: Verbs, notice_id: str, statement: str, *, by: Actor, now: datetime
) -> Notice:
    """The seller's answer; answering the same again changes nothing. Raises NotFound, Conflict once it is decided."""
    notice = queries.get(connection, notice_id)
    data = {"notice_id": notice_id, "statement": statement}
    event_id = derived("e", "notice.countered", notice_id, statement)
    if _is_told(connection, event_id):
        return notice
    _require_waiting(notice)
    _tell(connection, verbs, "notice.countered", event_id, data, now)
    _record(connection, notice, "notice.counter", {"kind": notice.kind}, by, now)
    return queries.get(connection, notice_id)


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """A decision to be taken: `outcome` for all listings but those in `listings`; `reason` is told to the parties."""

    outcome: Verdict
    listings: Mapping[str, Verdict] = {}
    reason: str = ""

    def upheld(self, notice: Notice) -> list[str]:
        """The listings of `notice` that it upholds."""
        return [each.listing_id for each in notice.own if self.listings.get(each.listing_id, self.outcome) == "upheld"]


def decide(
    connection: sa.Connection, verbs: Verbs, notice_id: str, ruling: Ruling, *, by: Actor, now: datetime,
    approval_id: str | None = None,
) -> Notice | Approval:  # fmt: skip
    """Decides a notice; what takes a second person is asked for, and done when it is asked again with the approval.

    Raises NotFound, Invalid for a listing that it does not decide about, and Conflict when it does not wait, or when
    the seller may still answer.
    """
    notice = queries.get(connection, notice_id)
    _require_waiting(notice)
    strangers = sorted(ruling.listings.keys() - {each.listing_id for each in notice.own})
    if strangers:
        raise Invalid("the notice does not decide about one of these listings", pointer="/listings")
    upheld = ruling.upheld(notice)
    if upheld and too_early(notice, verbs.policy.clocks[notice.kind], now):
        until = rfc3339(notice.counter_until) if notice.counter_until else ""
        raise Conflict(f"the seller may answer until {until}; uphold it then, or when the answer is there")
    params: dict[str, Any] = {"upheld": len(upheld), "rejected": len(notice.own) - len(upheld)}
    if upheld and needs_second(connection, notice, upheld, verbs.policy):
        wanted = _wanted(notice, ruling)
        if approval_id is None:
            return approving.request(connection, wanted, by=by, now=now)
        approving.spend(connection, approval_id, wanted, by=by, now=now)
        params["approval_id"] = approval_id
    data = {
        "notice_id": notice_id, "outcome": ruling.outcome, "decided_by": str(by),
        "listings": [{"listing_id": name, "outcome": each} for name, each in sorted(ruling.listings.items())],
    } | ({"reason": ruling.reason} if ruling.reason else {})  # fmt: skip
    _tell(connection, verbs, "notice.decided", derived("e", "notice.decided", notice_id, rfc3339(now)), data, now)
    sealed = {"reason": seal(ruling.reason, verbs.draw(SALT_BYTES))} if ruling.reason else None
    _record(connection, notice, DECIDE, params, by, now, sealed)
    return queries.get(connection, notice_id)


def needs_second(connection: sa.Connection, notice: Notice, upheld: Sequence[str], policy: NoticePolicy) -> list[str]:
    """Why upholding `upheld` takes a second person, in codes; empty when it does not."""
    second = policy.second_person
    authorised = StoreCabinet(connection).brand(notice.brand_id).authorised_store_ids or ()
    stores = {each.store_id for each in notice.own if each.listing_id in upheld}
    found = []
    if second.doubtful and (notice.standing == "doubtful" or set(notice.conflicts) - {"brand_unknown"}):
        found.append("doubtful")
    if second.authorised_store and stores & set(authorised):
        found.append("authorised_store")
    if len(upheld) >= second.listings:
        found.append("listings")
    return found


def reason_of(connection: sa.Connection, notice: Notice) -> str | None:
    """The reason that the decision gave."""
    if notice.decision_event is None:
        return None
    body = get_event(connection, *notice.decision_event).event.body
    return body.reason if isinstance(body, NoticeDecided) else None


def _wanted(notice: Notice, ruling: Ruling) -> Wanted:
    # Ids that others gave may hold what an audit entry must not: the subject is a hash, the id a parameter.
    return Wanted(
        kind=DECIDE,
        subject_kind="notice",
        subject_id=derived("nt", notice.notice_id),
        params={
            "notice_id": notice.notice_id,
            "outcome": ruling.outcome,
            "listings": dict(sorted(ruling.listings.items())),
            "reason": derived("r", ruling.reason),
        },
        beneficiaries=(notice.rights_holder_id,),
    )


def _require_waiting(notice: Notice) -> None:
    match notice.state:
        case "incomplete":
            raise Conflict(f"the form lacks {', '.join(notice.missing)}; the rights holder has to complete it first")
        case "merged":
            others = sorted({each.merged_into for each in notice.targets if each.merged_into is not None})
            raise Conflict(f"every listing of this notice is in an earlier one; decide {', '.join(others)}")
        case "decided":
            raise Conflict("this notice is decided; what was decided is overturned by a case, on appeal")
        case _:
            return


def _tell(
    connection: sa.Connection, verbs: Verbs, kind: str, event_id: str, data: Mapping[str, Any], now: datetime
) -> bool:
    """Puts an event into the log and lets the rules hear it; whether it was new."""
    event = parse_event(
        {"specversion": "1.0", "id": event_id, "source": SOURCE, "type": kind, "time": rfc3339(now), "data": {**data}}
    )
    if _is_told(connection, event_id):
        return False
    accept(connection, verbs.vault, [event], now=now)
    verbs.follow(connection, now)
    return True


def _is_told(connection: sa.Connection, event_id: str) -> bool:
    try:
        get_event(connection, SOURCE, event_id)
    except NotFound:
        return False
    return True


def _record(
    connection: sa.Connection, notice: Notice, verb: str, params: Mapping[str, Any], by: Actor, now: datetime,
    sealed: Mapping[str, Sealed] | None = None,
) -> None:  # fmt: skip
    entry = Entry(at=now, actor=by, verb=verb, subject_kind="notice", subject_id=notice.notice_id, params=dict(params))
    record(connection, entry, sealed)
