"""The generated parts of docs/rules.md: what mistakes are answered, the functions, the starter rules."""

from __future__ import annotations

import re
from typing import Final

from agoranomos.engine.rules.errors import RuleError
from agoranomos.engine.rules.language import parse_condition
from agoranomos.engine.rules.starter import extended, notes, starter_rules
from agoranomos.engine.rules.types import scope_of

MISTAKES: Final = (
    ("A name that is not there", "raiting <= 2"),
    ("Money beside a bare number", "paid > 100"),
    ("Text in double quotes", 'district = "Chaoyang"'),
    ("A comparison with NULL", "device_id = NULL"),
    ("Types that do not fit, several at once", "rating <= '2'\nAND store_id = 17"),
    ("A feature without its key", "reviews_of_store_1h > 20"),
    ("Counting over many events in the condition", "count(device_id) > 5"),
    ("Signs of another language", "rating == 5 && text ~ 'good'"),
    ("Signs of an input method", "rating ＞ 3 AND text = ‘好评’"),
    ("A value that never occurs", "reason_code = 'suspected_fakes'"),
    ("A list compared as if it were one value", "coupon_ids = 'c1'"),
    ("A clock of one's own", "time < now()"),
    ("A parenthesis that is not closed", "rating = 5 AND (text IS NULL OR length(text) < 3"),
)
"""What people write, each in the scope in which its names make sense."""
_LISTENS: Final = {
    "raiting": "review.posted",
    "rating": "review.posted",
    "reviews_of_store_1h": "review.posted",
    "reason_code": "return.requested",
}


def mistakes() -> str:
    """Each mistake with what is said to it."""
    parts = []
    for title, text in MISTAKES:
        word = re.findall(r"\w+", text)[0]
        listens = _LISTENS.get(word, "order.placed")
        try:
            parse_condition(text, extended(scope_of(listens)))
        except RuleError as error:
            parts.append(f"**{title}**, in a rule on `{listens}`:\n\n```text\n{text}\n\n{error}\n```")
        else:
            raise AssertionError(f"this is no mistake: {text}")
    return "\n\n".join(parts)


def starter() -> str:
    """A row for each rule that comes along, and the conditions."""
    lines = ["| rule | listens to | outcome | score | when |", "|---|---|---|---|---|"]
    for checked in starter_rules():
        rule = checked.rule
        when = " ".join(rule.when.split()).replace("|", "\\|")
        lines.append(f"| `{rule.id}` | {rule.listens} | {rule.outcome} | {rule.score:g} | `{when}` |")
    return "\n".join(lines)


def features() -> str:
    """A row for each feature that the starter rules ask."""
    lines = ["| feature | what it is |", "|---|---|"]
    lines += [f"| `{note.name}({', '.join(note.by)})` | {note.description} |" for note in notes().values()]
    return "\n".join(lines)
