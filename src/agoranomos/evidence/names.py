"""What may stand in a package: names that lead no unpacking astray, cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import re
from typing import Final

from agoranomos.kernel.errors import Invalid

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,3}")
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""What Windows takes for devices, whatever folder they stand in."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
"""What a cell begins with that spreadsheets may calculate or hand to a program (OWASP, CSV injection)."""
_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,6})?")
_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def member_name(name: str) -> str:
    """`name` as that of a file in a package. Raises Invalid for what would lead out of the folder it is unpacked in."""
    parts = name.split("/")
    if not _NAME.fullmatch(name) or any(_RESERVED.fullmatch(part) or part.endswith(".") for part in parts):
        raise Invalid("the name of a file in a package is letters, digits, dots and dashes, in at most three folders")
    return name


def made_safe(name: str, fallback: str) -> str:
    """The last part of what somebody called a file, as a name that is safe anywhere."""
    last = re.split(r"[/\\]", name)[-1]
    plain = _SAFE.sub("_", last).strip("._-")[-80:].strip("._-")
    return f"_{plain}".replace("_", "f_", 1) if _RESERVED.fullmatch(plain) else plain or fallback


def cell(value: object) -> str:
    """`value` as a cell of a CSV file: one line, and a text that looks like a formula has an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool | int):
        return str(value)
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]", " ", str(value)).replace("\n", " ").replace("\t", " ")
    return text if not text.lstrip().startswith(_FORMULA) or _NUMBER.fullmatch(text) else f"'{text}"
