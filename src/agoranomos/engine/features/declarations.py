"""Declarations in files: YAML, one feature or a list, with every mistake at its line and column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from agoranomos.engine.features.model import Declaration, Feature
from agoranomos.engine.rules.errors import Problem, RuleError, meant
from agoranomos.engine.rules.places import Document
from agoranomos.kernel.errors import Invalid


def load_features(text: str, *, file: str = "") -> tuple[Feature, ...]:
    """The features in a YAML text. Raises RuleError with the mistakes of all of them."""
    document = Document(text, file)
    many = isinstance(document.value, list)
    problems: list[Problem] = []
    found: dict[str, Feature] = {}
    for place, item in enumerate(document.value if many else [document.value]):
        at = f"/{place}" if many else ""
        try:
            feature = Feature(_declaration(item))
        except _Mistakes as error:
            problems += [document.problem(at + pointer, message) for pointer, message in error.said]
        except Invalid as error:
            problems.append(document.problem(at + error.pointer, error.message))
        else:
            if feature.name in found:
                problems.append(document.problem(f"{at}/name", f"two features have the name {feature.name}"))
            found[feature.name] = feature
    if problems:
        raise RuleError(problems)
    return tuple(found.values())


class _Mistakes(Exception):
    """(pointer, message) of what is not even the form of a declaration."""

    def __init__(self, said: list[tuple[str, str]]) -> None:
        super().__init__(said)
        self.said = said


def _declaration(item: Any) -> Declaration:
    if not isinstance(item, dict):
        raise _Mistakes([("", "a feature is written as fields with values: name, aggregate, event, by, window, …")])
    if wrong := list(_unknown(item)):
        raise _Mistakes(wrong)
    try:
        return msgspec.convert(item, Declaration)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace(".", "/").replace("[", "/").replace("]", "")
        raise _Mistakes([(pointer, message)]) from error


def _unknown(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    known = Declaration.__struct_fields__
    for name in item:
        if name not in known:
            yield f"/{name}", f"a feature has no field {name}{meant(str(name), known)}"
