"""Words of a text that may be shown to whoever works on a finding: short, and without what tells who wrote them."""

from __future__ import annotations

import re
from typing import Final

from agoranomos.kernel.masking import masks
from agoranomos.kernel.masking.masks import MASK

QUOTE_MAX: Final = 48
"""Characters of a quote."""
_AROUND_MAX: Final = 200
"""Characters on either side of the words that are looked at: longer than any number that could reach into a quote."""
_CLAUSE_END: Final = re.compile("[。！？；!?;\n]|[.](?=\\s|$)")
_FURTHER: Final = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?<!\w)@[\w-]{2,}"
    r"|(?i:(?:微信|威信|薇信|wechat|wx|vx|v信|qq|whatsapp|telegram|line)(?:号|id)?\s*[:：是]?\s*)[\w+-]{4,}"
    r"|[+(]?\d(?:[\s\-().]?\d){4,}[xX]?"  # whatever else is a long number: orders, parcels
    r"|[零一二三四五六七八九〇幺]{6,}"
    r"|(?:我叫|我姓|姓名[:：是]?|名字(?:叫|是)|联系人[:：]?|收件人[:：]?|my name is|i am called)\s*[\w·]{1,12}"
    r"|(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9]{8,}"  # ids
)
"""What tells who wrote a complaint, beside what leads to a person anywhere (`kernel.masking`): a quote is read by those
who may know the orders.
"""


def masked(text: str) -> str:
    """`text` with numbers, addresses, ids and names that introduce themselves taken out."""
    return _FURTHER.sub(MASK, masks.masked(text))


def quote(text: str, start: int, end: int) -> str:
    """The clause of `text` around `start` to `end`, at most QUOTE_MAX characters, without personal data."""
    left, end = max(0, start - _AROUND_MAX), min(end, start + _AROUND_MAX)
    for boundary in _CLAUSE_END.finditer(text, left, start):
        left = boundary.end()
    boundary_after = _CLAUSE_END.search(text, end, end + _AROUND_MAX)
    right = boundary_after.end() if boundary_after else min(len(text), end + _AROUND_MAX)
    # Masked as a whole first: a number that the cut would part must not remain in pieces.
    shown = masked(text[left:start]), masked(text[start:end]), masked(text[end:right])
    room = max(0, QUOTE_MAX - len(shown[1]))
    before = shown[0][-(room // 2) :] if room else ""
    after = shown[2][: room - len(before)]
    cut = (
        ("…" if len(before) < len(shown[0]) or left else ""),
        ("…" if len(after) < len(shown[2]) or right < len(text) else ""),
    )
    return f"{cut[0]}{before.lstrip()}{shown[1][:QUOTE_MAX]}{after.rstrip()}{cut[1]}"
