"""The verbs of applications, given an open transaction: judge one, and hear of one from the log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.judgements.actions import keep_decisions, keep_findings
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.events import Event
from agoranomos.sellers.identity import queries
from agoranomos.sellers.identity.advising import Adviser
from agoranomos.sellers.identity.book import kept_of
from agoranomos.sellers.identity.deciding import Judged, judge
from agoranomos.sellers.identity.facts import NOT_CHECKED, Verdict
from agoranomos.sellers.identity.noted import facts_of
from agoranomos.sellers.identity.policy import Policy


def about_of(event: Event) -> str:
    """A hash of what a provider is asked about: name, number and photos (tokens). Another photo is another question."""
    data = event.data
    fields = ("legal_name", "id_number", "id_photo", "holding_photo", "face_photo")
    said = msgspec.json.encode([data.get(name) for name in fields])
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def check(
    connection: sa.Connection,
    event: Event,
    *,
    verdict: Verdict,
    policy: Policy,
    advisers: Sequence[Adviser],
    body_digest: str,
    idempotency_key: str | None,
    now: datetime,
    rules: Consultant = NO_RULES,
) -> tuple[Judged, str]:
    """Judges an application that is not taken into the log; keeps the decision and what the provider said. `rules` have
    their say.

    Returns the judgement and the id of the decision that stands under the key. Raises Conflict for a key that was used
    for another application.
    """
    if verdict != NOT_CHECKED:
        queries.keep_verdict(connection, event.data["application_id"], about_of(event), verdict, now=now)
    facts = facts_of(event, queries.StoreBook(connection, now), verdict)
    advice = [each for ask in advisers for each in ask(connection, event)]
    judged = judge(event, facts, policy, advice, rules)
    keep_decisions(connection, [judged.decision], now=now)
    rules.note(connection, judged.decision)
    made = queries.Check(
        decision_id=judged.decision.id,
        application_id=event.data["application_id"],
        idempotency_key=idempotency_key,
        body_digest=body_digest,
        told=judged.told,
        at=now,
    )
    if queries.add_check(connection, made) or idempotency_key is None:
        return judged, made.decision_id
    first = queries.check_by_key(connection, idempotency_key)
    return judged, require_same(first, body_digest).decision_id if first else made.decision_id


def require_same(known: queries.Check, body_digest: str) -> queries.Check:
    """`known`, if it was about the same application. Raises Conflict."""
    if known.body_digest != body_digest:
        raise Conflict("this idempotency key was used for another application; draw a new key for each application")
    return known


def hear(
    connection: sa.Connection, event: Event, now: datetime, *, policy: Policy, advisers: Sequence[Adviser] = ()
) -> None:
    """Judges an application that is taken into the log, keeps what was found, and remembers its photos."""
    verdict = queries.verdict_of(connection, event.data["application_id"], about_of(event)) or NOT_CHECKED
    book = queries.StoreBook(connection, now)
    facts = facts_of(event, book, verdict)
    advice = [each for ask in advisers for each in ask(connection, event)]
    judged = judge(event, facts, policy, advice)
    keep_decisions(connection, [judged.decision], now=now)
    keep_findings(connection, judged.findings, now=now)
    book.keep(kept_of(event, facts.seen))
