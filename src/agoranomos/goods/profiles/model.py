"""What a category profile says, and which one applies to a listing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

import msgspec

from agoranomos.goods.evidence.model import Source
from agoranomos.kernel.decisions import Outcome

DEFAULT: Final = "default"
"""What applies to goods that no profile is about: every sign as its detector weighs it, the lines of the policy."""
TIMES_MAX: Final = 1.5
"""The most that a profile may raise a sign: the sieve lets through what could reach the line with it."""
_PATH_SIGNS: Final = re.compile(r">>?|/|»|\||›|→|\n|\"|\[|\]")


class Sign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sign counts `times` what its detector says, in these goods; `why` gives the reason."""

    times: float
    why: str


class Costs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What acting wrongly on an honest listing and letting a fake pass cost, in one unit of the marketplace's choice.

    To act is cheaper on average from the score false_alarm / (false_alarm + missed) on (Elkan, "The foundations of
    cost-sensitive learning", IJCAI 2001).
    """

    false_alarm: float
    missed: float

    @property
    def line(self) -> float:
        """The score from which acting costs less than not acting."""
        return round(self.false_alarm / (self.false_alarm + self.missed), 4)


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document that sellers of such goods show; `why` says by what rule, `source` which of the profile's sources."""

    en: str
    zh: str
    why: str
    source: str = ""


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From the score `line` of all evidence together on, `action` is asked for."""

    line: float
    action: str
    why: str


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of goods. `name` is its id, `version` the file's own with a hash of its content.

    `categories` are those of the registry, `names` further words of category paths, any language. `lines` and
    `lines_after_warning` state what differs from the policy's default; `costs` those of them that were given as costs.
    `signs`: code → how much it counts; `evidence`: source → the same for all that it knows. `sources`: id → citation.
    """

    name: str
    version: str
    title: str
    title_zh: str
    why: str
    categories: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    sources: Mapping[str, str] = {}
    signs: Mapping[str, Sign] = {}
    evidence: Mapping[Source, Sign] = {}
    lines: Mapping[Outcome, float] = {}
    lines_after_warning: Mapping[Outcome, float] = {}
    costs: Mapping[Outcome, Costs] = {}
    documents: tuple[Document, ...] = ()
    measures: tuple[Measure, ...] = ()

    def times(self, code: str) -> float:
        """How much the sign `code` counts here."""
        sign = self.signs.get(code)
        return sign.times if sign else 1.0

    def times_of(self, source: Source) -> float:
        """How much all that `source` knows counts here."""
        sign = self.evidence.get(source)
        return sign.times if sign else 1.0


NO_PROFILE: Final = Profile(
    name=DEFAULT, version="1", title="everything else", title_zh="其他商品",
    why="Goods that no profile is about: signs weigh what their detectors say.",
)  # fmt: skip


class Profiles(msgspec.Struct, frozen=True):
    """All profiles in the order in which they are asked; `version` is a hash of all."""

    all: tuple[Profile, ...]
    version: str

    def get(self, name: str) -> Profile:
        """The profile of that name; the one without opinions where there is none."""
        return next((one for one in self.all if one.name == name), NO_PROFILE)

    @property
    def times_max(self) -> float:
        """The most that any profile raises a sign, at least 1."""
        return max([1.0, *(sign.times for one in self.all for sign in one.signs.values())])


NO_PROFILES: Final = Profiles((), "")


class Chooser:
    """Finds the profile of a listing; what was found for a category is remembered."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles.all
        self._named = [
            (one.name, re.compile("|".join(_word(name) for name in one.names), re.IGNORECASE))
            for one in profiles.all
            if one.names
        ]
        self.choose = lru_cache(maxsize=65_536)(self._choose)

    def _choose(self, kinds: frozenset[str], path: str) -> str:
        """The profile whose names the deepest telling part of a category path holds, else that of most of `kinds`, the
        registry's categories of the goods.
        """
        for part in reversed(_PATH_SIGNS.split(path)):
            for name, pattern in self._named:
                if pattern.search(part):
                    return name
        return best_of(self._profiles, kinds)


def best_of(profiles: Iterable[Profile], kinds: frozenset[str]) -> str:
    """The first of the profiles that are about most of `kinds`."""
    best, most = DEFAULT, 0
    for one in profiles:
        shared = len(kinds.intersection(one.categories))
        if shared > most:
            best, most = one.name, shared
    return best


def _word(name: str) -> str:
    escaped = re.escape(name)
    return rf"\b{escaped}\b" if name.isascii() else escaped
