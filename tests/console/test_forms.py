"""What people type into forms, and cursors that nobody gave out."""

from __future__ import annotations

import pytest

from agoranomos.console.forms import moment_in, money_in
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import Money
from agoranomos.web import paging
from tests.staff.house import Client


@pytest.mark.parametrize(
    ("text", "currency", "amount"), [("1,234.50", "CNY", 123_450), ("7", "JPY", 7), (" 0.01 ", "EUR", 1)]
)
def test_amounts(text: str, currency: str, amount: int) -> None:
    assert money_in({"cost": text}, "cost", currency) == Money(amount, currency)


@pytest.mark.parametrize("text", ["", "-1", "0", "much", "1.234", "1e999", "1E+999999999999999999", "NaN", "9" * 31])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(Invalid):
        money_in({"cost": text}, "cost", "CNY")


def test_moments_are_those_of_the_house() -> None:
    assert moment_in({"at": "2026-11-22T09:30"}, "at").isoformat() == "2026-11-22T09:30:00+08:00"
    with pytest.raises(Invalid):
        moment_in({"at": "tomorrow"}, "at")


@pytest.mark.parametrize(
    "path",
    ["/brands/proposals", "/sellers", "/system", "/notices?status=open", "/reviews/held", "/insiders", "/people"],
)
def test_cursors_that_nobody_gave_out_are_refused(everything: Client, path: str) -> None:
    for cursor in (paging.encode(1, "a\0b"), paging.encode("a\0b", "c"), paging.encode(1e300, "x"), "nonsense"):
        assert everything.get(path, params={"cursor": cursor}).status_code in (400, 422), cursor
