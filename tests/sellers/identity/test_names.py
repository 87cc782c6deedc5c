"""Names of all who sell: scripts, firms, and one name in two alphabets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.sellers.identity.names import looks_like_firm, same_in_latin, script_of


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("李伟", "han"),
        ("阿卜杜热合曼·艾力", "han"),
        ("古丽娜尔•买买提", "han"),
        ("龖䶮", "han"),
        ("𠮷田", "han"),
        ("O'Brien-Smith, Ana María", "latin"),
        ("Nguyễn Thị Minh", "latin"),
        ("李Wei", "mixed"),
        ("Иван Петров", "other"),
        ("田中さくら", "other"),
        ("李伟😀", "signs"),
        ("李伟2", "signs"),
        ("· ", "empty"),
    ],
)
def test_scripts(name: str, script: str) -> None:
    assert script_of(name) == script


@pytest.mark.parametrize("name", ["杭州某某贸易有限公司", "义乌市张三百货商行", "王记面馆", "Acme Trading Co., Ltd."])
def test_firms(name: str) -> None:
    assert looks_like_firm(name)


@pytest.mark.parametrize("name", ["李伟", "Anna Eriksson", "欧阳若曦"])
def test_people(name: str) -> None:
    assert not looks_like_firm(name)


@pytest.mark.parametrize(
    ("name", "latin", "same"),
    [
        ("Anna Maria Eriksson", "ERIKSSON ANNA MARIA", True),
        ("Müller, Jörg", "MULLER JORG", True),
        ("李伟", "LI WEI", True),
        ("吕布", "LU BU", True),
        ("欧阳若曦", "OUYANG RUOXI", True),
        ("Anna Eriksson", "ERIKSSON ANNA MARIA", True),
        ("李伟", "WANG FANG", False),
        ("John Smith", "ERIKSSON ANNA", False),
        ("😀", "LI WEI", True),
    ],
)
def test_one_name_in_two_alphabets(name: str, latin: str, same: bool) -> None:
    assert same_in_latin(name, latin) == same


@given(st.text(max_size=40), st.text(max_size=40))
def test_never_fails(name: str, other: str) -> None:
    script_of(name)
    looks_like_firm(name)
    same_in_latin(name, other)
