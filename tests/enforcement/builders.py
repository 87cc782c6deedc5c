"""What the tests of actions have in common: a policy, people, wishes, and short ways to the verbs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from agoranomos.audit import queries as audit
from agoranomos.enforcement import actions, catalogue, queries
from agoranomos.enforcement import policy as policies
from agoranomos.enforcement.model import Measure, Undone, Want
from agoranomos.enforcement.policy import Policy, load_policy, parse_policy
from agoranomos.intake.actions import accept
from agoranomos.intake.queries import last_position
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_vault

ADA, BOB, EVE = (Actor("person", name) for name in ("ada", "bob", "eve"))
RULE = Actor("rule", "r1")
POLICY = load_policy()
SHIPPED = Path(policies.__file__).with_name("data").joinpath("policy.toml").read_text("utf-8")


def policy_with(*changes: tuple[str, str]) -> Policy:
    """The shipped policy with words of its text replaced."""
    text = SHIPPED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_policy(text.encode())


def make_want(number: int = 0, kind: str = "listing.remove", **params: Any) -> Want:
    """A wish about the listing, store or whatever `kind` begins with."""
    return Want(kind, Subject(kind.split(".", maxsplit=1)[0], f"{kind.split('.', maxsplit=1)[0][0]}{number}"), params)  # type: ignore[arg-type]


def log(store: Store, *told: tuple[str, dict[str, Any]]) -> None:
    """Puts (type, data) into the event log, in this order, and counts the catalogue."""
    shown = {"title": "Mug", "price": {"amount": 100, "currency": "CNY"}}
    more: dict[str, dict[str, Any]] = {
        "listing.submitted": shown,
        "listing.updated": shown,
        "listing.removed": {"by": "store"},
        "store.opened": {"seller_id": "u1"},
        "store.closed": {"reason": "voluntary"},
    }
    with store.transaction() as connection:
        first = last_position(connection)
        events = [
            parse_event({"id": f"e{number}", "source": "shop", "type": kind, "time": rfc3339(NOW),
                         "data": {**more[kind], **data}})
            for number, (kind, data) in enumerate(told, first)
        ]  # fmt: skip
        accept(connection, make_vault(), events, now=NOW)
    done = False
    while not done:
        with store.transaction() as connection:
            done = catalogue.count(connection)


def ask(store: Store, *wants: Want, by: Actor = RULE, now: datetime = NOW, **fields: Any) -> list[Action]:
    """`actions.request`."""
    given = {"because": ["f1"], "policy": POLICY, **fields}
    with store.transaction() as connection:
        return actions.request(connection, wants, by=by, now=now, **given)


def ask_measure(store: Store, *wants: Want, by: Actor = ADA, now: datetime = NOW, **fields: Any) -> Measure:
    """`actions.request_measure`."""
    given = {"because": ["f1"], "policy": POLICY, **fields}
    with store.transaction() as connection:
        return actions.request_measure(connection, wants, by=by, now=now, **given)


def approve(store: Store, approval_id: str | None, by: Actor = BOB, now: datetime = NOW) -> list[Action]:
    """`actions.approve`."""
    assert approval_id is not None
    with store.transaction() as connection:
        return actions.approve(connection, approval_id, by=by, now=now)


def refuse(store: Store, approval_id: str | None, by: Actor = BOB, now: datetime = NOW) -> list[Action]:
    """`actions.refuse`."""
    assert approval_id is not None
    with store.transaction() as connection:
        return actions.refuse(connection, approval_id, by=by, now=now)


def confirm(store: Store, action_id: str, outcome: Any = "done", now: datetime = NOW) -> Action:
    """`actions.confirm`, by the marketplace."""
    with store.transaction() as connection:
        return actions.confirm(
            connection, action_id, outcome, by=Actor("key", "shop"), policy=POLICY, now=now
        )  # fmt: skip


def undo(store: Store, action_id: str, by: Actor = ADA, now: datetime = NOW) -> Undone:
    """`actions.undo`."""
    with store.transaction() as connection:
        return actions.undo(connection, action_id, by=by, policy=POLICY, now=now)


def undo_measure(store: Store, measure_id: str, by: Actor = ADA, now: datetime = NOW) -> Undone:
    """`actions.undo_measure`."""
    with store.transaction() as connection:
        return actions.undo_measure(connection, measure_id, by=by, policy=POLICY, now=now)


def kept(store: Store, **about: Any) -> list[queries.Kept]:
    """Actions as they are kept, in the order of their subjects."""
    with store.reading() as connection:
        found = queries.listed(connection, queries.About(**about), after=None, limit=10_000)
    return sorted(found, key=lambda each: (each.subject.kind, each.subject.id, each.kind))


def statuses(found: Sequence[Action]) -> Counter[str]:
    """How many have which status."""
    return Counter(each.status for each in found)


def trace(store: Store) -> list[str]:
    """The verbs of the audit log."""
    with store.reading() as connection:
        return [each.entry.verb for each in audit.find(connection, after=-1, limit=10_000)]
