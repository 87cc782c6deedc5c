"""The dossier of a campaign that went wrong: everybody who had the good of it, and how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from agoranomos.cases.referral.dossier import Amount, Happened, Person
from agoranomos.cases.referral.model import Role
from agoranomos.kernel.clock import rfc3339
from agoranomos.promotions.tracing.model import Beneficiary, Coupon, Tier
from agoranomos.promotions.tracing.service import Traces

ROLES: Final[Mapping[Tier, Role]] = {
    Tier.RING: "suspect", Tier.VICTIM: "victim", Tier.HEAVY: "beneficiary", Tier.GOOD_FAITH: "beneficiary",
}  # fmt: skip
_ORDER: Final = tuple(ROLES)
_MOVES: Final = {
    "issued_at": "coupon.issued", "claimed_at": "coupon.claimed", "redeemed_at": "coupon.redeemed",
    "refunded_at": "coupon.refunded", "voided_at": "coupon.voided",
}  # fmt: skip
_PERSONAL: Final = ("ip", "recipient", "payer")


class CampaignDossier:
    """Of `traces`; see `dossier.Dossier`."""

    def __init__(self, traces: Traces, *, personal: bool) -> None:
        self._traces = traces
        self._personal = personal
        self._people = {each.account_id: each for each in traces.incident.beneficiaries}

    @property
    def facts(self) -> dict[str, int]:
        """See `Dossier`."""
        incident = self._traces.incident
        told = {name: getattr(incident, name) for name in ("issued", "claimed", "redeemed", "refunded", "voided")}
        by_role: dict[str, int] = {}
        for each in incident.beneficiaries:
            by_role[ROLES[each.tier]] = by_role.get(ROLES[each.tier], 0) + 1
        return {**told, "rings": len(incident.rings), **dict(sorted(by_role.items()))}

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """See `Dossier`."""
        return [("campaign", self._traces.incident.campaign_id)]

    def people(self) -> Iterator[Person]:
        """See `Dossier`."""
        ranked = sorted(self._people.values(), key=lambda each: (_ORDER.index(each.tier), -each.value, each.account_id))
        for each in ranked:
            yield Person(
                id=each.account_id, kind="account", role=ROLES[each.tier], tier=each.tier.value,
                score=round(each.score, 6), ring_id=each.ring_id, reasons=self._reasons(each),
            )  # fmt: skip

    def amounts(self) -> Iterator[Amount]:
        """See `Dossier`."""
        for each in self._traces.incident.beneficiaries:
            if each.value:
                yield Amount(
                    person=each.account_id, role=ROLES[each.tier], basis="coupons_used", amount=each.value,
                    currency=self._traces.incident.currency, count=each.spent,
                )  # fmt: skip

    def timeline(self) -> list[Happened]:
        """See `Dossier`; of the suspects, each moment of each of their coupons."""
        return sorted(self._moments(), key=lambda each: (each.at, each.subject_id, each.what))

    def files(self) -> Iterable[tuple[str, Iterable[Any]]]:
        """See `Dossier`."""
        incident = self._traces.incident
        yield "coupons.jsonl", map(self._told, self._traces.coupons)
        orders = sorted(self._traces.memory.orders.items())
        paid_for = {each.order_id for each in self._traces.coupons}
        yield "orders.jsonl", (self._told(order) for name, order in orders if name in paid_for)
        yield "rings.jsonl", incident.rings
        yield (
            "flows.jsonl",
            [{"of": "payee", **_plain(each)} for each in incident.payees]
            + [{"of": "device", **_plain(each)} for each in incident.devices],
        )

    def _moments(self) -> Iterator[Happened]:
        for coupon in self._traces.coupons:
            holder = self._people.get(coupon.account_id)
            if holder is None or ROLES[holder.tier] != "suspect":
                continue
            for field, what in _MOVES.items():
                at = getattr(coupon, field)
                if at is not None:
                    yield Happened(
                        at=rfc3339(at), what=what, subject_kind="coupon", subject_id=coupon.coupon_id,
                        who=f"account:{coupon.account_id}", event_id=_event_of(coupon, field),
                    )  # fmt: skip

    def _told(self, value: msgspec.Struct) -> dict[str, Any]:
        told = _plain(value)
        return told if self._personal else {name: each for name, each in told.items() if name not in _PERSONAL}

    @staticmethod
    def _reasons(each: Beneficiary) -> tuple[Any, ...]:
        return each.reasons if ROLES[each.tier] != "beneficiary" else ()


def _event_of(coupon: Coupon, field: str) -> str:
    places = {"claimed_at": 0, "redeemed_at": -1}
    return coupon.event_ids[places[field]] if coupon.event_ids and field in places else ""


def _plain(value: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(value)
