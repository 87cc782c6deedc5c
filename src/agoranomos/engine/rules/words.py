"""The words of the language, and what to say about words of SQL and other languages that are none of it."""

from __future__ import annotations

import re
from typing import Final

CALLS: Final[dict[str, str]] = {
    "abs": "abs(number)",
    "coalesce": "coalesce(value, value, …)",
    "contains": "contains(text, text) or contains(list, text)",
    "day_of_week": "day_of_week(moment)",
    "ends_with": "ends_with(text, text)",
    "greatest": "greatest(value, value, …)",
    "hour": "hour(moment)",
    "least": "least(value, value, …)",
    "length": "length(text)",
    "listed": "listed('name of a list', text)",
    "lower": "lower(text)",
    "max": "max(lines.quantity)",
    "min": "min(lines.quantity)",
    "money": "money(1050, 'CNY')",
    "nullif": "nullif(value, value)",
    "score": "score('code of a detector')",
    "size": "size(list)",
    "starts_with": "starts_with(text, text)",
    "sum": "sum(lines.quantity)",
    "upper": "upper(text)",
}
"""Every function and how it is called."""

RESERVED: Final = frozenset(CALLS) | frozenset(
    re.findall(r"\w+", "and or not is null true false in between like case when then else end select from where")
)
"""No feature may have one of these names."""

_FEATURE = "looks at many events; declare it as a feature and call that, such as claims_10m(device_id)"
_CLOCK = "a rule has no clock of its own, so that it says the same tomorrow; use time, the moment of the event"
_PATTERN = "regular expressions are not in the language; use LIKE, starts_with, ends_with or contains"
_CAST = "values have the types that the event declares and are not cast; see the table of fields"

STRANGE_CALLS: Final[dict[str, str]] = {
    **{word: f"{word} {_FEATURE}" for word in ("count", "avg", "count_distinct", "median", "last", "ratio")},
    **dict.fromkeys(("now", "today", "current_date", "current_timestamp", "getdate", "sysdate"), _CLOCK),
    **dict.fromkeys(("regexp_matches", "regexp_like", "regexp_full_match", "rlike", "regexp", "glob"), _PATTERN),
    **dict.fromkeys(("cast", "try_cast", "convert", "date", "timestamp", "to_timestamp", "to_date"), _CAST),
    "len": "write length(text), or size(list)",
    "array_length": "write size(list)",
    "ifnull": "write coalesce(value, other)",
    "isnull": "write value IS NULL",
    "if": "write CASE WHEN condition THEN value ELSE value END",
    "iif": "write CASE WHEN condition THEN value ELSE value END",
    "random": "a rule gives the same answer each time; it draws no lots",
    "any": "a list is asked by contains(list, 'text')",
    "exists": "a rule asks no other table; use a feature, listed(…), or IS NOT NULL for a field",
}
"""Functions that people try, and what to do instead."""

STRANGE_WORDS: Final = frozenset(
    re.findall(
        r"\w+", "select from where group order having limit union intersect except with join over insert update delete"
    )
)
"""Words that begin whole queries."""

STRANGE_SIGNS: Final[dict[str, str]] = {
    ";": "a rule is one condition; leave out the semicolon",
    "&": "write AND",
    "|": "write OR (texts are not joined in a condition)",
    "!": "write NOT, or <> for unequal",
    "~": _PATTERN,
    "`": "names stand plain, or in double quotes",
    "[": "a list is asked by contains(list, 'text') and size(list)",
    "]": "a list is asked by contains(list, 'text') and size(list)",
    "{": "braces belong into reasons, not into the condition",
    "}": "braces belong into reasons, not into the condition",
    ":": _CAST,
    "@": "names are those of the fields of the event",
    "#": "remarks belong into the description of the rule",
    "$": "names are those of the fields of the event",
    "?": "there are no parameters; write the value",
    "^": "there are no powers; multiply",
    "\\": "a backslash stands in text only",
}
"""Signs that stand nowhere outside of text, and what to write instead."""

FULL_WIDTH: Final[dict[str, str]] = {
    "（": "(", "）": ")", "，": ",", "＝": "=", "＞": ">", "＜": "<", "‘": "'", "’": "'", "“": "'", "”": "'", "．": ".",
    "。": ".", "；": "", "：": "", "！": "NOT", "－": "-", "—": "-", "–": "-", "＋": "+", "×": "*", "÷": "/", "％": "%",
    "≤": "<=", "≥": ">=", "≠": "<>", "\u3000": " ", "\u00a0": " ", "、": ",",
}  # fmt: skip
"""Signs that an input method or a word processor writes, and the plain ones."""
