"""Watches who reads whom: harvests, canaries, files that leave, contracts. In a replay it decides about reads as well.

Whoever should have business with people is judged at each read; whoever needs none (buyers) at the end of the day, when
it can be held against what all others looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from agoranomos.access.exports.model import UNAPPROVED, Export, barred, by_agreement, export_of
from agoranomos.access.exposure import shelf as shelves
from agoranomos.access.exposure.barring import SUSPEND, THROTTLE, barred_by
from agoranomos.access.exposure.deciding import STOPPING, Barred, beyond_contract, count_shown, decide, was_shown
from agoranomos.access.exposure.policy import Policy as ExposurePolicy
from agoranomos.access.exposure.shelf import MemoryShelf, reader_of
from agoranomos.access.harvest import judging
from agoranomos.access.harvest.policy import Policy
from agoranomos.access.harvest.telling import CALLED, CANARY, NAME, OUTSIDE, VERSION, Telling
from agoranomos.access.harvest.visits import Visits
from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.actions import Action
from agoranomos.kernel.calendar import after, begins, day_of, hour_of
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.kernel.schema.access import DataRead, ExportRequested

_WRITES: Final = {
    "order.placed": "buyer_id", "review.posted": "author_id", "complaint.filed": "buyer_id",
    "coupon.claimed": "account_id",
}  # fmt: skip
"""Events by which a buyer does something, and the field that names them."""
_SHELVED: Final = frozenset(shelves.HEARS)
HEARS: Final = tuple(sorted({
    *shelves.HEARS, *_WRITES, "data.read", "canary.planted", "number.bound", "number.called", "export.requested",
    "export.approved",
}))  # fmt: skip


class Canary(msgspec.Struct, frozen=True):
    """Something planted; `principal_id` is the login whose export it lies in, where there is one."""

    canary_id: str
    kind: str
    principal_id: str | None = None
    export_id: str | None = None


class _Known(msgspec.Struct):
    canaries: dict[str, Canary]
    numbers: dict[str, Canary]
    bound: dict[str, Subject]
    exports: dict[str, Export]
    clients: dict[str, tuple[str, int]]
    """Account → the client of its last session, and the day of that."""
    bars: dict[str, tuple[str, datetime | None]]
    next_day: int | None


class _State(msgspec.Struct):
    known: _Known
    shelf: bytes
    visits: bytes
    told: bytes


class HarvestMonitor:
    """See `engine.stream.Monitor`. `decides`: it says a decision for each read, as the check would have."""

    def __init__(
        self, policy: Policy, exposure: ExposurePolicy, needs: Needs, *, decides: bool, rules: Consultant = NO_RULES
    ) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}:{exposure.version}"
        self.hears: Iterable[str] = HEARS
        self._policy, self._exposure, self._decides, self._rules = policy, exposure, decides, rules
        self._shelf = MemoryShelf(exposure.business_days, exposure.contact_days)
        self._visits = Visits(policy.visitors.pairs_max)
        self._telling = Telling(policy, needs)
        self._known = _Known({}, {}, {}, {}, {}, {}, None)

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Reads, and what tells whether they are right."""
        data, known = event.data, self._known
        kind = event.type
        if kind in _SHELVED:
            shelves.hear(self._shelf, event)
        if (field := _WRITES.get(kind)) is not None and (writer := data.get(field)) is not None:
            self._visits.wrote(writer, event.time)
        match kind:
            case "data.read":
                self._read(event, out)
            case "session.started" if data.get("user_agent"):
                known.clients[data["account_id"]] = (data["user_agent"], day_of(event.time))
            case "canary.planted":
                self._plant(data)
            case "number.bound":
                self._bind(data)
            case "number.called" if data["virtual_number"] in known.numbers:
                self._called(event, out)
            case "export.requested":
                assert isinstance(event.body, ExportRequested)
                known.exports.setdefault(data["export_id"], export_of(event.body, event.time))
            case "export.approved" if data["export_id"] in known.exports:
                export = known.exports[data["export_id"]]
                known.exports[data["export_id"]] = export.agree(data["staff_id"], event.time)
            case _:
                pass

    def due(self) -> datetime | None:
        """When the day is over, while there are readers to be judged by it."""
        return None if self._known.next_day is None else begins(self._known.next_day)

    def wake(self, now: datetime, out: Out) -> None:
        """Judges the readers of the day that is over."""
        assert self._known.next_day is not None, "nobody else sets an alarm"
        today = self._known.next_day - 1
        self._known.next_day = None
        self._forget(now)
        found = [
            (principal_id, client, judging.of_visitor(row, self._policy))
            for principal_id, client, row in self._visits.judged(today, self._policy.visitors.readers_min)
        ]
        rings: dict[str, list[str]] = {}
        for principal_id, client, judged in found:
            if judged.score >= self._policy.report_line:
                rings.setdefault(client, []).append(principal_id)
        at = now - timedelta(microseconds=1)  # it is a finding of that day
        for principal_id, client, judged in sorted(found):
            fellows = [each for each in sorted(rings.get(client, ())) if each != principal_id]
            self._say(out, self._telling.harvest(principal_id, judged, at, None, fellows=fellows, client=client))

    def _forget(self, now: datetime) -> None:
        """What no read of today can touch any more."""
        known, today = self._known, day_of(now)
        self._shelf.sweep(now)
        self._telling.forget(now)
        kept = timedelta(days=2 * self._exposure.export_days)
        known.exports = {name: each for name, each in known.exports.items() if after(each.requested_at, kept) > now}
        known.clients = {
            name: each for name, each in known.clients.items() if each[1] > today - self._policy.pivot_days
        }
        known.bars = {name: each for name, each in known.bars.items() if each[1] is None or each[1] > now}

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(
            _State(self._known, self._shelf.state(), self._visits.state(), self._telling.state())
        )

    def resume(self, state: bytes) -> None:
        """See `state`."""
        found = msgspec.msgpack.decode(state, type=_State)
        self._known = found.known
        self._shelf.resume(found.shelf)
        self._visits.resume(found.visits)
        self._telling.resume(found.told)

    def _read(self, event: Event, out: Out) -> None:
        body = event.body
        assert isinstance(body, DataRead)
        unapproved = self._unapproved(body, event.time)
        refused = [*self._barred(body.principal_id, event.time), *unapproved]
        counted = False
        if self._decides:
            agreed = by_agreement(body) and not unapproved
            decision = decide(self._shelf, event, self._exposure, refused, agreed=agreed, rules=self._rules)
            counted = decision.outcome not in STOPPING
            out.say(decision)
        if not was_shown(body):
            return
        if not counted:  # it was shown, whatever would have been said
            count_shown(self._shelf, event, self._exposure)
        if self._known.next_day is None:
            self._known.next_day = day_of(event.time) + 1
        reader = self._shelf.reader(body.principal_id) or reader_of(self._shelf, event.data)
        client = body.user_agent or self._known.clients.get(body.principal_id, ("", 0))[0]
        self._visit(body, reader.kind, client, event.time)
        self._canaries(event, body, client, out)
        for each in refused:
            if each.code == UNAPPROVED:
                self._once(out, each, body.principal_id, self._policy.export_score, event)
        for each in beyond_contract(reader, body, event.time):
            beyond = Barred(OUTSIDE, each.message, each.message_zh)
            self._once(out, beyond, body.principal_id, self._policy.contract_score, event)
        if reader.kind != "buyer":
            counts = judging.counts_of(reader, hour_of(event.time))
            known = self._shelf.knows_business()
            judged = judging.by_business(reader, counts, self._policy, business_known=known)
            self._say(out, self._telling.harvest(body.principal_id, judged, event.time, event.id))

    def _visit(self, body: DataRead, kind: str, client: str, at: datetime) -> None:
        if kind != "buyer" or not body.subject_ids:
            return
        self._visits.note(body.principal_id, body.subject_ids, client, at)

    def _plant(self, data: dict[str, Any]) -> None:
        canary = Canary(data["canary_id"], data["kind"], data.get("principal_id"), data.get("export_id"))
        if data.get("subject_id"):
            self._known.canaries[data["subject_id"]] = canary
        if data.get("number"):
            self._known.numbers[data["number"]] = canary

    def _bind(self, data: dict[str, Any]) -> None:
        """Who was given a planted number."""
        if data["virtual_number"] in self._known.numbers:
            subject = Subject("store", data["store_id"]) if data.get("store_id") else Subject("order", data["order_id"])
            self._known.bound[data["virtual_number"]] = subject

    def _canaries(self, event: Event, body: DataRead, client: str, out: Out) -> None:
        touched = [self._known.canaries[each] for each in body.subject_ids or () if each in self._known.canaries]
        if not touched:
            return
        names = sorted(each.canary_id for each in touched)
        words = f"It read what was planted ({len(names)}), which nobody honest has a reason to look at."
        reason = Reason(CANARY, words, {
            "canaries": names[:20], "endpoint": body.endpoint, "message_zh": f"读取了 {len(names)} 条预埋的诱饵记录。",
        })  # fmt: skip
        today = day_of(event.time)
        fellows = self._visits.fellows(body.principal_id, client, today, self._policy.pivot_days) if client else []
        subject = Subject("principal", body.principal_id)
        self._say(out, self._telling.canary(CANARY, subject, reason, event.time, event.id, fellows))

    def _called(self, event: Event, out: Out) -> None:
        number = event.data["virtual_number"]
        canary = self._known.numbers[number]
        subject = Subject("principal", canary.principal_id) if canary.principal_id else self._known.bound.get(number)
        if subject is None:
            out.refuse(event, Invalid("a planted number was called that was given to nobody", pointer="/data"))
            return
        words = "A planted number was called that was given to nobody else: the data of this login are in other hands."
        evidence = {"canary_id": canary.canary_id, "export_id": canary.export_id or ""}
        evidence["message_zh"] = "仅提供给该登录账户的诱饵号码被拨打：其数据已外泄。"
        reason = Reason(CALLED, words, evidence)
        self._say(out, self._telling.canary(CALLED, subject, reason, event.time, event.id, ()))

    def _once(self, out: Out, each: Barred, principal_id: str, score: float, event: Event) -> None:
        reason = Reason(each.code, each.message, {"message_zh": each.message_zh})
        self._say(out, self._telling.once(each.code, principal_id, reason, score, event.time, event.id))

    def _unapproved(self, body: DataRead, at: datetime) -> list[Barred]:
        if not body.export:
            return []
        own = [each for each in self._known.exports.values() if each.principal_id == body.principal_id]
        return barred(body, own, at, self._exposure)

    def _barred(self, principal_id: str, at: datetime) -> list[Barred]:
        """What was asked for against a reader, as if it had been done."""
        bar = self._known.bars.get(principal_id)
        return [] if bar is None else barred_by(bar[0], bar[1], at)

    def _say(self, out: Out, said: Iterable[Finding | Action]) -> None:
        for each in said:
            out.say(each)
            if isinstance(each, Action) and each.status == "pending":
                at = datetime.fromisoformat(each.at)
                until = after(at, timedelta(hours=each.params["hours"])) if each.kind == THROTTLE else None
                if self._known.bars.get(each.subject.id, ("", None))[0] != SUSPEND:
                    self._known.bars[each.subject.id] = (each.kind, until)
