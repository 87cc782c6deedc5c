"""Which everyday Chinese characters look alike to the eye, whatever they are made of: 末 and 未, 仿 and 彷, 克 and 兑.

What characters are made of (`variants`) says little of those that only resemble each other as a whole. For each there
is a line in `data/shapes.txt`, itself and then others, the likest first; `python -m tests.shape_table` measured them on
drawings of the characters.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def table_bytes() -> bytes:
    """The table as it is shipped, to know one version from another by."""
    return (files("agoranomos.engine.text") / "data" / "shapes.txt").read_bytes()


@cache
def _table() -> dict[str, str]:
    return {line[0]: line[1:] for line in table_bytes().decode().splitlines()}


def look_alikes(char: str) -> str:
    """Up to 32 other characters that look like `char`, the likest first; "" for characters outside the table."""
    return _table().get(char, "")
