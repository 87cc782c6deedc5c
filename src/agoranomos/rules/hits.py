"""Every time a rule was true, kept beside the findings and decisions that say so; and live held against candidate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.consulting import SNOOZED_REASON
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.findings import Finding
from agoranomos.rules import queries
from agoranomos.rules.model import BY_RULE, RuleHit
from agoranomos.rules.tables import rule_hits

COMPARED_MAX: Final = 200_000
EXAMPLES: Final = 5


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The live version and the candidate over the same time. A hit is the same when it is of the same event.

    `complete` is False when there were more than COMPARED_MAX hits of one, and only the first were compared.
    """

    rule_id: str
    live_version: int
    shadow_version: int
    since: datetime
    until: datetime
    live_hits: int
    shadow_hits: int
    both_hits: int
    live_subjects: int
    shadow_subjects: int
    both_subjects: int
    only_live: list[RuleHit]
    only_shadow: list[RuleHit]
    both: list[RuleHit]
    complete: bool


def keep_hits(connection: sa.Connection, said: Iterable[Finding | Decision]) -> int:
    """Keeps the hits of rules in what was said, each once. Returns how many are new."""
    rows = [row for each in said for row in (_of_finding(each) if isinstance(each, Finding) else _of_decision(each))]
    return insert_ignore(connection, rule_hits, rows)


def compare(
    connection: sa.Connection, rule_id: str, *, since: datetime | None, until: datetime | None, now: datetime
) -> Comparison:
    """Holds the version in shadow against the live one, from when both were evaluated. Raises NotFound, Conflict."""
    standing = queries.get_standing(connection, rule_id)
    if standing.live_version is None or standing.shadow_version is None:
        raise Conflict("there is nothing to compare: one version must be live and another one in shadow")
    assert standing.live_since is not None
    assert standing.shadow_since is not None
    begin, end = max(standing.live_since, standing.shadow_since, since or standing.shadow_since), until or now
    sides = [
        queries.hits_of(connection, rule_id, version, since=begin, until=end, limit=COMPARED_MAX + 1)
        for version in (standing.live_version, standing.shadow_version)
    ]
    live, shadow = ({(hit.at, hit.event_id, hit.subject): hit for hit in side[:COMPARED_MAX]} for side in sides)
    of_live, of_shadow = ({hit.subject for hit in side.values()} for side in (live, shadow))
    return Comparison(
        rule_id=rule_id,
        live_version=standing.live_version,
        shadow_version=standing.shadow_version,
        since=begin,
        until=end,
        live_hits=len(live),
        shadow_hits=len(shadow),
        both_hits=len(live.keys() & shadow.keys()),
        live_subjects=len(of_live),
        shadow_subjects=len(of_shadow),
        both_subjects=len(of_live & of_shadow),
        only_live=[hit for key, hit in live.items() if key not in shadow][:EXAMPLES],
        only_shadow=[hit for key, hit in shadow.items() if key not in live][:EXAMPLES],
        both=[hit for key, hit in shadow.items() if key in live][:EXAMPLES],
        complete=all(len(side) <= COMPARED_MAX for side in sides),
    )


def prune(connection: sa.Connection, before: datetime) -> int:
    """Forgets hits that are older than `before`; findings and decisions stay. Returns how many."""
    return connection.execute(sa.delete(rule_hits).where(rule_hits.c.at < before)).rowcount


def _of_finding(finding: Finding) -> Iterator[dict[str, Any]]:
    if not finding.detector.startswith(BY_RULE):
        return
    evidence = finding.reasons[0].evidence
    snoozed = any(reason.code == SNOOZED_REASON for reason in finding.reasons)
    yield {
        "rule_id": finding.detector.removeprefix(BY_RULE),
        "version": int(finding.version),
        "said_id": f"{finding.id}:{finding.revision}",
        "at": parse_rfc3339(finding.at),
        "standing": "snoozed" if snoozed else finding.status,
        "subject_kind": finding.subject.kind,
        "subject_id": finding.subject.id,
        "event_id": finding.event_ids[-1],
        "outcome": evidence["outcome"],
        "score": finding.score,
        "facts": evidence["values"],
    }


def _of_decision(decision: Decision) -> Iterator[dict[str, Any]]:
    for hit in decision.hits:
        detector = str(hit.values.get("detector", ""))
        if not detector.startswith(BY_RULE):
            continue
        subject = hit.values["subject"]
        yield {
            "rule_id": detector.removeprefix(BY_RULE),
            "version": int(hit.values["version"]),
            "said_id": decision.id,
            "at": parse_rfc3339(decision.at),
            "standing": hit.status,
            "subject_kind": subject["kind"],
            "subject_id": subject["id"],
            "event_id": hit.values["event_id"],
            "outcome": hit.outcome.value,
            "score": hit.score,
            "facts": hit.values["values"],
        }
