"""Remedies over the store: what HTTP and commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.audit.notes import SigningKey
from agoranomos.enforcement.model import Measure
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.ids import derived
from agoranomos.kernel.store import Store
from agoranomos.promotions.remedies.actions import ask_for
from agoranomos.promotions.remedies.package import packed
from agoranomos.promotions.remedies.plan import Plan, plan
from agoranomos.promotions.remedies.policy import Policy
from agoranomos.promotions.tracing.incident import Incident
from agoranomos.promotions.tracing.service import TraceService


class Looked(msgspec.Struct, frozen=True):
    """An incident, and what would be done about it."""

    incident: Incident
    plan: Plan


class Asked(msgspec.Struct, frozen=True):
    """A plan that was asked for, and the measures that wait for a second person or have gone out."""

    plan_id: str
    measures: list[Measure]


@dataclass(frozen=True, slots=True)
class RemedyService:
    """The store, tracing, the policies, the clock, and the key that signs evidence."""

    store: Store
    traces: TraceService
    policy: Policy
    action_policy: ActionPolicy
    clock: Clock
    key: Callable[[], SigningKey]

    def look(self, campaign_id: str) -> Looked:
        """The incident and its plan; changes nothing. Raises NotFound."""
        traces = self.traces.traces(campaign_id)
        return Looked(traces.incident, plan(traces, self.policy))

    def ask(self, campaign_id: str, plan_id: str, *, by: Actor) -> Asked:
        """Asks for the plan of a campaign, if it is still the one that `by` has seen. Raises NotFound and Conflict."""
        made = self.look(campaign_id).plan
        if made.plan_id != plan_id:
            raise Conflict(
                "the incident has changed since this plan was made; look at it again and ask for the new one"
            )
        with self.store.transaction() as connection:
            measures = ask_for(connection, made, by=by, policy=self.action_policy, now=self.clock())
        return Asked(made.plan_id, measures)

    def evidence(self, campaign_id: str, *, by: Actor) -> tuple[bytes, str]:
        """The archive for a referral, and the public key that verifies it. Raises NotFound and Invalid."""
        traces = self.traces.traces(campaign_id)
        key = self.key()
        raw = packed(traces, plan(traces, self.policy), key)
        with self.store.transaction() as connection:
            record(
                connection,
                Entry(
                    at=self.clock(), actor=by, verb="incident.evidence", subject_kind="campaign",
                    subject_id=derived("cp", campaign_id), params={"bytes": len(raw)},
                ),
            )  # fmt: skip
        return raw, str(key.verifier)
