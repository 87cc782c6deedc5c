"""What is noted of an application: every part of it, nothing that gives it back, and never a failure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.engine.pictures.decoding import Grey
from agoranomos.intake.noting import NOTES
from agoranomos.sellers.identity.deciding import inspected
from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.noted import seen_of
from agoranomos.sellers.identity.photos.eyes import Eyes
from agoranomos.sellers.identity.seen import masked
from tests.drawing import examples
from tests.sellers.identity.builders import ORDINARY, make_application, raw_application
from tests.sellers.identity.photos.cards import card, held, jpeg

SPECIMEN = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F2904157ZE184226B<<<<<18"


class Reader:
    """Reads what it is told to."""

    text: str | None = ""

    def why_not(self) -> str | None:
        return None

    def read(self, grey: Grey) -> str | None:
        assert grey.shape[1] >= 1_200, "small print is enlarged before it is read"
        return self.text


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "card.jpg").write_bytes(jpeg(held(card(1), 1)))
    return folder


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def eyes(root: Path, reader: Reader) -> Iterator[Eyes]:
    one = Eyes(root, reader)
    yield one
    one.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("姓名 李伟 性别 男 民族 汉\n公民身份号码\n330106 19900307 2212", ("number_agrees", "name_agrees")),
        ("公民身份号码 33O1O6 I99OO3O7 22I2", ("number_agrees",)),
        ("姓名 王芳 性别 女 民族 汉 出生 住址\n330106199003074138", ("number_differs", "name_missing", "sex_differs")),
        ("330106199003072213", ("nothing_read",)),  # misread, as its check character says
        (None, ("not_read",)),
    ],
)
def test_the_text_on_a_card(eyes: Eyes, reader: Reader, text: str | None, codes: tuple[str, ...]) -> None:
    reader.text = text
    assert seen_of(make_application(1, eyes, id_photo="card.jpg")).card == codes


@pytest.mark.slow
def test_the_lines_of_a_passport_on_a_photo(eyes: Eyes, reader: Reader) -> None:
    reader.text = f"PASSPORT\n{SPECIMEN}"
    passport: dict[str, Any] = {
        "id_kind": "passport",
        "legal_name": "Anna Maria Eriksson",
        "id_photo": "card.jpg",
        "region": None,
    }
    right = seen_of(make_application(1, eyes, **passport, id_number="L898902C3", birth_date="1974-08-12"))
    assert right.mrz == ()
    wrong = seen_of(make_application(1, eyes, **passport, id_number="L898902C8", birth_date="1974-08-13"))
    assert wrong.mrz == ("mrz_number_differs", "mrz_birth_differs")


@pytest.mark.slow
def test_one_application_is_noted_as_the_same_bytes_each_time(eyes: Eyes, reader: Reader) -> None:
    reader.text = "李伟"
    assert make_application(1, eyes, id_photo="card.jpg") == make_application(1, eyes, id_photo="card.jpg")


def test_a_kind_chosen_by_mistake_changes_nothing_about_the_number() -> None:
    seen = seen_of(make_application(1, id_kind="passport", id_number="330106199003072213"))
    assert (seen.number_kind, seen.number, seen.agreement) == ("resident", ("check",), ("kind_differs",))


def test_notes_give_nothing_back() -> None:
    typed: dict[str, Any] = {
        "legal_name": "阿卜杜热合曼·艾力", "id_number": "330106199003072213", "birth_date": "1990-03-08",
        "phone": "13812345678", "email": "a@example.org", "bank_account": "6222021234567890129",
        "licence_number": "91330106MA2AXXXXXQ", "address": "浙江省杭州市西湖区文三路 1 号",
    }  # fmt: skip
    event = make_application(1, **typed)
    noted = str(event.extensions[NOTES])
    assert not any(value in noted for value in typed.values())
    assert "19900307" not in noted


@pytest.mark.parametrize(
    ("number", "mask"), [("", ""), ("123", "***"), ("1234", "1**4"), ("330106199003072212", "3" + "*" * 16 + "2")]
)
def test_masks(number: str, mask: str) -> None:
    assert masked(number) == mask


ODD = ("0", "😀", "９" * 18, "X" * 300, "\u202e", "٣" * 18, SPECIMEN)
ANYTHING = st.one_of(st.text(min_size=1, max_size=40), st.sampled_from(ODD))
OPTIONAL = ("birth_date", "phone", "bank_account", "licence_number", "address", "region", "id_photo", "face_photo")


@given(
    kind=st.sampled_from(["cn_resident", "passport", "business"]),
    fields=st.fixed_dictionaries(
        {"legal_name": ANYTHING, "id_number": ANYTHING},
        optional=dict.fromkeys(OPTIONAL, ANYTHING),
    ),
)
@settings(max_examples=examples(300))
def test_nothing_that_people_type_makes_it_fail(kind: str, fields: dict[str, Any]) -> None:
    fields = {name: value for name, value in fields.items() if not value.lower().startswith("phash:")}
    event = make_application(1, id_kind=kind, **fields)
    seen = seen_of(event)
    assert seen.id_kind == kind
    assert inspected(ApplicationFacts(seen))


def test_builders_are_ordinary() -> None:
    assert raw_application()["data"] == ORDINARY
    seen = seen_of(make_application())
    assert (*seen.number, *seen.agreement, *seen.account, *seen.licence, *seen.mrz, *seen.card) == ()
