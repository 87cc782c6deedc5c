"""What is taken for a campaign, and when it gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from agoranomos.kernel.errors import Invalid
from agoranomos.promotions.campaigns.model import Declared, campaign_of, currency_of, rate
from agoranomos.promotions.campaigns.stacking import first_parted, parted
from tests.promotions.making import cny, fixed, make_campaign, percent

USD = {"amount": 1, "currency": "USD"}
MAY, JUNE = "2026-05-01T00:00:00+08:00", "2026-06-01T00:00:00+08:00"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"id": ""}, "/id"),
        ({"benefit": {"kind": "gift", "value": 1}}, "/benefit/kind"),
        ({"benefit": {"kind": "fixed", "value": 5}}, "/benefit/value"),
        ({"benefit": {"kind": "percent", "value": cny(5)}}, "/benefit/value"),
        ({"benefit": {"kind": "percent", "value": -1}}, "/benefit/value"),
        ({"benefit": fixed(-1)}, "/benefit/value"),
        ({"benefit": fixed(1, cap=USD)}, "/benefit/cap"),
        ({"min_spend": USD, "benefit": fixed(1)}, "/min_spend"),
        ({"budget": {"amount": cny(-1)}}, "/budget/amount"),
        ({"applies_to": {"prices": {"min": cny(2), "max": cny(1)}}}, "/applies_to/prices/min"),
        ({"order": "first"}, "/order"),
        ({"order": True}, "/order"),
        ({"starts_at": JUNE, "ends_at": MAY}, "/ends_at"),
        ({"stacks_with": ["b\n"]}, "/stacks_with/0"),
    ],
)
def test_what_no_price_can_be_computed_from_is_refused_with_its_place(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        campaign_of({"id": "a", **fields}, "/3")
    assert refused.value.pointer == "/3" + pointer


def test_an_entry_that_is_no_campaign_is_refused() -> None:
    with pytest.raises(Invalid, match="fields with values"):
        campaign_of(["a"], "/3")


def test_fields_that_the_contract_does_not_name_are_no_mistake() -> None:
    assert campaign_of({"id": "a", "owner": "spring team"}).id == "a"


def test_a_number_is_the_one_written() -> None:
    assert rate(make_campaign(benefit=percent(0.1))) == Fraction(1, 10)


def test_the_currency_is_that_of_any_amount() -> None:
    assert currency_of(campaign_of({"id": "a", "benefit": percent(5)})) is None
    assert currency_of(campaign_of({"id": "a", "benefit": percent(5), "min_spend": USD})) == "USD"


def test_a_campaign_gives_from_its_start_until_it_ends_or_is_ended() -> None:
    campaign = make_campaign(starts_at=MAY, ends_at=JUNE)
    begin = datetime(2026, 4, 30, 16, tzinfo=UTC)
    declared = Declared(campaign=campaign, document={}, declared_at=begin)
    second = timedelta(seconds=1)
    assert not declared.gives_at(begin - second)
    assert declared.gives_at(begin)
    assert declared.gives_at(begin + 31 * timedelta(days=1) - second)
    assert not declared.gives_at(begin + 31 * timedelta(days=1))
    ended = Declared(campaign=campaign, document={}, declared_at=begin, ended_at=begin + second)
    assert ended.gives_at(begin)
    assert not ended.gives_at(begin + second)


def test_who_goes_with_whom() -> None:
    free, alone = make_campaign("free"), make_campaign("alone", exclusive=True)
    fussy, dollars = make_campaign("fussy", stacks_with=["free"]), make_campaign("dollars", percent(5), min_spend=USD)
    may, june = make_campaign("may", ends_at=JUNE), make_campaign("june", starts_at=JUNE)
    assert parted(free, fussy) is None
    assert parted(free, alone) == parted(alone, free) == "exclusive"
    assert parted(may, fussy) == "stacks_with"
    assert parted(free, dollars) == "currency"
    assert parted(may, june) == "time"
    assert parted(free, make_campaign("open", exclusive=False)) is None
    assert first_parted([free, fussy]) is None
    assert first_parted([free, may, june]) == (may, june, "time")
