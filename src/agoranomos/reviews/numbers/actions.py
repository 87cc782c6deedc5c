"""The verbs of virtual numbers, given an open transaction; event and audit entry beside each change.

The provider is asked between two transactions, never within one: first it is written what is wanted, then what came of
it. Whatever happens in between, the sweep finishes. No number stands in an audit entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.enforcement import queries as enforced
from agoranomos.intake.model import Counts as Accepted
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import parse_rfc3339, rfc3339
from agoranomos.kernel.dialects import take_turn
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.ids import derived, is_id
from agoranomos.reviews.numbers import queries
from agoranomos.reviews.numbers.model import PARTIES, Binding, Caller, Counts, Ending, Refused, counted, refusal
from agoranomos.reviews.numbers.policy import Policy
from agoranomos.reviews.numbers.telling import BLOCK

SOURCE: Final = "agoranomos"
Accept = Callable[[sa.Connection, Sequence[Event]], Accepted]
"""Takes events into the log, in the given transaction."""
_STANDING: Final = ("approved", "pending", "done")
_LOOKED_AT: Final = 50
_BINDING: Final = 0x6E756D62657202  # "number": an order gets one number at a time


class Rung(msgspec.Struct, frozen=True):
    """What becomes of a call: put through, or why not; `order_id` is absent where the number stands for nobody."""

    put_through: bool
    refused: Refused | None = None
    order_id: str | None = None


def ask(
    connection: sa.Connection, order_id: str, store_id: str, account_id: str, *, until: datetime, policy: Policy,
    by: Actor, now: datetime, parties: tuple[Caller, ...] = PARTIES,
) -> Binding:  # fmt: skip
    """Wants a number for an order; the one that lives is given again. Raises Invalid, and Conflict for an order whose
    number is for others.
    """
    for name, value in (("order_id", order_id), ("store_id", store_id), ("account_id", account_id)):
        if not is_id(value):
            raise Invalid("1 to 128 printable characters are expected", pointer=f"/{name}")
    if not now < until <= after(now, timedelta(days=policy.life_days_max)):
        raise Invalid(f"a number lives for at most {policy.life_days_max} days from now", pointer="/expires_at")
    take_turn(connection, _BINDING)
    last = queries.of_order(connection, order_id)
    if last is not None and (last.state == "asked" or last.lives(now)):
        if (last.store_id, last.account_id) != (store_id, account_id):
            raise Conflict("the number of this order is for another store or buyer; end it first")
        return last
    turn = 1 if last is None else last.turn + 1
    wanted = Binding(
        binding_id=derived("nb", order_id, str(turn)), order_id=order_id, store_id=store_id, account_id=account_id,
        parties=parties, turn=turn, state="asked", asked_at=now, expires_at=until, counts=Counts(),
    )  # fmt: skip
    queries.put(connection, wanted)
    _record(connection, "number.ask", wanted, by, now, turn=turn)
    return wanted


def bound(
    connection: sa.Connection, binding_id: str, number: str, accept: Accept, *, by: Actor, now: datetime
) -> Binding:  # fmt: skip
    """The provider has given a number; the log is told of it. What ended meanwhile stays ended."""
    binding = queries.by_id(connection, binding_id)
    if binding.state == "asked":
        binding = msgspec.structs.replace(binding, state="bound", virtual_number=number)
        queries.put(connection, binding)
        accept(connection, [_bound_event(binding, now)])
        _record(connection, "number.bind", binding, by, now)
    elif binding.state == "ended" and binding.virtual_number is None:
        binding = msgspec.structs.replace(binding, virtual_number=number, told_at=None)
        queries.put(connection, binding)
    return binding


def end(
    connection: sa.Connection, binding: Binding, ending: Ending, accept: Accept, *, by: Actor, now: datetime
) -> Binding:  # fmt: skip
    """From now on nobody is put through; the log is told by the number's new end. What has ended stays as it is."""
    if binding.state == "ended":
        return binding
    ended = msgspec.structs.replace(binding, state="ended", ended_at=now, ending=ending)
    if now < binding.expires_at:
        ended = msgspec.structs.replace(ended, expires_at=now)
    queries.put(connection, ended)
    if binding.virtual_number is not None and now < binding.expires_at:
        accept(connection, [_bound_event(ended, now)])
    _record(connection, "number.end", ended, by, now, ending=ending)
    return ended


def told(connection: sa.Connection, binding_id: str, now: datetime) -> None:
    """The provider knows that a binding ended; one whose time was up ends with that."""
    binding = queries.by_id(connection, binding_id)
    if binding.state == "bound":
        binding = msgspec.structs.replace(binding, state="ended", ended_at=binding.expires_at, ending="expired")
    queries.put(connection, msgspec.structs.replace(binding, told_at=now))


def ring(
    connection: sa.Connection, number: str, caller: Caller, call_id: str, accept: Accept, *, now: datetime,
    store_id: str | None = None, duration_s: float | None = None,
) -> Rung:  # fmt: skip
    """Whether a call is put through. The log is told, and it is counted, once for each `call_id`. Raises Invalid."""
    if not is_id(number) or not is_id(call_id):
        raise Invalid("a number and a call id of 1 to 128 printable characters are expected", pointer="/call_id")
    binding = queries.of_number(connection, number)
    if binding is not None and caller == "store" and store_id not in (None, binding.store_id):
        caller = "unknown"
    stopped = binding is not None and blocked(connection, binding.store_id, binding.account_id, now)
    refused = refusal(binding, caller, now, blocked=stopped)
    if binding is None:
        return Rung(put_through=False, refused=refused)
    data: dict[str, Any] = {"virtual_number": number, "from": "store" if caller == "store" else "unknown"}
    data |= {"party": caller, "refused": refused or ""} | ({} if duration_s is None else {"duration_s": duration_s})
    if accept(connection, [_event("number.called", call_id, now, data)]).accepted:
        queries.put(connection, msgspec.structs.replace(binding, counts=counted(binding.counts, refused)))
    return Rung(put_through=refused is None, refused=refused, order_id=binding.order_id)


def blocked(connection: sa.Connection, store_id: str, account_id: str, now: datetime) -> bool:
    """Whether an action that stands keeps a store from a buyer; undoing it lifts that."""
    about = enforced.About(kind=BLOCK, subject_kind="account", subject_id=account_id)
    return any(
        each.status in _STANDING and each.params.get("store_id") == store_id
        and now < parse_rfc3339(str(each.params["until"]))
        for each in enforced.listed(connection, about, after=None, limit=_LOOKED_AT)
    )  # fmt: skip


def report_event(buyer_id: str, store_id: str, review_id: str | None, text: str | None, now: datetime) -> Event:
    """A buyer's report, which is one report on one day however often the button is pressed. Raises Invalid."""
    report_id = derived("hr", buyer_id, store_id, review_id or "", rfc3339(now)[:10])
    data = {"report_id": report_id, "buyer_id": buyer_id, "store_id": store_id, "review_id": review_id, "text": text}
    given = {name: value for name, value in data.items() if value is not None}
    return _event("harassment.reported", report_id, now, given)


def record_report(connection: sa.Connection, event: Event, by: Actor, now: datetime) -> None:
    """The audit entry of a report: who passed it on, not what it says."""
    report_id = event.data["report_id"]
    record(
        connection,
        Entry(at=now, actor=by, verb="harassment.report", subject_kind="report", subject_id=report_id, params={}),
    )


def _bound_event(binding: Binding, now: datetime) -> Event:
    until = rfc3339(binding.expires_at)
    data = {
        "virtual_number": binding.virtual_number, "order_id": binding.order_id, "expires_at": until,
        "store_id": binding.store_id, "account_id": binding.account_id,
    }  # fmt: skip
    return _event("number.bound", f"{binding.binding_id} {until}", now, data)


def _event(kind: str, name: str, at: datetime, data: dict[str, Any]) -> Event:
    raw = {"id": derived("ev", kind, name), "source": SOURCE, "type": kind, "time": rfc3339(at), "data": data}
    return parse_event(raw)


def _record(
    connection: sa.Connection, verb: str, binding: Binding, by: Actor, now: datetime, **params: str | int
) -> None:
    entry = Entry(
        at=now, actor=by, verb=verb, subject_kind="number", subject_id=binding.binding_id, params=params
    )  # fmt: skip
    record(connection, entry)
