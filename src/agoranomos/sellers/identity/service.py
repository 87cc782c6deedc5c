"""One request, one transaction: what HTTP does with applications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.intake.noting import Notings, noted_and_veiled
from agoranomos.judgements.queries import get_decision
from agoranomos.kernel import events
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.schema.sellers import SellerApplied
from agoranomos.kernel.store import Store
from agoranomos.sellers.identity import actions, queries
from agoranomos.sellers.identity.advising import Adviser
from agoranomos.sellers.identity.deciding import CHECK
from agoranomos.sellers.identity.facts import NOT_CHECKED, Verdict
from agoranomos.sellers.identity.photos.eyes import Eyes
from agoranomos.sellers.identity.photos.model import ROLES
from agoranomos.sellers.identity.policy import Policy
from agoranomos.sellers.identity.telling import Told
from agoranomos.sellers.identity.verifying import PHOTO_BYTES_MAX, Asked, PersonVerifier
from agoranomos.vault.keys import Vault


class ApplicationDecision(Decision, frozen=True):
    """A decision, and beside its reasons, which are for people who work on cases, what the applicant may be told."""

    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationService:
    """What the check works with; `advisers` are other rooms that know something of an applicant, and `hear` lets them
    hear what has come into the log; `rules` are asked.
    """

    store: Store
    vault: Callable[[], Vault]
    notings: Notings
    eyes: Eyes
    verifier: PersonVerifier
    policy: Policy
    clock: Clock
    advisers: Sequence[Adviser] = ()
    hear: Callable[[], None] = lambda: None
    rules: Consultant = NO_RULES

    def check(self, body: bytes, idempotency_key: str | None) -> ApplicationDecision:
        """Judges the application in `body`, a CloudEvent; it is not stored. Raises Invalid and Conflict."""
        if idempotency_key is not None and not is_id(idempotency_key):
            raise Invalid("an idempotency key is a printable string of 1 to 128 characters")
        plain = events.parse_line(body, "body")
        if not isinstance(plain.body, SellerApplied):
            raise Invalid("an event of this type is not judged here; send seller.applied", pointer="/type")
        keys = self.vault().keys
        digest = keys.digest(b"application\0" + msgspec.json.encode(plain.data, order="sorted"))[:16].hex()
        if (known := self._answered(idempotency_key, digest)) is not None:
            return known
        event = noted_and_veiled(self.notings, keys, plain)
        self.hear()
        verdict = self._verdict(plain.body, event)
        rules = self.rules.beforehand(CHECK, event)
        with self.store.transaction() as connection:
            _, decision_id = actions.check(
                connection,
                event,
                verdict=verdict,
                policy=self.policy,
                advisers=self.advisers,
                body_digest=digest,
                idempotency_key=idempotency_key,
                now=self.clock(),
                rules=rules,
            )
            return self.full_decision(connection, decision_id)

    def full_decision(self, connection: sa.Connection, decision_id: str) -> ApplicationDecision:
        """The kept decision with what the applicant may be told. Raises NotFound."""
        decision = get_decision(connection, decision_id)
        check = queries.check_of(connection, decision_id)
        fields: dict[str, Any] = {name: getattr(decision, name) for name in Decision.__struct_fields__}
        return ApplicationDecision(**fields, told=check.told if check else ())

    def _answered(self, idempotency_key: str | None, digest: str) -> ApplicationDecision | None:
        if idempotency_key is None:
            return None
        with self.store.reading() as connection:
            known = queries.check_by_key(connection, idempotency_key)
            if known is None:
                return None
            return self.full_decision(connection, actions.require_same(known, digest).decision_id)

    def _verdict(self, plain: SellerApplied, event: Event) -> Verdict:
        """What the provider says, or has said of the very same before; nobody is asked about a firm."""
        if plain.id_kind not in self.policy.person.compared:
            return NOT_CHECKED
        with self.store.reading() as connection:
            known = queries.verdict_of(connection, plain.application_id, actions.about_of(event))
        if known is not None and known.answer != "failed":
            return known
        return self.verifier.verify(self._asked(plain), self.clock())

    def _asked(self, plain: SellerApplied) -> Asked:
        given = {role: str(getattr(plain, role)) for role in ROLES if getattr(plain, role)}
        read = {role: self.eyes.bytes_of(each, PHOTO_BYTES_MAX) for role, each in given.items()}
        return Asked(
            application_id=plain.application_id,
            id_kind=plain.id_kind,
            legal_name=plain.legal_name,
            id_number=plain.id_number,
            photos={role: data for role, data in read.items() if data is not None},
            addresses={role: each for role, each in given.items() if each.startswith("https://")},
        )
