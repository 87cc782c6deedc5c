"""Checks are worked out here anew, by the text of the standards."""

from __future__ import annotations

from datetime import date

from agoranomos.engine.market import identity
from agoranomos.engine.market.sellers import new_person
from agoranomos.engine.market.streams import Stream

PEOPLE = [new_person(Stream.of(7, "people").child(number)) for number in range(2_000)]


def resident_is_valid(number: str) -> bool:
    """ISO 7064 MOD 11-2: the weighted sum leaves 1."""
    values = [int(digit) for digit in number[:17]] + [10 if number[17] == "X" else int(number[17])]
    return sum(value * (1 << (17 - place)) for place, value in enumerate(values)) % 11 == 1


def firm_is_valid(number: str) -> bool:
    """GB 32100: 31 less the weighted sum modulo 31."""
    characters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(characters.index(c) * pow(3, place, 31) for place, c in enumerate(number[:17]))
    return characters[(31 - total % 31) % 31] == number[17]


def luhn_is_valid(number: str) -> bool:
    doubled = [int(c) * (1 + place % 2) for place, c in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_known_numbers_have_their_check_characters() -> None:
    # The examples of GB 11643-1999 and GB 32100-2015.
    assert identity.resident_number("110105", date(1949, 12, 31), 2) == "11010519491231002X"
    assert identity.resident_number("440524", date(1880, 1, 1), 1) == "440524188001010014"
    assert identity.firm_check("91350100M000100Y4") == "3"


def test_residents_have_valid_numbers_that_agree_with_the_rest() -> None:
    residents = [person for person in PEOPLE if person.id_kind == "cn_resident"]
    assert 0.7 < len(residents) / len(PEOPLE) < 0.9
    for person in residents:
        assert len(person.id_number) == 18
        assert resident_is_valid(person.id_number)
        assert person.id_number[6:14] == person.birth_date.replace("-", "")
        assert person.address.startswith(person.region)
        assert 1962 <= date.fromisoformat(person.birth_date).year <= 2004


def test_firms_have_valid_numbers() -> None:
    firms = [person for person in PEOPLE if person.id_kind == "business"]
    assert len(firms) > 100
    for firm in firms:
        assert len(firm.id_number) == 18
        assert firm_is_valid(firm.id_number)
        assert firm.licence_number == firm.id_number
        assert firm.legal_name.endswith("有限公司")
        organisation = firm.id_number[8:17]
        weighted = sum(int(c) * w for c, w in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))
        check = {10: "X", 11: "0"}.get(11 - weighted % 11, str(11 - weighted % 11))
        assert organisation[8] == check


def test_cards_and_phones_are_well_formed() -> None:
    for person in PEOPLE:
        assert len(person.bank_account) == 19
        assert luhn_is_valid(person.bank_account)
        assert len(person.phone) == 11
        assert person.phone.startswith("1")


def test_names_are_as_common_as_they_are() -> None:
    names = [person.legal_name for person in PEOPLE if person.id_kind == "cn_resident"]
    five = sum(name[0] in "王李张刘陈" for name in names) / len(names)
    assert 0.24 < five < 0.38
    assert 0.8 < sum(len(name) == 3 for name in names) / len(names) < 0.95
    assert 0.001 < 1 - len(set(names)) / len(names) < 0.2, "some have the name of another"
