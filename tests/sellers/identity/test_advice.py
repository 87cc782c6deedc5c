"""What other rooms know of an applicant has its say in the decision, and he is told what he may know of it."""

from __future__ import annotations

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.sellers.certification.advising import REQUIRED
from agoranomos.sellers.identity.deciding import judge
from agoranomos.sellers.identity.policy import load_policy
from agoranomos.sellers.identity.telling import Told
from tests.builders import NOW
from tests.sellers.identity.builders import make_application, make_facts

POLICY = load_policy()


def advice(code: str, score: float) -> Finding:
    return Finding(
        id="f-1", at=rfc3339(NOW), code=code, subject=Subject("application", "a-1"), score=score,
        reasons=(Reason(code, "Said by another room.", {"message_zh": "他处告知。"}),), detector="test", version="1",
    )  # fmt: skip


def test_who_must_be_certified_waits_and_is_told_so() -> None:
    event, facts = make_application(), make_facts()
    alone = judge(event, facts, POLICY)
    judged = judge(event, facts, POLICY, [advice(REQUIRED, 0.0)])
    assert judged.decision.outcome is Outcome.HOLD
    assert judged.decision.score == alone.decision.score, "no suspicion"
    assert Told("region", "Said by another room.", "他处告知。") in judged.told
    assert REQUIRED in {reason.code for reason in judged.decision.reasons}


def test_who_comes_back_is_not_told_how_he_was_known() -> None:
    judged = judge(make_application(), make_facts(), POLICY, [advice("sellers.returned_after_closure", 0.99)])
    assert judged.decision.outcome is Outcome.DECLINE
    assert judged.decision.score == 0.99
    assert all("another room" not in text.message for text in judged.told)
