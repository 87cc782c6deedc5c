"""With which characters a match of a pattern can begin, so that it is tried only where one of them stands.

Reads the part of Python's regular expressions that the vocabulary uses: literals, classes, groups that do not capture,
lookarounds, anchors and quantifiers.
"""

from __future__ import annotations

from typing import Final

from agoranomos.kernel.errors import Invalid

_KINDS: Final = "wsdWSD"
_ANYTHING: Final = ""
"""Stands for characters that are not listed."""


def starts(pattern: str) -> frozenset[str]:
    """The characters that a match of `pattern` can begin with; Invalid when it can be empty or begin with anything."""
    chars, at, empty = _alternatives(pattern, 0)
    if at != len(pattern) or empty or not chars or _ANYTHING in chars:
        raise Invalid(f"the pattern {pattern[:60]!r} must begin with characters that can be listed")
    return frozenset(chars)


def _alternatives(pattern: str, at: int) -> tuple[set[str], int, bool]:
    """Reads up to the end or an unmatched `)`: first characters, where it stopped, and whether it can be empty."""
    chars: set[str] = set()
    any_empty = False
    while True:
        more, at, empty = _sequence(pattern, at)
        chars |= more
        any_empty |= empty
        if at < len(pattern) and pattern[at] == "|":
            at += 1
            continue
        return chars, at, any_empty


def _sequence(pattern: str, at: int) -> tuple[set[str], int, bool]:
    chars: set[str] = set()
    open_yet = True
    while at < len(pattern) and pattern[at] not in "|)":
        more, at, empty = _atom(pattern, at)
        at, optional = _quantifier(pattern, at)
        if open_yet:
            chars |= more
            open_yet = empty or optional
    return chars, at, open_yet


def _atom(pattern: str, at: int) -> tuple[set[str], int, bool]:
    char = pattern[at]
    if char == "(":
        return _group(pattern, at)
    if char == "[":
        return _class(pattern, at)
    if char in "^$":
        return set(), at + 1, True
    if char == "\\":
        following = pattern[at + 1]
        if following == "b":
            return set(), at + 2, True
        first = _ANYTHING if following in _KINDS else "\n" if following == "n" else following
        return {first}, at + 2, False
    return {_ANYTHING if char == "." else char}, at + 1, False


def _group(pattern: str, at: int) -> tuple[set[str], int, bool]:
    around = next((mark for mark in ("(?=", "(?!", "(?<=", "(?<!") if pattern.startswith(mark, at)), None)
    if around is None and not pattern.startswith("(?:", at):
        raise Invalid(f"the pattern {pattern[:60]!r} has a group that captures: write (?:…)")
    if around is not None:
        return set(), end_of_group(pattern, at), True
    chars, end, empty = _alternatives(pattern, at + 3)
    return chars, end + 1, empty


def end_of_group(pattern: str, at: int) -> int:
    """Behind the `)` of the group that begins at `at`."""
    depth = 0
    inside_class = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif inside_class:
            inside_class = char != "]"
        elif char == "[":
            inside_class = True
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0:
                return at + 1
        at += 1
    raise Invalid(f"the pattern {pattern[:60]!r} has a group without an end")


def _class(pattern: str, at: int) -> tuple[set[str], int, bool]:
    end = end_of_class(pattern, at)
    inside = pattern[at + 1 : end - 1]
    listed = not (inside.startswith("^") or "\\" in inside or "-" in inside[1:-1])
    return set(inside) if listed else {_ANYTHING}, end, False


def end_of_class(pattern: str, at: int) -> int:
    """Behind the `]` of the class that begins at `at`."""
    end = at + 1
    while pattern[end] != "]" or end == at + 1:
        end += 2 if pattern[end] == "\\" else 1
    return end + 1


def _quantifier(pattern: str, at: int) -> tuple[int, bool]:
    """Where the quantifier at `at` ends, and whether it allows none."""
    if at >= len(pattern) or pattern[at] not in "?*+{":
        return at, False
    if pattern[at] == "{":
        end = pattern.index("}", at)
        optional = pattern[at + 1 : end].partition(",")[0] in ("", "0")
        at = end + 1
    else:
        optional = pattern[at] != "+"
        at += 1
    if at < len(pattern) and pattern[at] == "?":
        at += 1
    return at, optional
