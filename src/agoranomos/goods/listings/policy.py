"""What the marketplace does about a doubtful listing: lines, weights and advice, read from a TOML
file.

The file is checked strictly and as a whole when it is loaded, and every message names the key at
fault: a misspelt key that is silently ignored would switch a safeguard off without anybody
noticing.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from agoranomos.engine import detectors as contract
from agoranomos.goods.listings import detectors
from agoranomos.goods.listings.model import Concern
from agoranomos.goods.listings.restricted import RestrictedPolicy
from agoranomos.goods.listings.vocabulary import shipped_restricted
from agoranomos.goods.profiles.model import DEFAULT, Profiles
from agoranomos.goods.profiles.reading import profile_of, shipped_profiles, with_own
from agoranomos.kernel.decisions import Outcome, strongest
from agoranomos.kernel.errors import Invalid

DEFAULT_PROFILE = DEFAULT
OF_PICTURES = frozenset(
    {
        "goods.brand_shown",
        "goods.contact_in_picture",
        "goods.picture_of_known_fake",
        "goods.picture_shared",
        "goods.words_in_picture",
    }
)
"""The codes of what is looked for in pictures, here so that reading a policy takes no library of pictures."""
_ACTING = tuple(outcome for outcome in Outcome if outcome is not Outcome.APPROVE)
WINDOW_DAYS_MAX = 3650


class Lines(msgspec.Struct, frozen=True):
    """The score (0..1) from which each outcome is called for; `after_warning` for a seller warned
    before.
    """

    usual: Mapping[Outcome, float]
    after_warning: Mapping[Outcome, float]

    def outcome(self, score: float, *, warned_before: bool) -> Outcome:
        """The strongest outcome whose line `score` reaches."""
        lines = list(self.usual.items())
        if warned_before:
            lines += self.after_warning.items()
        return strongest(outcome for outcome, line in lines if score >= line)


class WarnedBefore(msgspec.Struct, frozen=True):
    """How acknowledged warnings about other listings count; weights in natural log-odds."""

    window_days: int
    weight_each: float
    weight_max: float

    def weight(self, acknowledgements: int) -> float:
        return min(self.weight_max, acknowledgements * self.weight_each)


class Advice(msgspec.Struct, frozen=True):
    """What the seller can do next, in both languages."""

    en: str
    zh: str


class ListingPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The policy of the publish-time check.

    `version` is the file's own version and a hash of its content, so that an edit without a new
    version number still shows in every decision. `report_line` is the score from which a concern is
    a finding.
    """

    version: str
    report_line: float
    thresholds: Mapping[str, Lines]
    warned_before: WarnedBefore
    advice: Mapping[str, Advice]
    profiles: Profiles
    restricted: RestrictedPolicy

    def stamp(self, profile: str) -> str:
        """What a decision names: this policy, and the category profile that was applied."""
        chosen = self.profiles.get(profile)
        return f"{self.version};{chosen.name}@{chosen.version}"

    def lines(self, profile: str) -> Lines:
        """The lines of a category profile; those of `default` for one that the policy does not
        name.
        """
        return self.thresholds.get(profile, self.thresholds[DEFAULT_PROFILE])

    def advice_for(self, code: str, concern: Concern) -> Advice:
        """The advice for a reason, or for its concern when the policy has none for the reason
        itself.
        """
        return self.advice.get(code) or self.advice.get(concern.value) or self.advice[Concern.COUNTERFEIT.value]


def load_policy(path: Path | None = None) -> ListingPolicy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    source = path or resources.files(__package__) / "data" / "policy.toml"
    return parse_policy(source.read_bytes())


def parse_policy(raw: bytes) -> ListingPolicy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    try:
        document = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"the listing policy is not a TOML file: {error}") from error
    known = ("version", "report_line", "thresholds", "warned_before", "advice")
    _keys(document, "", required=known, optional=("profiles", "restricted"))
    profiles = _profiles(_table(document.get("profiles", {}), "profiles"))
    version = _text(document["version"], "version")
    warned = _table(document["warned_before"], "warned_before")
    _keys(warned, "warned_before", required=("window_days", "weight_each", "weight_max"))
    return ListingPolicy(
        version=f"{version}+{hashlib.blake2b(raw, digest_size=4).hexdigest()}",
        report_line=_number(document["report_line"], "report_line", 0, 1),
        thresholds=_thresholds(_table(document["thresholds"], "thresholds"), profiles),
        warned_before=WarnedBefore(
            window_days=_days(warned["window_days"], "warned_before.window_days"),
            weight_each=_number(warned["weight_each"], "warned_before.weight_each", 0, 5),
            weight_max=_number(warned["weight_max"], "warned_before.weight_max", 0, 5),
        ),
        advice=_advice(_table(document["advice"], "advice")),
        profiles=profiles,
        restricted=_restricted(_table(document.get("restricted", {}), "restricted")),
    )


def detector_codes() -> frozenset[str]:
    """The codes of what is looked for in listings: those that a profile may speak of."""
    return frozenset(one.code for one in contract.discover(detectors)) | OF_PICTURES


def _profiles(tables: Mapping[str, Any]) -> Profiles:
    """The shipped profiles, and before them those of the policy."""
    codes = detector_codes()
    own = [profile_of(name, _table(value, f"profiles.{name}"), codes) for name, value in tables.items()]
    return with_own(shipped_profiles(codes), own)


def _thresholds(tables: Mapping[str, Any], profiles: Profiles) -> dict[str, Lines]:
    """The lines of each profile: the policy's default, what the profile says, and what the policy says of it."""
    _keys(tables, "thresholds", required=(DEFAULT_PROFILE,), others=True)
    default = _table(tables[DEFAULT_PROFILE], f"thresholds.{DEFAULT_PROFILE}")
    if Outcome.WARN.value not in default:
        # Without any line nothing would ever be stopped, and nobody would be told.
        raise Invalid(f"thresholds.{DEFAULT_PROFILE}.{Outcome.WARN} is missing from the listing policy")
    names = [DEFAULT_PROFILE, *(one.name for one in profiles.all)]
    _keys(tables, "thresholds", optional=names)
    inherited = _table(default.get("after_warning", {}), f"thresholds.{DEFAULT_PROFILE}.after_warning")
    found = {}
    for name in names:
        key = f"thresholds.{name}"
        profile, own = profiles.get(name), _table(tables.get(name, {}), key)
        later = f"{key}.after_warning"
        usual = {**default, **_named(profile.lines), **own}
        after = {**inherited, **_named(profile.lines_after_warning), **_table(own.get("after_warning", {}), later)}
        found[name] = Lines(_lines(usual, key), _lines(after, later))
    return found


def _named(lines: Mapping[Outcome, float]) -> dict[str, float]:
    return {outcome.value: line for outcome, line in lines.items()}


def _lines(table: Mapping[str, Any], key: str) -> dict[Outcome, float]:
    """The lines of one table; a stronger outcome may not be easier to reach than a weaker one."""
    names = [outcome.value for outcome in _ACTING]
    _keys({name: line for name, line in table.items() if name != "after_warning"}, key, optional=names)
    lines: dict[Outcome, float] = {
        outcome: _number(table[outcome.value], f"{key}.{outcome}", 0, 1)
        for outcome in _ACTING
        if outcome.value in table
    }
    given = list(lines.items())
    for (strong, high), (weak, low) in pairwise(given):
        if high < low:
            raise Invalid(f"{key}.{strong} ({high}) is below {key}.{weak} ({low}); the stronger needs more")
    return lines


def _restricted(table: Mapping[str, Any]) -> RestrictedPolicy:
    _keys(table, "restricted", optional=("off", "licensed"))
    licensed = _table(table.get("licensed", {}), "restricted.licensed")
    known = shipped_restricted()
    off = _texts(table.get("off", []), "restricted.off")
    for name in (*off, *licensed):
        if name not in known:
            raise Invalid(f"restricted: no class of goods is called {name!r}; known: {', '.join(known)}")
    stores = {name: _texts(value, f"restricted.licensed.{name}") for name, value in licensed.items()}
    return RestrictedPolicy(off, stores)


def _texts(value: Any, key: str) -> frozenset[str]:
    if not isinstance(value, list):
        raise Invalid(f"{key} must be a list of texts")
    return frozenset(_text(one, key) for one in value)


def _advice(tables: Mapping[str, Any]) -> dict[str, Advice]:
    # Policies that were written before other concerns were looked for say nothing of these.
    _keys(tables, "advice", required=(Concern.COUNTERFEIT.value, Concern.DIVERSION.value), others=True)
    found = {}
    for code, value in tables.items():
        key = f"advice.{code}" if "." not in code else f'advice."{code}"'
        texts = _table(value, key)
        _keys(texts, key, required=("en", "zh"))
        found[code] = Advice(_text(texts["en"], f"{key}.en"), _text(texts["zh"], f"{key}.zh"))
    return found


def _keys(
    table: Mapping[str, Any],
    key: str,
    *,
    required: tuple[str, ...] | list[str] = (),
    optional: list[str] | tuple[str, ...] = (),
    others: bool = False,
) -> None:
    """Refuses a missing and, unless `others` are welcome, an unknown key."""
    prefix = f"{key}." if key else ""
    for name in required:
        if name not in table:
            raise Invalid(f"{prefix}{name} is missing from the listing policy")
    for name in table:
        if not others and name not in required and name not in optional:
            known = ", ".join([*required, *optional])
            raise Invalid(f"{prefix}{name} is not known to the listing policy; known here: {known}")


def _table(value: Any, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(f"{key} must be a table")
    return value


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Invalid(f"{key} must be a text that is not empty")
    return value


def _number(value: Any, key: str, low: float, high: float) -> float:
    """A number above `low` and at most `high`; true and false are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low < value <= high:
        raise Invalid(f"{key} must be a number above {low} and at most {high}")
    return float(value)


def _days(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= WINDOW_DAYS_MAX:
        raise Invalid(f"{key} must be a whole number of days from 1 to {WINDOW_DAYS_MAX}")
    return value
