"""With which characters a pattern can begin."""

from __future__ import annotations

import pytest

from agoranomos.goods.complaints.starts import starts
from agoranomos.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("pattern", "chars"),
    [
        ("假货", "假"),
        ("假|仿的", "假仿"),
        ("(?:很|太)*假", "很太假"),
        ("(?:ab)?[cd]e", "acd"),
        ("(?<!不)(?:是|为)(?=真)", "是为"),
        (r"\$x{0,2}", "$"),
        ("a{0,3}b+c", "ab"),
        ("^(?:x|(?:y)?z)", "xyz"),
        ("[a(]b", "a("),
        (r"(?!\))(?:k)[)]", "k"),
    ],
)
def test_what_a_match_can_begin_with(pattern: str, chars: str) -> None:
    assert starts(pattern) == frozenset(chars)


@pytest.mark.parametrize("pattern", ["", "a?", ".x", r"\w+a", "[^a]b", "[a-z]b", "(a)b", "(?:a|b?)", "(?=a", "a)"])
def test_what_cannot_be_listed_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid):
        starts(pattern)
