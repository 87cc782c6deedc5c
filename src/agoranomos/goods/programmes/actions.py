"""The verbs of programmes, given an open transaction; audit entry and actions beside each change.

Somebody asks for an enrolment, a second person agrees, and it begins. What is heard afterwards is written down as a
fact and looked at within seconds (`settle`): restrictions are lifted and restored by where the facts leave the seller.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.model import Want
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.goods.programmes import queries
from agoranomos.goods.programmes.hearing import heard
from agoranomos.goods.programmes.model import Enrolment, Fact, Standing, standing
from agoranomos.goods.programmes.monitor import NAME
from agoranomos.goods.programmes.policy import Policy
from agoranomos.goods.programmes.tables import programme_enrolments, programme_facts, programme_stores
from agoranomos.goods.programmes.telling import changes, relapse
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import ApprovalStatus, Wanted
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived, is_id
from agoranomos.staff import approving

ENROL: Final = "programme.enrol"
"""The kind of approval that an enrolment needs."""
MODEL: Final = Actor("model", NAME)
_LASTS: Final = timedelta(days=14)
_AT_A_TIME: Final = 100


def ask(
    connection: sa.Connection, seller_id: str, programme: str, *, policy: Policy, by: Actor, now: datetime
) -> Enrolment:
    """Asks a second person to agree that a seller is enrolled.

    Raises NotFound for a programme, Invalid for a seller, Conflict when they are enrolled or asked for already.
    """
    policy.programme(programme)
    if not is_id(seller_id) or "@" in seller_id or any(map(str.isspace, seller_id)):
        raise Invalid("a seller is named by an id, without spaces or @", pointer="/seller_id")
    known = queries.of_seller(connection, seller_id)
    if known is not None and known.state in queries.OPEN:
        raise Conflict(f"this seller is {known.state} already; see {known.enrolment_id}")
    wanted = _wanted(seller_id, programme)
    approval = approving.request(connection, wanted, by=by, now=now, lasts=_LASTS)
    enrolment_id = derived("pe", approval.approval_id)
    row = {
        "enrolment_id": enrolment_id, "seller_id": seller_id, "programme": programme, "state": "asked", "asked_at": now,
        "asked_by": str(by), "approval_id": approval.approval_id, "began_at": None, "in_force": [], "reached": [],
        "relapses": 0, "due_at": None,
    }  # fmt: skip
    if not insert_ignore(connection, programme_enrolments, [row]):
        return queries.get(connection, enrolment_id)
    record(connection, _entry("programme.ask", enrolment_id, by, now, seller_id=seller_id, programme=programme))
    return queries.get(connection, enrolment_id)


def settle(connection: sa.Connection, *, policy: Policy, action_policy: ActionPolicy, now: datetime) -> int:
    """Begins what was agreed to, and looks at what was heard or fell due; returns how many enrolments that were."""
    done = sum(_decided(connection, each, now) for each in queries.asked(connection))
    while found := queries.due(connection, now, _AT_A_TIME):
        for enrolment_id in found:
            _look(connection, queries.get(connection, enrolment_id), policy, action_policy, now)
        done += len(found)
    return done


def leave(connection: sa.Connection, enrolment_id: str, *, by: Actor, now: datetime) -> Enrolment:
    """Ends an enrolment; all restrictions are back. Raises NotFound, Conflict unless it is under way."""
    enrolment = queries.get(connection, enrolment_id)
    if enrolment.state == "left":
        return enrolment
    if enrolment.state not in ("active", "completed"):
        raise Conflict(f"this enrolment is {enrolment.state}; only one that is under way can be left")
    _keep(connection, enrolment_id, Fact("left", enrolment_id, now), now)
    record(connection, _entry("programme.leave", enrolment_id, by, now))
    return queries.get(connection, enrolment_id)


def hear(connection: sa.Connection, event: Event, now: datetime) -> None:
    """Writes down what an event says of somebody on the way back (and who opened which store)."""
    if event.type == "store.opened":
        row = {"store_id": event.data["store_id"], "seller_id": event.data["seller_id"]}
        upsert(connection, programme_stores, [row], ["store_id"])
        return
    found = heard(event, lambda store_id: queries.seller_of(connection, store_id))
    if found is None or (found.fact is not None and found.fact.kind == "enrolled"):
        return  # who is enrolled is decided here, by two people
    enrolment = queries.of_seller(connection, found.seller_id)
    if enrolment is None or enrolment.began_at is None:
        return
    if found.overturned:
        _overturn(connection, enrolment.enrolment_id, found.overturned, now)
    elif found.fact is not None:
        _keep(connection, enrolment.enrolment_id, found.fact, now)


def _decided(connection: sa.Connection, enrolment: Enrolment, now: datetime) -> bool:
    """What the second person said: the enrolment begins, or is refused."""
    approval = approvals.get(connection, enrolment.approval_id)
    status = approval.status_at(now)
    if status is ApprovalStatus.PENDING:
        return False
    if status is ApprovalStatus.APPROVED:
        approving.spend(connection, enrolment.approval_id, approval.wanted, by=SYSTEM, now=now)
        _set(connection, enrolment.enrolment_id, state="active", began_at=now)
        _keep(connection, enrolment.enrolment_id, Fact("enrolled", enrolment.enrolment_id, now), now)
        by = approval.decided_by or SYSTEM
        record(connection, _entry("programme.enrol", enrolment.enrolment_id, by, now))
    else:
        _set(connection, enrolment.enrolment_id, state="refused")
        record(connection, _entry("programme.refuse", enrolment.enrolment_id, SYSTEM, now, status=str(status)))
    return True


def _look(
    connection: sa.Connection, enrolment: Enrolment, policy: Policy, action_policy: ActionPolicy, now: datetime
) -> None:
    """Where the facts leave the seller now, and what follows."""
    programme = policy.programmes.get(enrolment.programme)
    if programme is None:  # it was taken out of the policy: what is in force stays so
        _set(connection, enrolment.enrolment_id, due_at=None)
        return
    facts = queries.facts_of(connection, enrolment.enrolment_id)
    found = standing(facts, programme, now)
    assert found is not None, "an enrolment that has begun holds the fact of it"
    because = [enrolment.enrolment_id, *_relapsed(connection, enrolment, facts, found, now)]
    subject = Subject("seller", enrolment.seller_id)
    wants = [
        # The moment: what was lifted, restored and is lifted again is another action.
        Want(each.kind, subject, {**_params(enrolment, each.restriction), "since": rfc3339(now)})
        for each in changes(enrolment.in_force, found.in_force)
    ]
    if wants:
        enforcing.request(connection, wants, by=MODEL, because=because, policy=action_policy, now=now)
    _set(
        connection, enrolment.enrolment_id, state=found.state, in_force=sorted(found.in_force),
        reached=list(found.reached), relapses=found.relapses, due_at=found.due_at,
    )  # fmt: skip
    if (found.state, found.in_force, found.reached) != (
        enrolment.state,
        frozenset(enrolment.in_force),
        enrolment.reached,
    ):
        params = {"state": found.state, "reached": found.reached, "in_force": tuple(sorted(found.in_force))}
        record(connection, _entry("programme.step", enrolment.enrolment_id, SYSTEM, now, **params))


def _relapsed(
    connection: sa.Connection, enrolment: Enrolment, facts: list[Fact], found: Standing, now: datetime
) -> list[str]:
    """The finding on a relapse that was not known before, kept; its id."""
    if found.relapses <= enrolment.relapses:
        return []
    latest = max((each for each in facts if each.kind == "relapse" and not each.overturned), key=lambda each: each.at)
    finding = relapse(enrolment.seller_id, enrolment.programme, found, latest.fact_id, latest.at, ())
    keep_findings(connection, [finding], now=now)
    return [finding.id]


def _keep(connection: sa.Connection, enrolment_id: str, fact: Fact, now: datetime) -> None:
    row = {
        "enrolment_id": enrolment_id, "kind": fact.kind, "fact_id": fact.fact_id, "at": fact.at, "overturned": False,
    }  # fmt: skip
    if insert_ignore(connection, programme_facts, [row]):
        _set(connection, enrolment_id, due_at=max(now, fact.at))


def _overturn(connection: sa.Connection, enrolment_id: str, fact_id: str, now: datetime) -> None:
    table = programme_facts
    mine = sa.and_(table.c.enrolment_id == enrolment_id, table.c.fact_id == fact_id, ~table.c.overturned)
    if connection.execute(sa.update(table).where(mine).values(overturned=True)).rowcount:
        _set(connection, enrolment_id, due_at=now)


def _wanted(seller_id: str, programme: str) -> Wanted:
    return Wanted(
        kind=ENROL, subject_kind="seller", subject_id=seller_id, params={"programme": programme},
        beneficiaries=(seller_id,),
    )  # fmt: skip


def _params(enrolment: Enrolment, restriction: str) -> dict[str, Any]:
    return {"programme": enrolment.programme, "restriction": restriction}


def _set(connection: sa.Connection, enrolment_id: str, **values: Any) -> None:
    connection.execute(
        sa.update(programme_enrolments).where(programme_enrolments.c.enrolment_id == enrolment_id).values(**values)
    )


def _entry(verb: str, enrolment_id: str, by: Actor, now: datetime, **params: Any) -> Entry:
    return Entry(at=now, actor=by, verb=verb, subject_kind="enrolment", subject_id=enrolment_id, params=params)
