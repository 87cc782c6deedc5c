"""A rule as data: what it listens to, when it fires, what then, whom it is about, and its own examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final, Literal

import msgspec

from agoranomos.engine.rules.language import Condition
from agoranomos.engine.rules.runtime import Lookups
from agoranomos.engine.rules.tree import Leaf, Type, Value
from agoranomos.engine.rules.types import Scope
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import AgoranomosError
from agoranomos.kernel.findings import Status, SubjectKind
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.base import Moment

Desk = Literal["goods", "sellers", "promotions", "reviews", "access"]
RuleId = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+\.[a-z][a-z0-9_]{1,60}$")]
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_UNKNOWN: Final = "–"


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in both languages of the house."""

    en: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    zh: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a hit is about: the kind, and the field of the event that holds the id."""

    kind: SubjectKind
    field: str


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event on which a rule fires, or does not.

    `features` are values by name and keys, such as `claims_10m(dev_7)`; `lists` are entries by the list's name,
    `scores` by code.
    """

    data: dict[str, Any]
    time: Moment
    subject: str | None = None
    features: dict[str, bool | int | float | str | None] = {}
    lists: dict[str, tuple[str, ...]] = {}
    scores: dict[str, float] = {}

    def lookups(self) -> Lookups:
        """What the example says about features, lists and scores; all else is NULL, or not listed."""
        return _Told(self)


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A rule. `id` is `desk.what_it_finds`; `listens` an event type or a check; `score` the probability of a hit.

    `version` grows with each change of what it says. `expires_at` None: until someone ends it.
    """

    id: RuleId
    version: Annotated[int, msgspec.Meta(ge=1)] = 1
    desk: Desk
    listens: str
    when: str
    outcome: Outcome
    score: Annotated[float, msgspec.Meta(ge=0, le=1)]
    reason: Texts
    subject: About
    status: Status = "draft"
    owner: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    description: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    expires_at: Moment | None = None
    hits: Annotated[tuple[Example, ...], msgspec.Meta(min_length=1)]
    misses: Annotated[tuple[Example, ...], msgspec.Meta(min_length=1)]

    def has_expired(self, now: datetime) -> bool:
        """Whether the rule has come to its end by `now`."""
        return self.status == "expired" or (self.expires_at is not None and self.expires_at <= now)


class CheckedRule:
    """A rule with its condition parsed in its scope; `parsing` makes it."""

    def __init__(self, rule: Rule, condition: Condition) -> None:
        self.rule, self.condition = rule, condition

    @cached_property
    def scope(self) -> Scope:
        return self.condition.scope

    def reason(self, values: Mapping[str, Any]) -> Texts:
        """The reason with `values` of a hit in place of the placeholders."""
        told = self.rule.reason
        return Texts(en=self._filled(told.en, values, ("yes", "no")), zh=self._filled(told.zh, values, ("是", "否")))

    def _filled(self, text: str, values: Mapping[str, Any], truth: tuple[str, str]) -> str:
        return _PLACEHOLDER.sub(lambda found: _shown(leaves_of(found[1], self.condition), values, truth), text)


def leaves_of(placeholder: str, condition: Condition) -> tuple[Leaf, ...]:
    """The leaves that `{placeholder}` shows: one as the rule writes it, a feature by its bare name where the rule calls
    it in one way, or money by the name of the pair; none when there is no such leaf.
    """
    by_name = {leaf.name: leaf for leaf in condition.leaves}
    if placeholder in by_name:
        return (by_name[placeholder],)
    pair = [by_name.get(f"{placeholder}.{half}") for half in ("amount", "currency")]
    if placeholder in condition.scope.money and all(pair):
        return tuple(leaf for leaf in pair if leaf)
    called = [leaf for leaf in condition.leaves if leaf.name.startswith(f"{placeholder}(")]
    return (called[0],) if len(called) == 1 and placeholder in condition.scope.features else ()


def placeholders(text: str) -> Iterator[tuple[int, str]]:
    """(offset, name) of each placeholder."""
    for found in _PLACEHOLDER.finditer(text):
        yield found.start(), found[1]


def _shown(found: tuple[Leaf, ...], values: Mapping[str, Any], truth: tuple[str, str]) -> str:
    parts: list[Any] = [values.get(leaf.name) for leaf in found]
    if any(part is None for part in parts):
        return _UNKNOWN
    if len(parts) == 2:
        try:
            return str(Money(*parts))
        except AgoranomosError:
            return _UNKNOWN
    if found[0].type is Type.NUMBER:
        return f"{parts[0]:.0f}" if abs(parts[0]) >= 1000 else f"{parts[0]:.4g}"
    if found[0].type is Type.TEXTS:
        return ", ".join(parts[0] or ())
    return truth[0 if parts[0] else 1] if found[0].type is Type.BOOLEAN else str(parts[0])


class _Told:
    """Look-ups that an example spells out."""

    def __init__(self, example: Example) -> None:
        self._features = {name.replace(" ", ""): value for name, value in example.features.items()}
        self._lists, self._scores = example.lists, example.scores

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        return self._features.get(f"{name}({','.join(map(str, keys))})")

    def listed(self, name: str, item: str) -> bool:
        return item in self._lists.get(name, ())

    def score(self, code: str) -> float | None:
        return self._scores.get(code)
