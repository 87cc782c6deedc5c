"""A bank card whose number cannot be one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.signs import IdentityDetector, Means, Sign, Weights, example, signs

CODE = "sellers.bank_account_odd"
MEANS: Final[Mapping[str, Means]] = {
    "check": Means(
        2.2,
        "The check digit of the bank account does not fit. Mostly a slip in typing.",
        "银行账号的校验位不符，多为录入错误。",
        "account",
    ),
    "length": Means(
        1.2,
        "The bank account is too short or too long for a card of its scheme.",
        "银行账号的位数与该卡种不符。",
        "account",
    ),
    "scheme_unknown": Means(
        0.5, "No card scheme is known by the first digits of the account.", "银行账号的开头不属于已知的卡组织。"
    ),
    "characters": Means(
        1.4, "The bank account holds signs that no account has.", "银行账号中含有无效字符。", "account"
    ),
}


def inspect(facts: ApplicationFacts, settings: Weights) -> Iterable[Sign]:
    """One sign for each thing that is wrong."""
    yield from signs(CODE, facts.seen.account, MEANS, settings.weights)


DETECTOR = IdentityDetector(
    code=CODE,
    name="a bank account that cannot be",
    version="1",
    about="A bank card or international account number whose check digit or length cannot be.",
    settings=Weights(),
    hits=(
        example(bank_account="6222021234567890129"),
        example(bank_account="62220212"),
        example(bank_account="DE89370400440532013001"),
        example(bank_account="六二二二"),
    ),
    misses=(
        example(),
        example(bank_account="6222 0212 3456 7890 128"),
        example(bank_account="DE89 3704 0044 0532 0130 00"),
        example(
            id_kind="business",
            id_number="91330106MA2AXXXXXP",
            legal_name="杭州某某贸易有限公司",
            bank_account="1202026109900012345",
        ),
    ),
    inspect=inspect,
)
