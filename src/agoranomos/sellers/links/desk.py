"""Who comes back, and whose stores belong together: what follows from each event. The same in a replay and live."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.engine.links.clusters import groups
from agoranomos.engine.links.explaining import Explanation, explain
from agoranomos.engine.links.index import Met
from agoranomos.engine.links.slots import Row
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.sellers.links import facts, telling
from agoranomos.sellers.links.memory import Memory
from agoranomos.sellers.links.model import CLOSED, OPEN, Link, Seller, State
from agoranomos.sellers.links.policy import Policy

HEARS: Final = (
    "seller.applied", "application.decided", "store.opened", "store.closed", "case.decided", "session.started",
    "listing.submitted", "listing.updated",
)  # fmt: skip
_ADDRESS_ALONE: Final = {"address", "comers"}
Linked = tuple[str, str, float]
"""Two sellers, and the natural log-odds that they are one."""


class Swept(msgspec.Struct, frozen=True):
    """What a comparison of all with all found: pairs at or above the line, the groups they make, findings."""

    pairs: int
    groups: list[list[str]]
    found: list[Finding]


class LinkDesk:
    """Rules over events. `memory` holds what is known, `policy` says from which line on something is said."""

    def __init__(self, memory: Memory, policy: Policy) -> None:
        self.memory = memory
        self._policy = policy
        self._show = math.log(policy.show_line / (1.0 - policy.show_line))
        self._report = math.log(policy.report_line / (1.0 - policy.report_line))

    def hear(self, event: Event) -> Sequence[Finding]:
        """What follows from one of HEARS."""
        match event.type:
            case "seller.applied":
                return self._applied(event)
            case "application.decided":
                return self._decided(event)
            case "store.opened":
                return self._opened(event)
            case "store.closed":
                return self._closed(event)
            case "case.decided":
                return self._case(event)
            case _:
                return self._seen(event)

    def links_of(self, row: Row, own: str = "", *, line: float | None = None) -> list[Link]:
        """Who may be the same as whoever says `row`, the likeliest first, with reasons; `own`: the seller himself.

        `line`: the least probability (None: what the policy shows). Changes nothing.
        """
        least = self._show if line is None else math.log(line / (1.0 - line))
        return [self._link(met, row, own) for met in self.memory.index.meets(row, own, line=least)]

    def links_of_seller(self, seller_id: str, *, line: float | None = None) -> list[Link]:
        """The same for a known seller, by whatever he has said: of each other, the likeliest link."""
        best: dict[str, Link] = {}
        for row in self.memory.rows(seller_id):
            for link in self.links_of(row, seller_id, line=line):
                if link.seller_id not in best or link.probability > best[link.seller_id].probability:
                    best[link.seller_id] = link
        return sorted(best.values(), key=lambda link: (-link.probability, link.seller_id))

    def returns_with(self, row: Row, seller_id: str) -> list[Link]:
        """The closed sellers of whom `row` says that they are back, at or above the line; himself, if he is closed."""
        return [
            self._link(met, row, seller_id)
            for met in self.memory.index.meets(row, seller_id, line=self._report)
            if self._state(met.seller_id) == CLOSED
        ]

    def judged(self, event: Event) -> list[Finding]:
        """What is to be said of an application (noted, and with tokens), without keeping anything of it."""
        seller_id, row = event.data["seller_id"], facts.applied(event)
        seller = self.memory.sellers.get(seller_id)
        if seller is not None and seller.state == CLOSED:
            return [telling.same_account(event, seller, self._policy.version)]
        back = self.returns_with(row, seller_id) or self._comes_after_others(row, seller_id)
        if not back:
            return []
        root = self.memory.sellers[self._root(back[0].seller_id)]
        return [telling.returned(event, root, back, self._policy)]

    def _comes_after_others(self, row: Row, own: str) -> list[Link]:
        """The closed seller whose address `row` shares and nothing else, when others came there since he was closed."""
        there = self.memory.at_the_address(row, own)
        if len(there) <= self._policy.comers_min:
            return []
        homes = [name for name in dict.fromkeys(map(self._root, there)) if self._was_alone(name)]
        if len(homes) != 1:
            return []
        found = []
        for at in self.memory.index.rows_of(homes[0]):
            explanation = explain(self.memory.index, row, at, own, comers=len(there) - 1)
            enough = explanation.probability >= self._policy.report_line
            if enough and {fact.field for fact in explanation.shared} == _ADDRESS_ALONE:
                found.append(self._linked(homes[0], explanation))
        return sorted(found, key=lambda link: -link.probability)[:1]

    def _was_alone(self, seller_id: str) -> bool:
        seller = self.memory.sellers.get(seller_id)
        return seller is not None and seller.state == CLOSED and seller.alone

    def _applied(self, event: Event) -> list[Finding]:
        """Files what the application says, and whom the applicant is taken for."""
        seller_id, found = event.data["seller_id"], self.judged(event)
        self.memory.seller(seller_id)
        self.memory.file(seller_id, facts.applied(event))
        returns = found[0].related[0].id if found else seller_id
        if returns != seller_id:
            self.memory.returned(seller_id, returns, event.data["application_id"])
        return found

    @property
    def report_odds(self) -> float:
        """The natural log-odds from which on something is said."""
        return self._report

    def linked(self) -> Iterator[Linked]:
        """All links of all sellers, by the rows that make them."""
        index = self.memory.index
        for later, earlier, odds in index.sweep(line=self._report):
            yield index.seller_of(later), index.seller_of(earlier), odds

    def sweep(self, now: datetime, linked: Iterable[Linked]) -> Swept:
        """All against all: the groups, and what ties open stores to closed sellers and was not said when it came.
        `linked` are all links.
        """
        pairs, found = 0, list[Finding]()
        ties: set[tuple[str, str]] = set()
        for later, earlier, _ in linked:
            ties.add((later, earlier))
            pairs += 1
        moment = telling.Moment(rfc3339(now), ())
        for one, other in sorted(ties):
            for mine, theirs in ((one, other), (other, one)):
                if self._state(mine) == OPEN and self._state(theirs) == CLOSED:
                    found += self._look_at(self.memory.seller(mine), moment, theirs)
        return Swept(pairs, groups(ties, self._policy.group_min), found)

    def _decided(self, event: Event) -> list[Finding]:
        if event.data["outcome"] not in self._policy.refusing_outcomes:
            self.memory.let_in(event.data["application_id"])
        return []

    def _opened(self, event: Event) -> list[Finding]:
        store_id, seller_id = event.data["store_id"], event.data["seller_id"]
        seller, store = self.memory.seller(seller_id), self.memory.store(store_id, seller_id)
        store.seller_id, store.state = seller_id, OPEN
        if store_id not in seller.stores:
            seller.stores.append(store_id)
        return list(self._look_at(seller, telling.moment(event)))

    def _closed(self, event: Event) -> list[Finding]:
        store = self.memory.store(event.data["store_id"])
        store.state = CLOSED
        if event.data["reason"] not in self._policy.closing_reasons or not store.seller_id:
            return []
        seller = self.memory.seller(store.seller_id)
        if seller.state == OPEN:
            seller.state, seller.closed_at, seller.because = CLOSED, event.time, event.id
            seller.alone = self.memory.is_alone(seller.seller_id)
        return list(self._siblings(seller, store.store_id, telling.moment(event), "closed"))

    def _case(self, event: Event) -> list[Finding]:
        data, subject = event.data, event.data["subject"]
        if subject["kind"] == "application" and data["outcome"] != "upheld":
            self.memory.acquitted(subject["id"])
        if data["outcome"] not in self._policy.case_outcomes:
            return []
        store_id = data.get("store_id") or (subject["id"] if subject["kind"] == "store" else "")
        known = self.memory.stores.get(store_id)
        seller_id = data.get("seller_id") or (subject["id"] if subject["kind"] == "seller" else "")
        seller_id = seller_id or (known.seller_id if known else "")
        if not seller_id:
            return []
        return list(self._siblings(self.memory.seller(seller_id), store_id, telling.moment(event), "case"))

    def _seen(self, event: Event) -> list[Finding]:
        """Devices of sessions, pictures and texts of listings; what is new may tie a store to a closed one."""
        store = self.memory.stores.get(event.data.get("store_id") or "")
        if store is None or not store.seller_id:
            return []
        found = facts.seen(event.data) if event.type == "session.started" else facts.listed(event.data)
        if not found or self.memory.add(store.seller_id, found) is None or store.state == CLOSED:
            return []
        return list(self._look_at(self.memory.seller(store.seller_id), telling.moment(event)))

    def _look_at(self, seller: Seller, moment: telling.Moment, other: str = "") -> Iterator[Finding]:
        """Whether an open seller's stores are those of somebody who is closed (of `other`, if that is said)."""
        if seller.state == CLOSED:
            return
        for row in self.memory.rows(seller.seller_id):
            for link in self.returns_with(row, seller.seller_id):
                if not other or link.seller_id == other:
                    yield from self._tell(seller, link, "", moment, "closed")

    def _siblings(self, seller: Seller, store_id: str, moment: telling.Moment, cause: str) -> Iterator[Finding]:
        """The open stores of a seller whom a measure hit at `store_id`, and those of everybody tied to him."""
        yield from self._tell(seller, None, store_id, moment, cause)
        for link in self.links_of_seller(seller.seller_id, line=self._policy.report_line):
            other = self.memory.sellers.get(link.seller_id)
            if other is not None:
                turned = Link(
                    seller.seller_id, seller.state, link.probability, tuple(seller.stores), link.facts, link.explanation
                )
                yield from self._tell(other, turned, store_id, moment, cause)

    def _tell(
        self, seller: Seller, link: Link | None, hit: str, moment: telling.Moment, cause: str
    ) -> Iterator[Finding]:
        """A finding on each open store of `seller`; `link` None: they are of the very seller whose store was hit."""
        source = f"{cause}:{link.seller_id if link else seller.seller_id}"
        for store_id in seller.stores:
            if store_id == hit or self.memory.stores[store_id].state == CLOSED:
                continue
            if source in self.memory.stores[store_id].sources:
                continue
            store = self.memory.store(store_id)
            store.told_at = store.told_at or moment.at
            store.revision += 1
            store.sources.append(source)
            yield telling.linked(moment, store, seller, link, hit, cause, self._policy)

    def _state(self, seller_id: str) -> State:
        """Closed is also who was found to be a closed seller come back."""
        seller = self.memory.sellers.get(self._root(seller_id))
        return seller.state if seller else OPEN

    def _root(self, seller_id: str) -> str:
        seller = self.memory.sellers.get(seller_id)
        return seller.taken_for or seller_id if seller else seller_id

    def _link(self, met: Met, row: Row, own: str) -> Link:
        return self._linked(met.seller_id, explain(self.memory.index, row, met.row, own))

    def _linked(self, seller_id: str, explanation: Explanation) -> Link:
        seller = self.memory.sellers.get(seller_id)
        return Link(
            seller_id=seller_id,
            state=self._state(seller_id),
            probability=explanation.probability,
            stores=tuple(seller.stores) if seller else (),
            facts=explanation.shared,
            explanation=explanation,
        )
