"""The verbs of frozen money, given an open transaction; audit entry and action beside each change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry as AuditEntry
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import queries as asked_for
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.model import Want
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.judgements import asking
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.ledger.model import Account, Entry
from agoranomos.kernel.ledger.posting import open_accounts, post
from agoranomos.kernel.schema.orders import PayoutRequested
from agoranomos.sellers.conduct.desk import Suspects
from agoranomos.sellers.conduct.following import take_turn
from agoranomos.sellers.freeze import queries, telling
from agoranomos.sellers.freeze.desk import FreezeDesk
from agoranomos.sellers.freeze.keeper import Keeper
from agoranomos.sellers.freeze.model import Freeze, Release, Scope
from agoranomos.sellers.freeze.policy import Policy
from agoranomos.sellers.freeze.queries import StoreCabinet

_SETTLE_MAX: Final = 500
_NEVER: Final = frozenset({"refused", "failed"})


class StoreHands:
    """Books in the ledger of the store; what is released is released when its action was let go."""

    at_once = False

    def __init__(self, connection: sa.Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def book(self, accounts: Sequence[Account], entries: Sequence[Entry]) -> None:
        """See `telling.Hands`."""
        if accounts:
            open_accounts(self._connection, accounts)
        post(self._connection, entries, now=self._now)


class Verbs(msgspec.Struct, frozen=True):
    """What the verbs work with."""

    policy: Policy
    actions: ActionPolicy
    doubtful: Callable[[sa.Connection, str], bool]
    suspects: Suspects

    def desk(self, connection: sa.Connection, now: datetime, rules: Consultant = NO_RULES) -> FreezeDesk:
        """What decides, over the store; the rule book's `rules` are asked about payouts."""
        return FreezeDesk(
            StoreCabinet(connection),
            self.policy,
            needs_of(self.actions),
            StoreHands(connection, now),
            partial(self.doubtful, connection),
            self.suspects,
            rules,
        )


def freeze(
    connection: sa.Connection, verbs: Verbs, scope: Scope, scope_id: str, store_id: str, *, because: str, by: Actor,
    now: datetime,
) -> Freeze:  # fmt: skip
    """Freezes money of an order, listing or store for the finding, decision or case `because`; again changes nothing.

    Raises Invalid, Conflict when this reason has frozen it before and that is over.
    """
    if not (is_id(scope_id) and is_id(store_id) and is_id(because)):
        raise Invalid("name what is frozen, its store, and the finding, decision or case that it is for, by their ids")
    take_turn(connection)
    cause = f"case:{because}"[:128]
    cabinet = StoreCabinet(connection)
    begun, new = Keeper(cabinet, verbs.policy, StoreHands(connection, now)).begin(
        scope, scope_id, store_id, cause, now, by=str(by)
    )  # fmt: skip
    if begun.state != "held":
        raise Conflict(f"money was frozen for this before and is {begun.state}; a new freeze needs a new reason")
    if new:
        action = telling.freezing(begun, because, needs_of(verbs.actions))
        want = Want(action.kind, action.subject, action.params)
        kept = enforcing.request(connection, [want], by=by, because=[because], policy=verbs.actions, now=now)[0]
        begun = msgspec.structs.replace(begun, action_id=kept.id)
        cabinet.put_freeze(begun)
        _record(connection, begun, "payment.freeze", by, now, because=because)
    return begun


def release(
    connection: sa.Connection, verbs: Verbs, freeze_id: str, *, currency: str, amount: int | None, because: str,
    by: Actor, now: datetime, lifts: bool = False,
) -> Release:  # fmt: skip
    """Asks for money to be released (`amount` None: all that is left); above the policy's line a second person agrees.

    The same for the same reason is one release. Raises NotFound, Invalid, Conflict when so much is not there.
    """
    if not is_id(because):
        raise Invalid("say why: the id of a finding, decision or case", pointer="/because")
    take_turn(connection)
    cabinet = StoreCabinet(connection)
    frozen = queries.get(connection, freeze_id)
    sums = frozen.sums.get(currency)
    known = {each.action_id: each for each in cabinet.releases(freeze_id)}
    wanted = amount if amount is not None else (0 if sums is None else sums.held - sums.asked)
    subject = Subject(frozen.scope, frozen.scope_id)
    want = Want(telling.RELEASE, subject, {"amount": {"amount": wanted, "currency": currency}})
    reasons = tuple(sorted({because, freeze_id}))
    if (again := known.get(want.action_id(reasons))) is not None:
        return again
    keeper = Keeper(cabinet, verbs.policy, StoreHands(connection, now))
    asked = keeper.reserve(frozen, currency, wanted, want.action_id(reasons), now, lifts=lifts)
    enforcing.request(connection, [want], by=by, because=reasons, policy=verbs.actions, now=now)
    _record(connection, frozen, "payment.release", by, now, amount=wanted, currency=currency, because=because)
    settle_some(connection, keeper, [asked], now)
    return next(each for each in cabinet.releases(freeze_id) if each.action_id == asked.action_id)


def settle(connection: sa.Connection, verbs: Verbs, now: datetime, *, after: str = "") -> str:
    """Releases what was agreed to, keeps what was refused, for some of those behind the action `after`.

    Returns the last one that was looked at, "" when there are no more. A repeat changes nothing.
    """
    take_turn(connection)
    found = queries.open_releases(connection, after=after, limit=_SETTLE_MAX)
    keeper = Keeper(StoreCabinet(connection), verbs.policy, StoreHands(connection, now))
    settle_some(connection, keeper, found, now)
    return found[-1].action_id if len(found) == _SETTLE_MAX else ""


def settle_some(connection: sa.Connection, keeper: Keeper, found: Sequence[Release], now: datetime) -> None:
    """What became of the actions of `found`: money follows."""
    kept = asked_for.by_ids(connection, [each.action_id for each in found])
    for each in found:
        action = kept.get(each.action_id)
        if action is None or action.status in _NEVER:
            keeper.settle(each, now, agreed=False)
        elif action.status != "proposed":
            keeper.settle(each, now, agreed=True)


def check(
    connection: sa.Connection, verbs: Verbs, event: Event, *, key: str | None, now: datetime,
    rules: Consultant = NO_RULES,
) -> Decision:  # fmt: skip
    """The check of a payout that is not in the log yet; a repeat with the same key gets the first decision again.

    Raises Invalid for another event, Conflict for a key that was used for another payout.
    """
    body = _payout(event)
    if (known := answered(connection, event, key)) is not None:
        return known
    decision = verbs.desk(connection, now, rules).decide(event, body, now)
    told_apart = derived("d", decision.id, key or decision.at)  # by when it was asked
    made = msgspec.structs.replace(decision, id=told_apart, at=rfc3339(event.time))
    decision = asking.kept(connection, made, event, key, now=now)
    if decision.id == made.id:
        rules.note(connection, decision)
    return decision


def answered(connection: sa.Connection, event: Event, key: str | None) -> Decision | None:
    """The decision that was made under the key. Raises as `check`."""
    _payout(event)
    return asking.answered(connection, telling.CHECK, event, key)


def _payout(event: Event) -> PayoutRequested:
    if not isinstance(event.body, PayoutRequested):
        raise Invalid("this check judges payout.requested", pointer="/type")
    if event.body.amount.amount <= 0:
        raise Invalid("a payout asks for an amount above 0", pointer="/data/amount/amount")
    return event.body


def _record(
    connection: sa.Connection, frozen: Freeze, verb: str, by: Actor, now: datetime, **params: str | int
) -> None:
    safe = {name: each for name, each in params.items() if isinstance(each, int) or not set(each) & set("@ ")}
    entry = AuditEntry(
        at=now, actor=by, verb=verb, subject_kind="freeze", subject_id=frozen.freeze_id,
        params={"scope": frozen.scope, **safe},
    )  # fmt: skip
    record(connection, entry)
