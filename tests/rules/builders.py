"""What the tests of the rule book have in common: people, proposals, and short ways to the verbs."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from agoranomos.audit import queries as audit
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.store import Store
from agoranomos.rules import actions, queries
from agoranomos.rules.model import Proposal, Standing, Version
from tests.builders import NOW

ADA, BOB, EVE = (Actor("person", name) for name in ("ada", "bob", "eve"))
MANY = "promotions.many_claims"


def draw(count: int) -> bytes:
    """Random bytes."""
    return os.urandom(count)


def make_proposal(rule_id: str = MANY, line: int = 5, **fields: Any) -> Proposal:
    """A proposal whose content depends on `line`."""
    given = {"owner": "risk", "document": {"id": rule_id, "when": f"claims_10m(device_id) > {line}"}, **fields}
    return Proposal(rule_id=rule_id, **given)


def propose(store: Store, *proposals: Proposal, by: Actor = ADA, now: datetime = NOW) -> list[Version]:
    """`actions.propose`."""
    with store.transaction() as connection:
        return actions.propose(connection, proposals or [make_proposal()], by=by, now=now)


def shadow(
    store: Store, rule_id: str = MANY, version: int | None = None, by: Actor = ADA, now: datetime = NOW
) -> Standing:
    """`actions.put_into_shadow`."""
    with store.transaction() as connection:
        return actions.put_into_shadow(connection, rule_id, version, by=by, now=now)


def ask(store: Store, rule_id: str = MANY, by: Actor = ADA, now: datetime = NOW) -> Approval:
    """`actions.ask_promotion`."""
    with store.transaction() as connection:
        return actions.ask_promotion(connection, rule_id, by=by, now=now)


def ask_back(store: Store, version: int, rule_id: str = MANY, by: Actor = ADA, now: datetime = NOW) -> Approval:
    """`actions.ask_rollback`."""
    with store.transaction() as connection:
        return actions.ask_rollback(connection, rule_id, version, by=by, now=now)


def approve(store: Store, approval: Approval, by: Actor = BOB, now: datetime = NOW) -> Standing:
    """`actions.approve`."""
    with store.transaction() as connection:
        return actions.approve(connection, approval.approval_id, by=by, now=now)


def make_live(store: Store, proposal: Proposal | None = None, now: datetime = NOW) -> Standing:
    """A version all the way: proposed and asked for by Ada, approved by Bob."""
    given = proposal or make_proposal()
    propose(store, given, now=now)
    shadow(store, given.rule_id, now=now)
    return approve(store, ask(store, given.rule_id, now=now), now=now)


def standing_of(store: Store, rule_id: str = MANY) -> Standing:
    """`queries.get_standing`."""
    with store.reading() as connection:
        return queries.get_standing(connection, rule_id)


def verbs(store: Store) -> list[str]:
    """The verbs of the audit log, in order."""
    with store.reading() as connection:
        return [each.entry.verb for each in audit.find(connection, after=-1, limit=10_000)]
