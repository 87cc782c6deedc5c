"""A house in which something has been found, asked for and done, for the pages of the console to show."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from agoranomos.enforcement import actions
from agoranomos.enforcement.model import Want
from agoranomos.hearing import HEARERS
from agoranomos.intake.actions import accept
from agoranomos.judgements.actions import keep_confidential, keep_decisions, keep_findings
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject
from agoranomos.kernel.store import Store
from agoranomos.staff.model import Person
from agoranomos.staff.roles import Role
from tests.promotions.remedies.scene import VAULT
from tests.staff.house import Client, House

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
"""What an outsider may call a listing."""


class Desk:
    """The house, and what was put into its store."""

    def __init__(
        self, store: Store, pictures_root: Path | None = None, *, guided: bool = False, open_locally: bool = False
    ) -> None:
        self.house = House(store, pictures_root=pictures_root, guided=guided, open_locally=open_locally)
        self.now = self.house.clock()
        self.policy = self.house.policy
        self.someone = Actor("person", "somebody-else")
        self._readers: dict[tuple[Role, ...], Person] = {}

    def found(self, finding_id: str = "f_1", **fields: Any) -> Finding:
        """A finding, kept."""
        given = {
            "code": "goods.brand_disguised", "subject": Subject("listing", "l-1"), "score": 0.95,
            "reasons": (Reason("goods.brand_disguised", EVIL, {"weight": 3.5, "quotes": [EVIL], "a": {"b": 1.5}}),),
            "related": (Related("store", EVIL, "tie"),), "detector": "d", "version": "1", "at": rfc3339(self.now),
        }  # fmt: skip
        finding = Finding(id=finding_id, **{**given, **fields})
        with self.house.store.transaction() as connection:
            keep = keep_confidential if finding.subject.kind == "staff" else keep_findings
            keep(connection, [finding], now=self.now)
        return finding

    def decided(self, decision_id: str, outcome: Outcome, days_ago: float = 0, **fields: Any) -> None:
        """A decision, kept; of the check of listings unless `fields` say otherwise."""
        at = rfc3339(self.now - timedelta(days=days_ago))
        given = {
            "check": "listing", "subject": Subject("listing", "l-1"), "score": 0.5, "reasons": (), "hits": (),
            "policy_version": "1",
        }  # fmt: skip
        made = Decision(id=decision_id, at=at, outcome=outcome, **{**given, **fields})
        with self.house.store.transaction() as connection:
            keep_decisions(connection, [made], now=self.now)

    def asked(self, kind: str, subject: Subject, *, by: Actor | None = None, because: str = "f_1") -> str:
        """An action that somebody asked for; its id."""
        with self.house.store.transaction() as connection:
            made = actions.request(
                connection, [Want(kind, subject, {})], by=by or self.someone, because=[because],
                policy=self.policy, now=self.now,
            )  # fmt: skip
        return made[0].id

    def told(self, *events: Event) -> None:
        """Events, taken into the log and heard."""
        with self.house.store.transaction() as connection:
            accept(connection, VAULT, list(events), now=self.now, hearers=HEARERS)

    def reader(self, *roles: Role) -> Client:
        """The browser of somebody with `roles` (an analyst), the same person each time: some houses are many tests'."""
        chosen = roles or (Role.ANALYST,)
        if chosen not in self._readers:
            self._readers[chosen] = self.house.add("-".join(chosen), *chosen)
        return self.house.browser_of(self._readers[chosen])
