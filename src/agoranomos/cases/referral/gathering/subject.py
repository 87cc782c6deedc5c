"""The dossier of a seller, store, listing, batch, account or ring: all that names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.cases.referral.dossier import Amount, Happened, Person, quoted
from agoranomos.cases.referral.gathering.scope import FINDINGS_MAX, scope_of, told_of
from agoranomos.cases.referral.model import About
from agoranomos.cases.referral.policy import Policy
from agoranomos.enforcement import queries as enforcement
from agoranomos.enforcement.queries import Kept
from agoranomos.goods.redress import queries as redress
from agoranomos.intake.queries import Quoted, naming
from agoranomos.judgements import queries as judgements
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import NotFound

NAMED_IN: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "seller": (("seller.applied", "seller_id"), ("store.opened", "seller_id"), ("case.decided", "seller_id")),
    "store": (
        ("store.opened", "store_id"), ("store.closed", "store_id"), ("goods.received", "store_id"),
        ("listing.submitted", "store_id"), ("listing.updated", "store_id"), ("payout.requested", "store_id"),
        ("complaint.filed", "store_id"), ("testbuy.appraised", "store_id"), ("payment.made", "from_store_id"),
        ("contact.made", "store_id"), ("harassment.reported", "store_id"), ("case.decided", "store_id"),
    ),
    "listing": (
        ("listing.removed", "listing_id"), ("return.requested", "listing_id"), ("complaint.filed", "listing_id"),
        ("testbuy.appraised", "listing_id"), ("notice.filed", "listing_ids"), ("listing.submitted", "listing_id"),
        ("listing.updated", "listing_id"),
    ),
    "batch": (
        ("goods.received", "batch_id"), ("batch.condemned", "batch_id"), ("listing.submitted", "batch_id"),
        ("order.shipped", "batch_id"), ("testbuy.appraised", "batch_id"),
    ),
    "account": (
        ("account.registered", "account_id"), ("session.started", "account_id"), ("coupon.issued", "account_id"),
        ("coupon.claimed", "account_id"), ("coupon.redeemed", "account_id"), ("coupon.refunded", "account_id"),
        ("review.posted", "author_id"), ("payment.made", "to_account_id"), ("payment.made", "from_account_id"),
    ),
    "supplier": (("goods.received", "supplier_id"),),
    "factory": (("goods.received", "factory"),),
}  # fmt: skip
"""Kind of subject → events whose field names it."""
PAID: Final = "payment.made"


class SubjectDossier:
    """Of whatever `about` names, as `connection` sees it at `now`; see `dossier.Dossier`. Raises NotFound."""

    def __init__(
        self, connection: sa.Connection, about: About, policy: Policy, *, now: datetime, personal: bool
    ) -> None:  # fmt: skip
        self._connection = connection
        self._personal = personal
        self._policy = policy
        self._scope = scope_of(connection, about)
        self._events, self._cut = self._named_in(now)
        self._decisions, self._actions = self._decided()
        if not (self._events or self._scope.findings or self._scope.recalls or self._decisions or self._actions):
            raise NotFound("nothing is known of it: no event of the window names it, and no desk found anything")

    @property
    def facts(self) -> dict[str, int]:
        """See `Dossier`."""
        counts = {
            "events": len(self._events),
            "findings": len(self._scope.findings),
            "recalls": len(self._scope.recalls),
        }
        people = {"suspect": len(self._scope.suspects), "victim": len({each.id for each in self._victims()})}
        return {**counts, **people, "actions": len(self._actions), "decisions": len(self._decisions)} | (
            {"kinds_of_events_cut": self._cut} if self._cut else {}
        )

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """See `Dossier`."""
        recalls = [("recall", each.recall_id) for each in self._scope.recalls]
        return told_of(self._scope) + recalls

    def people(self) -> Iterator[Person]:
        """See `Dossier`."""
        for (kind, name), finding in self._scope.suspects.items():
            yield Person(
                id=name, kind=kind, role="suspect", score=finding.score if finding else 0.0,
                ring_id=finding.ring_id if finding else None,
                reasons=tuple(map(msgspec.to_builtins, finding.reasons)) if finding else (),
            )  # fmt: skip
        yield from self._victims()

    def amounts(self) -> Iterator[Amount]:
        """See `Dossier`: what buyers paid for confirmed fakes, and what stores paid to accounts."""
        sums: dict[tuple[str, str, str, str], list[int]] = {}
        for recall in self._scope.recalls:
            if recall.state == "withdrawn":
                continue
            for line in redress.orders_of(self._connection, recall.recall_id):
                key = (line.buyer_id, "victim", "paid_for_confirmed_fakes", line.paid.currency)
                _add(sums, key, line.paid.amount)
        for event in self._events:
            if event.type == PAID and isinstance(event.data.get("amount"), dict):
                paid = event.data["amount"]
                key = (str(event.data["to_account_id"]), "beneficiary", "paid_by_suspects", str(paid["currency"]))
                _add(sums, key, int(paid["amount"]))
        for (person, role, basis, currency), (amount, count) in sorted(sums.items()):
            yield Amount(
                person=person, role="victim" if role == "victim" else "beneficiary", basis=basis, amount=amount,
                currency=currency, count=count,
            )  # fmt: skip

    def timeline(self) -> list[Happened]:
        """See `Dossier`."""
        told = [
            Happened(
                at=rfc3339(each.time), what=each.type, subject_kind="event", subject_id=each.id, source=each.source,
                event_id=each.id,
            )
            for each in self._events
        ]  # fmt: skip
        told += [
            Happened(at=each.at, what=each.code, subject_kind=each.subject.kind, subject_id=each.subject.id)
            for each in self._scope.findings
        ]
        told += [
            Happened(
                at=each.at, what=each.kind, subject_kind=each.subject.kind, subject_id=each.subject.id,
                who=each.requested_by,
            )
            for each in self._actions
        ]  # fmt: skip
        return sorted(told, key=lambda each: (each.at, each.what, each.subject_id))

    def files(self) -> Iterable[tuple[str, Iterable[Any]]]:
        """See `Dossier`."""
        yield "events.jsonl", (
            {
                "source": each.source, "id": each.id, "type": each.type, "time": rfc3339(each.time),
                "data": quoted(each.data, self._personal),
            }
            for each in self._events
        )  # fmt: skip
        yield "findings.jsonl", self._scope.findings
        yield "decisions.jsonl", self._decisions
        yield "actions.jsonl", self._actions
        yield "recalls.jsonl", self._scope.recalls
        stores = [name for kind, name in told_of(self._scope) if kind == "store"]
        yield "owed.jsonl", [each for store in stores for each in redress.owed_by(self._connection, store)]

    def _victims(self) -> list[Person]:
        named = {
            name: Person(id=name, kind=kind, role="victim", reasons=(f"finding:{finding.id}",))
            for (kind, name), finding in sorted(self._scope.victims.items())
        }
        for recall in self._scope.recalls:
            if recall.state == "withdrawn":
                continue
            for line in redress.orders_of(self._connection, recall.recall_id):
                reason = f"recall:{recall.recall_id}:{line.basis}"
                known = named.get(line.buyer_id) or Person(id=line.buyer_id, kind="account", role="victim")
                if reason not in known.reasons:
                    named[line.buyer_id] = msgspec.structs.replace(known, reasons=(*known.reasons, reason))
        return [named[each] for each in sorted(named)]

    def _named_in(self, now: datetime) -> tuple[list[Quoted], int]:
        """The events that name anything in scope, in the order of time, and of how many kinds some were left out."""
        since, limit = now - timedelta(days=self._policy.days), self._policy.events_max
        found, cut = dict[int, Quoted](), 0
        for kind, fields in NAMED_IN.items():
            names = set[str]() if kind in self._scope.left_out else self._scope.ids.get(kind, set())
            for event_type, field in fields if names else ():
                part = naming(self._connection, event_type, field, names, since=since, until=now, limit=limit)
                cut += len(part) >= limit
                found |= {each.position: each for each in part}
        return sorted(found.values(), key=lambda each: (each.time, each.position)), cut

    def _decided(self) -> tuple[list[Decision], list[Kept]]:
        decisions: dict[str, Decision] = {}
        actions: dict[str, Kept] = {}
        for kind, name in told_of(self._scope):
            about = judgements.About(subject_kind=kind, subject_id=name)
            made = judgements.list_decisions(self._connection, about, after=None, limit=FINDINGS_MAX)
            decisions |= {each.id: each for each in made}
            asked = enforcement.About(subject_kind=kind, subject_id=name)
            done = enforcement.listed(self._connection, asked, after=None, limit=FINDINGS_MAX)
            actions |= {each.id: each for each in done}
        for recall in self._scope.recalls:
            for measure_id in recall.measure_ids:
                actions |= {each.id: each for each in enforcement.of_measure(self._connection, measure_id)}
        return [decisions[each] for each in sorted(decisions)], [actions[each] for each in sorted(actions)]


def _add(sums: dict[tuple[str, str, str, str], list[int]], key: tuple[str, str, str, str], amount: int) -> None:
    known = sums.setdefault(key, [0, 0])
    known[0] += amount
    known[1] += 1
