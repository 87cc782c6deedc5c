"""Reads profiles from TOML, strictly and as a whole: a misspelt key that is ignored would switch a safeguard off."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final

import msgspec

from agoranomos.goods.brands.model import CATEGORIES
from agoranomos.goods.evidence.model import Source
from agoranomos.goods.profiles.model import DEFAULT, TIMES_MAX, Costs, Document, Measure, Profile, Profiles, Sign
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Invalid

SHIPPED: Final = ("shoes", "luxury", "cosmetics", "infant-food-health", "electronics")
"""In the order in which they are asked."""
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
_PLACE: Final = re.compile(r"^(.*?)(?: - at `\$\.?(.*)`)?$", re.DOTALL)
_ACTION: Final = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*")
_ACTING: Final = tuple(outcome for outcome in Outcome if outcome is not Outcome.APPROVE)
_Line = float | Costs


class _Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    decline: _Line | None = None
    hold: _Line | None = None
    review: _Line | None = None
    warn: _Line | None = None
    after_warning: dict[Outcome, _Line] = {}


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: str
    title: str
    title_zh: str
    why: str
    categories: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    sources: dict[str, str] = {}
    signs: dict[str, Sign] = {}
    evidence: dict[Source, Sign] = {}
    thresholds: _Thresholds = _Thresholds()
    documents: tuple[Document, ...] = ()
    measures: tuple[Measure, ...] = ()


def parse_profile(name: str, raw: bytes, codes: Collection[str]) -> Profile:
    """The profile in the bytes of a TOML file; `codes` are those of the detectors. Raises Invalid, naming the key."""
    try:
        document = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"the profile {name} is not a TOML file: {error}") from error
    return profile_of(name, document, codes)


def profile_of(name: str, document: Mapping[str, Any], codes: Collection[str]) -> Profile:
    """The profile that `document` states. Raises Invalid, naming the key at fault."""
    if not _NAME.fullmatch(name) or name == DEFAULT:
        raise Invalid(f"a profile cannot be called {name!r}; use small letters, digits and hyphens, not “{DEFAULT}”")
    try:
        given = msgspec.convert(document, _File)
    except msgspec.ValidationError as error:
        said = _PLACE.match(str(error))
        where = f"{said[2]}: " if said and said[2] else ""
        raise Invalid(f"profile {name}: {where}{said[1] if said else error}") from error
    _check(name, given, codes)
    usual: dict[Outcome, _Line] = {
        outcome: line for outcome in _ACTING if (line := getattr(given.thresholds, outcome.value)) is not None
    }
    digest = hashlib.blake2b(msgspec.json.encode(document, order="sorted"), digest_size=4).hexdigest()
    return Profile(
        name=name,
        version=f"{given.version}+{digest}",
        lines=_lines(name, "thresholds", usual),
        lines_after_warning=_lines(name, "thresholds.after_warning", given.thresholds.after_warning),
        costs={outcome: line for outcome, line in usual.items() if isinstance(line, Costs)},
        **{field: getattr(given, field) for field in _File.__struct_fields__ if field not in ("version", "thresholds")},
    )


def _check(name: str, given: _File, codes: Collection[str]) -> None:
    """What types cannot say."""
    for field in ("version", "title", "title_zh", "why"):
        if not getattr(given, field).strip():
            raise Invalid(f"profile {name}: {field} must be a text that is not empty")
    if not given.categories and not given.names:
        raise Invalid(f"profile {name}: without categories or names it would apply to nothing")
    _check_signs(name, given, codes)
    _check_deeds(name, given)
    for category in given.categories:
        if category not in CATEGORIES:
            raise Invalid(f"profile {name}: categories: {category!r} is none of the registry: {', '.join(CATEGORIES)}")
    if any(not each.strip() for each in given.names):
        raise Invalid(f"profile {name}: names: an empty name would be found in every category")


def _check_signs(name: str, given: _File, codes: Collection[str]) -> None:
    """That signs exist, and count within bounds for a reason."""
    for code in given.signs:
        if code not in codes:
            raise Invalid(f"profile {name}: signs: no detector is called {code!r}; known: {', '.join(sorted(codes))}")
    for place, signs in (("signs", given.signs), ("evidence", given.evidence)):
        for code, sign in signs.items():
            if not 0 <= sign.times <= TIMES_MAX or not sign.why.strip():
                raise Invalid(f"profile {name}: {place}.{code}: times lies between 0 and {TIMES_MAX}, with a why")


def _check_deeds(name: str, given: _File) -> None:
    """That documents rest on its sources, and measures have a line and an action."""
    for document in given.documents:
        if document.source and document.source not in given.sources:
            raise Invalid(f"profile {name}: documents: {document.source!r} is none of its sources")
    for measure in given.measures:
        if not 0 < measure.line <= 1 or not _ACTION.fullmatch(measure.action):
            raise Invalid(
                f"profile {name}: measures: a line above 0 and at most 1, and an action such as listing.remove, not "
                f"{measure.line} and {measure.action!r}"
            )


def _lines(name: str, place: str, table: Mapping[Outcome, _Line]) -> dict[Outcome, float]:
    """The lines of one table, strongest first; a stronger outcome may not be easier to reach than a weaker one."""
    found: dict[Outcome, float] = {}
    for outcome in _ACTING:
        if outcome in table:
            given = table[outcome]
            if isinstance(given, Costs) and not (given.false_alarm > 0 and given.missed > 0):
                raise Invalid(f"profile {name}: {place}.{outcome}: both costs must be above 0")
            found[outcome] = given.line if isinstance(given, Costs) else given
            if not 0 < found[outcome] <= 1:
                raise Invalid(f"profile {name}: {place}.{outcome} must be above 0 and at most 1")
    for (strong, high), (weak, low) in pairwise(found.items()):
        if high < low:
            raise Invalid(f"profile {name}: {place}.{strong} ({high}) is below {weak} ({low}); the stronger needs more")
    unknown = [str(each) for each in table if each not in _ACTING]
    if unknown:
        raise Invalid(f"profile {name}: {place}: {', '.join(unknown)} has no line")
    return found


def shipped_files() -> dict[str, bytes]:
    """Name → content of the profiles of the package, in the order in which they are asked."""
    folder = resources.files(__package__) / "data"
    return {name: (folder / f"{name}.toml").read_bytes() for name in SHIPPED}


@cache
def shipped_profiles(codes: frozenset[str]) -> Profiles:
    """The profiles of the package."""
    return profiles_of([parse_profile(name, raw, codes) for name, raw in shipped_files().items()])


def profiles_of(profiles: Sequence[Profile]) -> Profiles:
    """`profiles` with a version of them all."""
    said = "\n".join(f"{one.name}@{one.version}" for one in profiles)
    return Profiles(tuple(profiles), hashlib.blake2b(said.encode(), digest_size=8).hexdigest())


def with_own(shipped: Profiles, own: Sequence[Profile]) -> Profiles:
    """`own` profiles, asked first, and those of `shipped` that they do not replace."""
    names = {one.name for one in own}
    return profiles_of([*own, *(one for one in shipped.all if one.name not in names)])
