"""How much a rights holder's notice weighs, by how his earlier ones were decided.

Each holder has a share of notices that are right. A beta distribution says what is known of it: the prior of the policy
and one observation for each decided notice, the share of its listings that was upheld (beta-binomial; Gelman et al.,
"Bayesian Data Analysis", 3rd ed., section 2.4). So one lost notice proves nothing, and ten lost ones in a row do.
"""

from __future__ import annotations

from agoranomos.goods.notices.model import Record, Standing
from agoranomos.goods.notices.policy import StandingPolicy
from agoranomos.kernel.beta import below


def expected(record: Record, policy: StandingPolicy) -> float:
    """The share of the holder's notices that are right, as far as is known: the mean of the distribution."""
    a, b = _parameters(record, policy)
    return a / (a + b)


def standing(holder_id: str, record: Record, policy: StandingPolicy) -> Standing:
    """What the record makes of a holder; whom the policy trusts by name is trusted unless the record is bad."""
    if sure_bad(record, policy) >= policy.bad_sure:
        return "doubtful"
    a, b = _parameters(record, policy)
    good = 1.0 - below(policy.good_share, a, b)
    return "trusted" if holder_id in policy.trusted or good >= policy.good_sure else "usual"


def sure_bad(record: Record, policy: StandingPolicy) -> float:
    """How probable it is that the holder is right in fewer cases than the policy's `bad_share`."""
    return below(policy.bad_share, *_parameters(record, policy))


def _parameters(record: Record, policy: StandingPolicy) -> tuple[float, float]:
    return policy.prior_upheld + record.upheld, policy.prior_rejected + record.decided - record.upheld
