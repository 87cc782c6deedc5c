"""What is compared is the same however it is written, and differs where two are not the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.links.addresses import address_of
from agoranomos.engine.links.facets import PAIRS, facets_of, phash_of, words_of
from agoranomos.engine.links.names import name_of
from agoranomos.engine.links.numbers import born, parts_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("張偉", "张伟"),
        ("张 伟", "张伟"),
        ("ＺＨＡＮＧ　wei", "Zhang Wei"),
        ("买买提·吐尔逊", "买买提吐尔逊"),
        ("Müller Anna", "MULLER ANNA"),
    ],
)
def test_a_name_in_two_spellings_is_one_name(one: str, other: str) -> None:
    assert name_of(one).folded == name_of(other).folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("张伟", "章玮"), ("张伟", "ZHANG WEI"), ("曾小明", "Zeng Xiaoming"), ("陈静", "陈婧"), ("李娜", "LI NA")],
)
def test_a_name_that_sounds_the_same_has_one_sound(one: str, other: str) -> None:
    assert name_of(one).sound == name_of(other).sound


def test_a_latin_name_may_be_turned_round() -> None:
    assert name_of("Wei Zhang").turned == name_of("张伟").sound


@pytest.mark.parametrize("name", ["张伟", "李伟", "张强", "欧阳伟", "SMITH JOHN", "杭州宏瑞商贸有限公司"])
def test_other_names_sound_otherwise(name: str) -> None:
    others = {"张伟", "李伟", "张强", "欧阳伟", "SMITH JOHN", "杭州宏瑞商贸有限公司"} - {name}
    assert all(name_of(name).sound != name_of(other).sound for other in others)


@pytest.mark.parametrize(
    "written",
    [
        "浙江省杭州市西湖区文三路12号3栋502室",
        "杭州市西湖区文三路十二号三幢五〇二",
        "浙江杭州西湖区文三路12-3-502",
        "杭州市文三路１２号３栋５０２",
        "浙江省杭州市西湖區文三路12號3棟502室",
        "Room 502, Building 3, No.12 Wensan Road, Xihu District, Hangzhou",
        "Rm 502, Bldg 3, 12 Wensan Rd., Hangzhou",
        "Room 502, Building 3, No.12 Wensan Road, 杭州",
    ],
)
def test_an_address_in_many_spellings_is_one_room(written: str) -> None:
    assert address_of(written).room == "wensan road 12 3 502"
    assert address_of(written).site == "wensan road 12"


def test_another_room_is_another_room_of_the_same_building() -> None:
    one, other = address_of("杭州市文三路12号3栋502室"), address_of("杭州市文三路12号3栋503室")
    assert one.site == other.site
    assert one.room != other.room
    assert one.city == other.city == "杭州"


@pytest.mark.parametrize("written", ["", "😀", "12", "路", "某处", "号号号", "PO Box"])
def test_what_is_no_address_is_none(written: str) -> None:
    assert address_of(written).room == ""


def test_the_parts_of_a_number() -> None:
    parts = parts_of("11010519491231002X")
    assert (parts.area, parts.year, parts.day, parts.serial) == ("110105", "1949", "1231", "002")
    assert parts_of("１１０１０５ 19491231 002x") == parts
    assert parts_of("110105491231002") == parts, "fifteen digits, as until 2013"
    assert parts_of("E12345678", "1980-1-31")[1:] == ("e1234", "1980", "0131", "5678")


@pytest.mark.parametrize("written", ["1980-01-31", "1980/1/31", "19800131", "1980年1月31日", "１９８０-０１-３１"])
def test_a_birth_date_in_many_spellings(written: str) -> None:
    assert born(written) == ("1980", "0131")


def test_facets_of_an_application() -> None:
    data = {
        "legal_name": "张伟", "id_number": "11010519491231002X", "phone": "+86 138-0013-8000",
        "bank_account": "6222 0212", "email": "Zhang.Wei88+shop@qq.com", "address": "北京市东城区人民路5号1栋302室",
    }  # fmt: skip
    found = facets_of(data)
    assert found["phone"] == "13800138000"
    assert found["bank"] == "62220212"
    assert found["mailbox"] == "zhangwei88"
    assert found["area_serial"] == "110105 002"
    assert found["serial_surname"] == "002 zan"
    assert set(PAIRS) <= set(found)


@given(st.text(max_size=80), st.text(max_size=30), st.text(max_size=20), st.text(max_size=40))
def test_anything_may_be_written_anywhere(address: str, name: str, number: str, other: str) -> None:
    data = {
        "legal_name": name,
        "id_number": number,
        "address": address,
        "phone": other,
        "email": other,
        "birth_date": other,
    }
    for slot, text in facets_of(data).items():
        assert slot
        assert text


def test_a_photo_is_a_hash_or_a_place() -> None:
    assert phash_of("phash:00000000000000ff") == 255
    assert phash_of("photos/1.jpg") is None


def test_short_texts_are_not_compared() -> None:
    assert words_of("全新正品", 12) == ""
    assert words_of("全新 正品！包邮 包邮 2024 Ｎｅｗ", 12) == "全新正品包邮包邮2024new"
