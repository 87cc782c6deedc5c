"""The rules of notices over events: the same text of them in a replay and live; see `trade.desk`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.goods.notices import form, standing, telling, weighing
from agoranomos.goods.notices.cabinet import Cabinet
from agoranomos.goods.notices.deadlines import clocked
from agoranomos.goods.notices.model import Notice, Target, countered, decided, overturned
from agoranomos.goods.notices.policy import NoticePolicy
from agoranomos.goods.notices.telling import NAME, Telling
from agoranomos.goods.trade.desk import Said
from agoranomos.goods.trade.model import Trade
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.cases import CaseDecided, NoticeDecided, NoticeFiled
from agoranomos.kernel.schema.goods import BrandRegistered

HEARS: Final = ("brand.registered", "notice.filed", "notice.countered", "notice.decided", "case.decided")


class NoticeDesk:
    """See `trade.desk.Desk`."""

    name = NAME
    hears = HEARS

    def __init__(self, cabinet: Cabinet, trade: Trade, policy: NoticePolicy, needs: Needs) -> None:
        self._cabinet = cabinet
        self._trade = trade
        self._policy = policy
        self._tell = Telling(needs)

    def hear(self, event: Event) -> list[Said]:
        """One of HEARS. What contradicts what is known (a decision on an unknown notice) changes nothing."""
        body = event.body
        match body:
            case BrandRegistered():
                self._register(body)
                return []
            case NoticeFiled():
                return self._filed(body, event)
            case NoticeDecided():
                return self._decided(body, event)
            case CaseDecided():
                return self._case(body, event)
            case _:
                if (notice := self._cabinet.get(event.data["notice_id"])) is not None:
                    self._cabinet.put(countered(notice, event.time))
                return []

    def due(self) -> datetime | None:
        """When the next decision is owed."""
        return self._cabinet.next_due()

    def wake(self, now: datetime) -> list[Said]:
        """Says which decisions are late."""
        said: list[Said] = []
        for notice in self._cabinet.late(now):
            said += telling.overdue(notice, now)
            self._cabinet.put(msgspec.structs.replace(notice, overdue_told=True))
        return said

    def _register(self, body: BrandRegistered) -> None:
        facts = self._cabinet.brand(body.brand_id)
        known = msgspec.structs.replace(
            facts, registered=True, holders=body.rights_holder_ids, authorised_store_ids=body.authorised_store_ids
        )
        self._cabinet.put_brand(body.brand_id, known)

    def _filed(self, body: NoticeFiled, event: Event) -> list[Said]:
        known = self._cabinet.get(body.notice_id)
        if known is not None and (known.state != "incomplete" or known.rights_holder_id != body.rights_holder_id):
            return []  # told again; only what was lacking can be brought later, and only by the same holder
        notice = clocked(self._read(body, event, judged=known is not None), self._policy.clocks[body.kind], event.time)
        self._cabinet.put(notice)
        at = event.time
        said: list[Said] = [self._tell.acknowledge(notice, at)]
        if notice.state == "incomplete":
            return said
        self._claim(notice)
        if notice.conflicts:
            said.append(telling.conflict(notice, at))
        if notice.waits:
            said += [*telling.filed(notice, at), *weighing.filed(notice, at), *self._tell.forward(notice, at)]
        return said

    def _read(self, body: NoticeFiled, event: Event, *, judged: bool) -> Notice:
        """The notice as it came, with what its form lacks and what is known of its holder."""
        required = self._policy.required[body.kind]
        lacks = form.missing(body, required if judged or form.has_form(body) else ("listings",))
        record = self._cabinet.record(body.rights_holder_id)
        targets = tuple(self._target(body, each) for each in dict.fromkeys(body.listing_ids))
        merged = bool(targets) and all(each.merged_into is not None for each in targets)
        return Notice(
            notice_id=body.notice_id,
            rights_holder_id=body.rights_holder_id,
            brand_id=body.brand_id,
            kind=body.kind,
            filed_at=event.time,
            state="incomplete" if lacks else "merged" if merged else "open",
            targets=targets,
            source=event.source,
            event_id=event.id,
            missing=lacks,
            standing=standing.standing(body.rights_holder_id, record, self._policy.standing),
            expected=round(standing.expected(record, self._policy.standing), 6),
            conflicts=self._conflicts(body),
        )

    def _target(self, body: NoticeFiled, listing_id: str) -> Target:
        """A listing; what the same holder has said of it in a notice that waits is not said twice."""
        same = (body.rights_holder_id, body.brand_id, body.kind)
        for each in self._cabinet.waiting_about(listing_id):
            if (each.rights_holder_id, each.brand_id, each.kind) == same and each.notice_id != body.notice_id:
                return Target(listing_id=listing_id, merged_into=each.notice_id)
        return Target(listing_id=listing_id, store_id=self._trade.store_of(listing_id))

    def _conflicts(self, body: NoticeFiled) -> tuple[str, ...]:
        facts = self._cabinet.brand(body.brand_id)
        found = []
        if not facts.registered:
            found.append("brand_unknown")
        if facts.holders and body.rights_holder_id not in facts.holders:
            found.append("holder_not_registered")
        if not facts.holders and set(facts.claimed_by) - {body.rights_holder_id}:
            found.append("claimed_by_another")
        return tuple(found)

    def _claim(self, notice: Notice) -> None:
        facts = self._cabinet.brand(notice.brand_id)
        if notice.rights_holder_id not in facts.claimed_by:
            claimed = (*facts.claimed_by, notice.rights_holder_id)
            self._cabinet.put_brand(notice.brand_id, msgspec.structs.replace(facts, claimed_by=claimed))

    def _decided(self, body: NoticeDecided, event: Event) -> list[Said]:
        notice = self._cabinet.get(body.notice_id)
        if notice is None:
            return []
        outcomes = {each.listing_id: each.outcome for each in body.listings}
        said: list[Said] = []
        for target in notice.targets:  # a merged listing is decided where it waits
            parent = self._cabinet.get(target.merged_into) if target.merged_into is not None else None
            if parent is not None and parent.waits:
                said += self._pass_on(parent, target.listing_id, outcomes.get(target.listing_id, body.outcome), event)
        if notice.own:
            after = decided(notice, outcomes, body.outcome, event.time, event.identity)
            said += self._change(notice, after, event.id, event.time)
        return said

    def _pass_on(self, parent: Notice, listing_id: str, outcome: str, event: Event) -> list[Said]:
        """Decides one listing of a notice that waits; the notice is decided with its last one."""
        targets = tuple(
            msgspec.structs.replace(each, outcome=outcome)
            if each.listing_id == listing_id and each.outcome is None and each.merged_into is None
            else each
            for each in parent.targets
        )
        changed = msgspec.structs.replace(parent, targets=targets)
        if all(each.outcome is not None for each in changed.own):
            changed = msgspec.structs.replace(
                changed, state="decided", decided_at=event.time, decision_event=event.identity
            )
        return self._change(parent, changed, event.id, event.time)

    def _case(self, body: CaseDecided, event: Event) -> list[Said]:
        """A case that belongs to a notice decides it, or overturns what was decided."""
        notice_id = body.notice_id or self._cabinet.notice_of_case(body.overturns or body.case_id)
        notice = self._cabinet.get(notice_id) if notice_id is not None else None
        if notice is None:
            return []
        self._cabinet.put_case(body.case_id, notice.notice_id)
        if body.outcome == "overturned":
            only = body.subject.id if body.subject.kind == "listing" else None
            return self._change(notice, overturned(notice, body.case_id, only), body.case_id, event.time)
        if not notice.waits:
            return []
        after = decided(notice, {}, body.outcome, event.time, event.identity, body.case_id)
        return self._change(notice, after, body.case_id, event.time)

    def _change(self, before: Notice, after: Notice, why: str, at: datetime) -> list[Said]:
        """Keeps `after` and says what follows from the difference."""
        if after == before:
            return []
        after = self._with_stores(after)
        self._cabinet.put(after)
        was = {each.listing_id for each in before.targets if each.outcome == "upheld"}
        now = [each.listing_id for each in after.targets if each.outcome == "upheld"]
        said: list[Said] = []
        for listing_id in now:
            if listing_id not in was:
                finding = telling.upheld(after, listing_id, at)
                said += [finding, self._tell.remove(finding, after, at)]
        said += weighing.decided(after, at)
        lost = [each for each in sorted(was - set(now)) if not self._cabinet.upheld_about(each)]
        said += [self._tell.restore(each, after, why, at) for each in lost]
        for store_id in after.stores("upheld"):
            said += self._strike(after.brand_id, store_id, at)
        for store_id in sorted(set(before.stores("upheld")) - set(after.stores("upheld"))):
            if len(self._cabinet.strikes(after.brand_id, store_id)) == self._policy.repeat_infringer.notices - 1:
                said.append(self._tell.reopen(store_id, after.brand_id, why, at))
        said += self._tell.result(after, at)
        return [*said, *self._judge(after, at)]

    def _with_stores(self, notice: Notice) -> Notice:
        """Stores that were not known yet when the notice came."""
        if all(each.store_id is not None for each in notice.own):
            return notice
        targets = tuple(
            msgspec.structs.replace(each, store_id=self._trade.store_of(each.listing_id))
            if each.store_id is None and each.merged_into is None
            else each
            for each in notice.targets
        )
        return msgspec.structs.replace(notice, targets=targets)

    def _strike(self, brand_id: str, store_id: str, at: datetime) -> list[Said]:
        most = self._policy.repeat_infringer.notices
        notices = self._cabinet.strikes(brand_id, store_id)
        if len(notices) < most:
            return []
        finding = telling.repeat_infringer(brand_id, store_id, notices, most, at)
        return [finding, self._tell.close(finding, brand_id, at)]

    def _judge(self, notice: Notice, at: datetime) -> list[Said]:
        """What the decision says of the holder."""
        record = self._cabinet.record(notice.rights_holder_id)
        sure = standing.sure_bad(record, self._policy.standing)
        if record.decided == 0 or sure < self._policy.standing.bad_sure:
            return []
        return [telling.bad_faith(notice, record, sure, at)]
