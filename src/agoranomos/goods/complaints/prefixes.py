"""With which few characters a match of a pattern can begin: most words that begin like a phrase go on otherwise.

Reads the same part of regular expressions as `starts`. What it says may be too much and is never too little: a pattern
is only left out where it cannot match.
"""

from __future__ import annotations

from typing import Final

from agoranomos.goods.complaints.starts import end_of_class, end_of_group

ANY: Final = "\0"
"""Stands for any one character."""
_FORMS_MAX: Final = 4_000
"""More beginnings of one pattern than these are cut shorter."""
_KINDS: Final = "wsdWSD"


def prefixes(pattern: str, length: int) -> frozenset[str]:
    """The beginnings of what `pattern` matches, at most `length` characters; a shorter one may go on with anything."""
    found, at = _alternatives(pattern, 0, length)
    assert at == len(pattern), "a pattern that `starts` has read"
    return frozenset(found)


def loose(beginnings: frozenset[str], length: int) -> frozenset[str]:
    """Those that fit other texts of this length, or shorter ones, than themselves: few, while all can be thousands."""
    return frozenset(form for form in beginnings if len(form) < length or ANY in form)


def can_begin(beginnings: frozenset[str], text: str) -> bool:
    """Whether one of `beginnings` fits `text`, which is as long as they are, or ends with the whole text."""
    return any(
        len(form) <= len(text) and all(char in (ANY, text[at]) for at, char in enumerate(form)) for form in beginnings
    )


def _alternatives(pattern: str, at: int, length: int) -> tuple[set[str], int]:
    forms: set[str] = set()
    while True:
        more, at = _sequence(pattern, at, length)
        forms |= more
        if at >= len(pattern) or pattern[at] != "|":
            return forms, at
        at += 1


def _sequence(pattern: str, at: int, length: int) -> tuple[set[str], int]:
    forms, done = {""}, set[str]()
    while at < len(pattern) and pattern[at] not in "|)":
        atom, at = _atom(pattern, at, length)
        least, most, at = _quantifier(pattern, at)
        if most > 1:  # behind the first may stand the same again, or nothing more of it: anything
            atom = {form + ANY * (length - len(form)) if form else form for form in atom}
        if least == 0:
            atom = atom | {""}
        forms = {(form + more)[:length] for form in forms for more in atom}
        done |= {form for form in forms if len(form) == length}
        forms -= done
        while len(done) > _FORMS_MAX:
            done = {form[: max(map(len, done)) - 1] for form in done}
        if not forms:
            at = _end_of_sequence(pattern, at)
            break
    return done | forms, at


def _end_of_sequence(pattern: str, at: int) -> int:
    while at < len(pattern) and pattern[at] not in "|)":
        if pattern[at] == "(":
            at = end_of_group(pattern, at)
        elif pattern[at] == "[":
            at = end_of_class(pattern, at)
        else:
            at += 2 if pattern[at] == "\\" else 1
    return at


def _atom(pattern: str, at: int, length: int) -> tuple[set[str], int]:
    char = pattern[at]
    if char == "(":
        if not pattern.startswith("(?:", at):
            return {""}, end_of_group(pattern, at)
        forms, end = _alternatives(pattern, at + 3, length)
        return forms, end + 1
    if char == "[":
        end = end_of_class(pattern, at)
        inside = pattern[at + 1 : end - 1]
        listed = not (inside.startswith("^") or "\\" in inside or "-" in inside[1:-1])
        return set(inside) if listed else {ANY}, end
    if char in "^$":
        return {""}, at + 1
    if char == "\\":
        following = pattern[at + 1]
        if following in "bB":
            return {""}, at + 2
        return {ANY if following in _KINDS else "\n" if following == "n" else following}, at + 2
    return {ANY if char == "." else char}, at + 1


def _quantifier(pattern: str, at: int) -> tuple[int, int, int]:
    """How often at least and at most (2: more than once), and where it ends."""
    least, most = 1, 1
    if at < len(pattern) and pattern[at] in "?*+{":
        if pattern[at] == "{":
            end = pattern.index("}", at)
            low, _, high = pattern[at + 1 : end].partition(",")
            least, most = int(low or 0), 2 if high != "1" or "," not in pattern[at:end] else 1
            at = end + 1
        else:
            least, most = (1 if pattern[at] == "+" else 0), (1 if pattern[at] == "?" else 2)
            at += 1
        if at < len(pattern) and pattern[at] == "?":
            at += 1
    return min(least, 1), most, at
