"""Numbers: every valid one passes, every single slip is caught, and nothing that people type makes them fail."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.engine.market import identity as made
from agoranomos.engine.market.streams import Stream
from agoranomos.sellers.identity.numbers import accounts, areas, checks, firms, passports, resident
from agoranomos.sellers.identity.numbers.writing import date_of, plain
from tests.drawing import examples

AT = date(2026, 5, 1)
AREAS = ("110101", "330106", "441900", "652922", "500101", "110104")
BIRTHS = st.dates(date(1960, 1, 1), date(2008, 1, 1))


@given(st.sampled_from(AREAS[:-1]), BIRTHS, st.integers(1, 999))
def test_every_valid_number_of_a_resident_passes(area: str, birth: date, sequence: int) -> None:
    number = made.resident_number(area, birth, sequence)
    read = resident.read(number, AT)
    assert read is not None
    assert (read.kind, read.birth, read.female) == ("resident", birth, sequence % 2 == 0)
    assert not {"check", "date_impossible", "too_old", "too_young", "province_unknown"} & {*read.wrong}


@given(st.sampled_from(AREAS), BIRTHS, st.integers(1, 999), st.integers(0, 17), st.data())
def test_any_one_changed_character_is_caught(
    area: str, birth: date, sequence: int, at: int, data: st.DataObject
) -> None:
    number = made.resident_number(area, birth, sequence)
    other = data.draw(st.sampled_from([each for each in "0123456789X"[: 10 if at < 17 else 11] if each != number[at]]))
    read = resident.read(number[:at] + other + number[at + 1 :], AT)
    assert read is not None
    assert "check" in read.wrong


@given(st.sampled_from(AREAS), BIRTHS, st.integers(1, 999), st.integers(0, 15))
def test_two_neighbours_exchanged_are_caught(area: str, birth: date, sequence: int, at: int) -> None:
    number = made.resident_number(area, birth, sequence)
    turned = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    read = resident.read(turned, AT)
    assert read is not None
    assert turned == number or "check" in read.wrong


@given(st.sampled_from(AREAS), BIRTHS, st.integers(1, 999), st.integers(0, 3))
def test_however_it_is_written(area: str, birth: date, sequence: int, way: int) -> None:
    number = made.resident_number(area, birth, sequence)
    wide = number.translate({ord("0") + digit: ord("０") + digit for digit in range(10)} | {ord("X"): "Ｘ"})
    written = (number.lower(), wide, f" {number[:6]} {number[6:14]}-{number[14:]} ", number)[way]
    assert plain(written) == number


def _resident(text: str) -> object:
    return resident.read(plain(text), AT)


def _account(text: str) -> object:
    return accounts.read(plain(text), firm=False)


@pytest.mark.parametrize(
    "read", [_resident, _account, lambda text: firms.read(plain(text)), date_of, areas.province_in]
)
@given(text=st.one_of(st.text(max_size=60), st.text("0123456789０１２Xx٣<PE年月日-", max_size=48)))
@settings(max_examples=examples(300))
def test_nothing_that_people_type_makes_them_fail(read: object, text: str) -> None:
    assert callable(read)
    read(text)
    passports.lines_in(text, AT)


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        ("330106199002302215", {"date_impossible"}),
        ("330106199013012216", {"date_impossible", "check"}),
        ("330106209003072213", {"date_future", "check"}),
        ("330106201503072213", {"too_young", "check"}),
        ("330106199003070006", {"sequence"}),
        ("000000000000000000", {"date_impossible", "province_unknown", "sequence", "check"}),
        ("330106900307221", {"old_form"}),
        ("330106900230221", {"old_form", "date_impossible"}),
    ],
)
def test_what_is_wrong_is_named(number: str, wrong: set[str]) -> None:
    read = resident.read(number, AT)
    assert read is not None
    assert {*read.wrong} == wrong


@pytest.mark.parametrize(
    "number", ["", "X", "33010619900307221", "3301061990030722122", "٣٣٠١٠٦١٩٩٠٠٣٠٧٢٢١٢", "33010619900307X212"]
)
def test_what_has_no_form_is_none(number: str) -> None:
    assert resident.read(number, AT) is None


def test_permits_of_hong_kong_macau_and_taiwan_and_of_foreigners() -> None:
    def number(body: str) -> str:
        return body + made.resident_check(body)

    for area in ("810000", "820000", "830000"):
        read = resident.read(number(f"{area}19940823002"), AT)
        assert read is not None
        assert (read.kind, read.wrong, read.province) == ("residence_permit", (), None)
    read = resident.read(number("93184019800101001"), AT)
    assert read is not None
    assert (read.kind, read.wrong, read.province) == ("permanent_resident", (), "31")
    assert resident.read("USA110080010101", AT) == resident.ReadNumber("old_permanent_resident", ("old_form",))


def test_ages_are_counted_to_the_day() -> None:
    assert resident.wrong_age(date(2010, 5, 1), AT) == []
    assert resident.wrong_age(date(2010, 5, 2), AT) == ["too_young"]
    assert resident.wrong_age(date(1906, 5, 1), AT) == []
    assert resident.wrong_age(date(1905, 5, 1), AT) == ["too_old"]
    assert resident.wrong_age(AT + timedelta(days=1), AT) == ["date_future"]


@pytest.mark.parametrize(
    ("code", "born", "applied", "verdict"),
    [
        ("330106", 1990, 2026, None),
        ("110104", 1970, 2026, None),  # Xuanwu, merged in 2010
        ("110104", 2020, 2040, "area_ended"),
        ("110201", 1990, 2026, "area_ended"),  # Changping was a county until 1982
        ("659010", 1990, 2015, "area_later"),
        ("330199", 1990, 2026, "area_unknown"),
        ("441900", 1985, 2026, None),  # Dongguan has no districts
    ],
)
def test_area_codes_in_their_time(code: str, born: int, applied: int, verdict: str | None) -> None:
    assert areas.judged(code, born, applied) == verdict


def test_firms_pass_and_slips_are_caught() -> None:
    stream = Stream.of(7, "firms")
    draw = random.Random(7)
    for _ in range(200):
        code = made.firm_number(stream, "330106")
        read = firms.read(code)
        assert read is not None
        assert (read.kind, read.wrong, read.province) == ("credit_code", (), "33")
        at = draw.randrange(8, 18)
        slip = code[:at] + draw.choice([each for each in checks.CREDIT_ALPHABET if each != code[at]]) + code[at + 1 :]
        again = firms.read(slip)
        assert again is not None
        assert {"check", "organisation_check"} & {*again.wrong}


def test_old_registration_numbers() -> None:
    read = firms.read("110108000000016")  # the example of GS 15-2006
    assert read is not None
    assert read.wrong == ("old_form",)
    other = firms.read("110108000000017")
    assert other is not None
    assert "check" in other.wrong
    assert firms.read("杭州公司") is None


def test_cards_pass_and_slips_are_caught() -> None:
    stream = Stream.of(7, "cards")
    for _ in range(200):
        card = made.bank_card(stream)
        assert accounts.read(card, firm=False).wrong == ()
        slip = card[:-1] + str((int(card[-1]) + 1) % 10)
        assert accounts.read(slip, firm=False).wrong == ("check",)
        assert accounts.read(slip, firm=True).wrong == (), "a firm's account need not be a card"


def test_cards_tell_their_scheme_and_bank() -> None:
    read = accounts.read("6222021234567890128", firm=False)
    assert (read.kind, read.scheme, read.bank) == ("card", "unionpay", "Industrial and Commercial Bank of China")
    assert accounts.read("4111111111111111", firm=False).scheme == "visa"
    assert accounts.read("41111111111111112", firm=False).wrong == ("check", "length")
    assert accounts.read("GB82WEST12345698765432", firm=False).wrong == ()
    assert accounts.read("GB82WEST12345698765431", firm=False).wrong == ("check",)


def test_the_data_of_issuers_are_usable() -> None:
    found = accounts.issuers()
    prefixes = [each for bank in found.banks.values() for each in bank]
    assert len(prefixes) == len({*prefixes})
    assert all(len(first) == len(last) for scheme in found.schemes.values() for first, last in scheme.prefixes)


SPECIMEN = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
"""ICAO 9303-4, appendix B."""


def test_the_specimen_of_the_standard() -> None:
    read = passports.lines_in(SPECIMEN, AT)
    assert read is not None
    assert read.wrong == ("mrz_expired",)
    assert (read.number, read.names, read.birth, read.country) == (
        "L898902C3",
        "ERIKSSON ANNA MARIA",
        date(1974, 8, 12),
        "UTO",
    )


@pytest.mark.parametrize(
    ("place", "code"),
    [(45, "mrz_number_check"), (58, "mrz_birth_check"), (66, "mrz_expiry_check"), (75, "mrz_optional_check")],
)
def test_a_slip_in_the_lines_is_caught_where_it_is(place: int, code: str) -> None:
    slip = SPECIMEN[:place] + str((int(SPECIMEN[place], 36) + 1) % 10) + SPECIMEN[place + 1 :]
    read = passports.lines_in(slip, AT)
    assert read is not None
    assert {code, "mrz_check"} <= {*read.wrong}


def test_lines_are_found_as_readers_of_text_give_them() -> None:
    broken = f"PASSPORT\n 护照 \n{SPECIMEN[:20]} {SPECIMEN[20:44]}\n{SPECIMEN[45:].replace('0', 'O')}\n"
    read = passports.lines_in(broken, AT)
    assert read is not None
    assert read.number.replace("O", "0") == "L898902C3"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-03-07", date(1990, 3, 7)),
        ("19900307", date(1990, 3, 7)),
        ("１９９０年３月７日", date(1990, 3, 7)),
        ("1990/3/7", date(1990, 3, 7)),
        ("1990-03-07T00:00:00+08:00", date(1990, 3, 7)),
        ("1990-02-30", None),
        ("7 March", None),
    ],
)
def test_dates_as_people_write_them(text: str, day: date | None) -> None:
    assert date_of(text) == day
