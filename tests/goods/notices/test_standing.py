"""What a record makes of a rights holder, and the function behind it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.goods.notices.model import Record
from agoranomos.goods.notices.policy import load_policy, parse_policy
from agoranomos.goods.notices.standing import expected, standing, sure_bad
from agoranomos.goods.redress.policy import parse_policy as parse_redress
from agoranomos.kernel.beta import below
from agoranomos.kernel.errors import Invalid
from tests.goods.trade.builders import POLICIES

POLICY = load_policy().standing
SHIPPED = (load_policy.__globals__["resources"].files("agoranomos.goods.notices") / "data" / "policy.toml").read_text()
_SIZE = st.floats(0.5, 200.0)


@given(st.floats(0.0, 1.0), _SIZE, _SIZE)
def test_the_beta_distribution_is_one(share: float, a: float, b: float) -> None:
    assert 0.0 <= below(share, a, b) <= 1.0 + 1e-12
    assert math.isclose(below(share, a, b) + below(1.0 - share, b, a), 1.0, abs_tol=1e-9)


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.9])
def test_it_is_what_whole_numbers_give_by_hand(share: float) -> None:
    """For whole parameters it is a binomial tail (DLMF 8.17.5)."""
    for a in range(1, 8):
        for b in range(1, 8):
            n = a + b - 1
            tail = sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(a, n + 1))
            assert math.isclose(below(share, a, b), tail, rel_tol=1e-10)


@given(st.integers(0, 200), st.floats(0.0, 1.0))
def test_a_record_is_between_its_prior_and_what_was_seen(decided: int, share: float) -> None:
    found = expected(Record(decided * share, decided), POLICY)
    prior = expected(Record(), POLICY)
    assert min(prior, share) - 1e-9 <= found <= max(prior, share) + 1e-9


def test_standings_take_more_than_a_few_notices() -> None:
    assert standing("h", Record(0, 5), POLICY) == "usual"
    assert standing("h", Record(0, 40), POLICY) == "doubtful"
    assert standing("h", Record(3, 3), POLICY) == "usual"
    assert standing("h", Record(60, 60), POLICY) == "trusted"
    assert [sure_bad(Record(0, n), POLICY) for n in (0, 10, 30)] == sorted(
        sure_bad(Record(0, n), POLICY) for n in (0, 10, 30)
    )


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[clocks.patent]", "[clocks.design]", "design"),
        ("decide_hours = 120", "decide_hours = 24", "clocks.counterfeit"),
        ("decide_hours = 120", "decide_hour = 120", "decide_hour"),
        ('patent = ["listings"', 'patent = ["links"', "links"),
        ("good_share = 0.8", "good_share = 0.2", "bad_share"),
        ("notices = 3", "notices = 0", "notices"),
        ("trusted = []", "trusted = 1", "trusted"),
        ('version = "1"', "version = ", "TOML"),
    ],
)
def test_the_policy_is_read_strictly(old: str, new: str, named: str) -> None:
    assert old in SHIPPED
    with pytest.raises(Invalid, match=named):
        parse_policy(SHIPPED.replace(old, new, 1).encode())


def test_clauses_say_what_confirms_a_fake() -> None:
    raw = b'version = "1"\nwindow_days = 9\nafter_days = 0\nlook_hours = 1\nbatch_share = 1.0\nclauses = ["fake.*"]\n'
    policy = parse_redress(raw)
    assert policy.confirms("fake.sold")
    assert not policy.confirms("diversion")
    assert POLICIES.redress.confirms("anything")
    for wrong in (raw.replace(b"window_days", b"window"), b"\xff", raw.replace(b"= 1.0", b"= 0.0")):
        with pytest.raises(Invalid):
            parse_redress(wrong)
