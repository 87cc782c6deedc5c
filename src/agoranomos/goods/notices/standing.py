"""How much a rights holder's notice weighs, by how his earlier ones were decided.

Each holder has a share of notices that are right. A beta distribution says what is known of it: the prior of the policy
and one observation for each decided notice, the share of its listings that was upheld (beta-binomial; Gelman et al.,
"Bayesian Data Analysis", 3rd ed., section 2.4). So one lost notice proves nothing, and ten lost ones in a row do.
"""

from __future__ import annotations

import math
from typing import Final

from agoranomos.goods.notices.model import Record, Standing
from agoranomos.goods.notices.policy import StandingPolicy

_STEPS_MAX: Final = 500
_TINY: Final = 1e-300


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


def below(share: float, a: float, b: float) -> float:
    """The probability that a beta(a, b) variable is below `share`: the regularised incomplete beta function.

    By its continued fraction (DLMF 8.17.22), evaluated by the modified method of Lentz (Thompson and Barnett 1986).
    """
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(share) + b * math.log1p(-share)
    )
    if share < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(share, a, b) / a
    return 1.0 - front * _fraction(1.0 - share, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, _inverse(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, _STEPS_MAX):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0)),
        ):
            d = _inverse(1.0 + term * d)
            c = 1.0 + term / c
            c = c if abs(c) > _TINY else _TINY
            value *= c * d
        if abs(c * d - 1.0) < 1e-14:
            break
    return value


def _inverse(value: float) -> float:
    return 1.0 / (value if abs(value) > _TINY else _TINY)
