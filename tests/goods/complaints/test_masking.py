"""What may be shown of a text."""

from __future__ import annotations

import pytest

from agoranomos.goods.complaints.masking import QUOTE_MAX, masked, quote
from agoranomos.kernel.masking.masks import MASK


@pytest.mark.parametrize(
    "secret",
    [
        "13812345678", "138-1234-5678", "+86 138 1234 5678", "(020) 8765-4321", "someone@example.com",
        "https://example.com/u/7", "微信号：abc_12345", "qq 123456", "一三八一二三四五六七八", "我叫张三丰",
        "my name is John", "@johnny_b", "JD0012345678", "11010519491231002X", "人民路12号3单元",
    ],
)  # fmt: skip
def test_what_tells_who_wrote_it_is_taken_out(secret: str) -> None:
    shown = masked(f"假货 {secret} 退钱")
    assert MASK in shown
    assert secret not in shown
    assert not any(part.isdigit() and len(part) > 4 for part in shown.split())
    assert shown.startswith("假货")


@pytest.mark.parametrize("plain", ["买了3瓶，用了30天", "iPhone 13 is fake", "Only 8 GB", "2 out of 5"])
def test_what_does_not_stays(plain: str) -> None:
    assert masked(plain) == plain


def test_a_quote_is_the_clause_around_the_words() -> None:
    text = "东西收到了。这瓶是假货，味道刺鼻！再也不买了"
    start = text.index("假货")
    assert quote(text, start, start + 2) == "…这瓶是假货，味道刺鼻！…"


def test_a_quote_is_short_and_never_parts_a_number() -> None:
    text = "我的电话是" + "13812345678" + "啊" * 30 + "假货" + "呀" * 60 + "13987654321"
    start = text.index("假货")
    shown = quote(text, start, start + 2)
    assert "假货" in shown
    assert len(shown) <= QUOTE_MAX + 2
    assert not any(char.isdigit() for char in shown)
    assert quote("假" * 90, 0, 90) == "假" * QUOTE_MAX
