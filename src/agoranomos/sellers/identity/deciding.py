"""From facts to a decision: pure, so that a check, the log and a replay decide alike.

Evidence adds up in log-odds (docs/decisions/0006): of the signs of one detector the heaviest counts in full and each
further one half of the last share, since they rest on the same field.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import msgspec

from agoranomos.engine.detectors import AnyDetector, discover
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import NO_RULES, Consultant, scores_of, with_rules
from agoranomos.kernel.decisions import Decision, Hit, Outcome, strongest
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived_at
from agoranomos.sellers.identity import detectors as package
from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.policy import Policy
from agoranomos.sellers.identity.signs import Sign
from agoranomos.sellers.identity.telling import Told, told

CHECK: Final = "application"
TOGETHER: Final = "sellers.application_doubtful"
"""The finding that adds up what several detectors saw."""
VERSION: Final = "1"
UNSEEN: Final = ""
"""The kind of document of an application that came in before anybody looked."""
PERSON: Final = "sellers.person_not_confirmed"


class Judged(msgspec.Struct, frozen=True):
    """A decision, what the applicant is told of it, and what is worth a person's time."""

    decision: Decision
    told: tuple[Told, ...]
    findings: tuple[Finding, ...]


def judge(
    event: Event, facts: ApplicationFacts, policy: Policy, advice: Sequence[Finding] = (), rules: Consultant = NO_RULES
) -> Judged:
    """Decides on the application that `event`, with tokens in it, tells of. `advice` is what other rooms found; `rules`
    are asked with what detectors and rooms say.
    """
    signs = tuple(inspected(facts))
    score = probability(signs, policy.prior)
    at, subject = rfc3339(event.time), Subject("application", event.data["application_id"])
    hits = (*(_hit(sign, signs, facts, policy) for sign in signs), *(_advised(each, policy) for each in advice))
    called = [policy.of_score(score), *(hit.outcome for hit in hits)]
    decision = Decision(
        id=_decision_id(event, facts, policy, advice),
        at=at,
        check=CHECK,
        subject=subject,
        outcome=strongest(called),
        score=max([score, *(each.score for each in advice)]),
        reasons=(*map(_reason, signs), *(reason for each in advice for reason in each.reasons)),
        hits=hits,
        policy_version=policy.version,
    )
    consulted = rules.ask(CHECK, event, scores_of(decision))
    if consulted.hits:  # asked about by other rules, it is another decision
        name = derived_at(event.time, decision.id, *(f"{each.code} {each.status}" for each in consulted.hits))
        decision = with_rules(msgspec.structs.replace(decision, id=name), consulted)
    texts = told(signs, decision.outcome, advice)
    return Judged(decision, texts, tuple(_findings(event, facts, signs, policy)))


def inspected(facts: ApplicationFacts) -> list[Sign]:
    """All signs, the heaviest first."""
    found = [sign for each in detectors() for sign in each.inspect(facts, each.settings)]
    return sorted(found, key=lambda sign: (-sign.weight, sign.code, sign.way))


def probability(signs: Iterable[Sign], prior: float) -> float:
    """That the application does not show who applies, given these signs."""
    total, shares = prior, dict[str, float]()
    for sign in sorted(signs, key=lambda sign: -abs(sign.weight)):
        share = shares.get(sign.code, 1.0)
        total += sign.weight * share
        shares[sign.code] = share / 2
    return round(1 / (1 + math.exp(-total)), 6)


@cache
def detectors() -> tuple[AnyDetector, ...]:
    """All detectors of applications, in the order of their codes."""
    return discover(package)


@cache
def _versions() -> dict[str, str]:
    return {each.code: each.version for each in detectors()}


def _hit(sign: Sign, signs: Sequence[Sign], facts: ApplicationFacts, policy: Policy) -> Hit:
    outcome = policy.of_sign(sign)
    if sign.code == PERSON and facts.seen.id_kind in {*policy.person.compared, UNSEEN}:
        outcome = policy.person.outcome(facts.verdict.answer)
    own = probability([each for each in signs if each.code == sign.code], policy.prior)
    values = {"way": sign.way, "weight": sign.weight, "version": _versions()[sign.code], **sign.values}
    return Hit(code=sign.code, outcome=outcome, score=own, status="live", values=values)


def _advised(finding: Finding, policy: Policy) -> Hit:
    """What a finding of another room calls for: what the policy says of its code, or of its score."""
    outcome = strongest([policy.of_score(finding.score), policy.always.get(finding.code, Outcome.APPROVE)])
    values = {"finding_id": finding.id, "version": finding.version}
    return Hit(code=finding.code, outcome=outcome, score=finding.score, status=finding.status, values=values)


def _reason(sign: Sign) -> Reason:
    return Reason(sign.code, sign.message, {"way": sign.way, "weight": sign.weight, "message_zh": sign.message_zh})


def _findings(event: Event, facts: ApplicationFacts, signs: Sequence[Sign], policy: Policy) -> Iterable[Finding]:
    """One for each detector that is worth a person's time by itself, and one for several together."""
    against = [sign for sign in signs if sign.weight > 0]
    by_code: dict[str, list[Sign]] = {}
    for sign in against:
        by_code.setdefault(sign.code, []).append(sign)
    for code, mine in sorted(by_code.items()):
        score = probability(mine, policy.prior)
        if score >= policy.report_line:
            yield _finding(event, code, score, mine, _related(facts) if code == "sellers.document_reused" else ())
    score = probability(signs, policy.prior)
    if len(by_code) > 1 and score >= policy.report_line:
        yield _finding(event, TOGETHER, score, against, ())


def _finding(event: Event, code: str, score: float, signs: Sequence[Sign], related: tuple[Related, ...]) -> Finding:
    subject = Subject("application", event.data["application_id"])
    seller = Related("seller", event.data["seller_id"], "member")
    return Finding(
        id=finding_id(code, subject, event.time),
        at=rfc3339(event.time),
        code=code,
        subject=subject,
        score=score,
        reasons=tuple(map(_reason, signs)),
        detector=code,
        version=_versions().get(code, VERSION),
        related=(seller, *related),
        event_ids=(event.id,),
    )


def _related(facts: ApplicationFacts) -> tuple[Related, ...]:
    applications = dict.fromkeys(used.application_id for used in facts.used)
    sellers = dict.fromkeys(used.seller_id for used in facts.used)
    return (
        *(Related("application", each, "tie") for each in applications),
        *(Related("seller", each, "tie") for each in sellers),
    )


def _decision_id(event: Event, facts: ApplicationFacts, policy: Policy, advice: Sequence[Finding]) -> str:
    """The same for the same application, seen the same, under one policy: asking twice makes one decision."""
    said = msgspec.json.encode((event.data, facts, policy.version, advice), order="sorted")
    digest = hashlib.blake2b(said, digest_size=16).hexdigest()
    return derived_at(event.time, "d", CHECK, event.data["application_id"], digest)
