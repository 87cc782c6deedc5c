"""The table of characters that look alike."""

from __future__ import annotations

import pytest

from agoranomos.engine.text.shapes import look_alikes, table_bytes

LINES = table_bytes().decode().splitlines()


@pytest.mark.parametrize(("one", "other"), [("末", "未"), ("仿", "彷"), ("华", "毕"), ("积", "稂"), ("家", "冢")])
def test_what_looks_alike(one: str, other: str) -> None:
    assert other in look_alikes(one)


@pytest.mark.parametrize(("one", "other"), [("耐", "一"), ("苹", "黑"), ("积", "三")])
def test_what_looks_different(one: str, other: str) -> None:
    assert other not in look_alikes(one)


def test_every_line_is_a_character_and_others_each_once() -> None:
    assert len({line[0] for line in LINES}) == len(LINES)
    for line in LINES:
        assert len(line) == len(set(line)) == 33
        assert all("一" <= char <= "鿿" for char in line)


def test_characters_outside_the_table_look_like_nothing() -> None:
    assert look_alikes("A") == look_alikes("龘") == ""
