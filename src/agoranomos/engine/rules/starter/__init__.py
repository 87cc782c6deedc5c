"""The rules that come with the system, one file a desk, and the features that they ask.

They are data: a team copies what fits, changes thresholds, and tries a rule in shadow before it bites.
"""

from __future__ import annotations

from importlib import resources
from typing import Any, Final

import msgspec

from agoranomos.engine.rules.files import read_files
from agoranomos.engine.rules.model import CheckedRule
from agoranomos.engine.rules.places import Document
from agoranomos.engine.rules.tree import Type
from agoranomos.engine.rules.types import FeatureInfo, Scope, scope_of

DESKS: Final = ("goods", "sellers", "promotions", "reviews", "access")
_FEATURES: Final = "features.yaml"
LISTS: Final = ("coupon_farm_devices", "revoked_licences", "unapproved_regions")
"""The lists that the rules look into; they begin empty."""


class FeatureNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What rules must know of a feature's declaration; `engine.features` knows how to count it.

    `event` is one type of event; `by` are its fields that make the key; `share` is the condition of a `ratio`.
    """

    name: str
    description: str
    aggregate: str
    event: str
    by: tuple[str, ...]
    window: str
    field: str | None = None
    where: str | None = None
    share: str | None = None
    currency: str | None = None

    @property
    def info(self) -> FeatureInfo:
        """Its types as a rule sees them; money counts in minor units."""
        fields = scope_of(self.event).fields
        if self.aggregate in ("count", "count_distinct"):
            gives = Type.INTEGER
        elif self.aggregate in ("avg", "ratio") or self.field is None:
            gives = Type.NUMBER
        else:
            gives = fields[self.field].type if self.field in fields else Type.INTEGER
        return FeatureInfo(tuple(fields[key].type for key in self.by), gives)


def text_of(name: str) -> str:
    """The text of one of the files."""
    return (resources.files(__name__) / name).read_text("utf-8")


def declarations() -> list[dict[str, Any]]:
    """The declarations of all features as data."""
    found: list[dict[str, Any]] = Document(text_of(_FEATURES), _FEATURES).value
    return found


def notes() -> dict[str, FeatureNote]:
    """The same, typed, by name."""
    return {note.name: note for note in msgspec.convert(declarations(), list[FeatureNote])}


def extended(scope: Scope) -> Scope:
    """`scope` with the features and lists of the starter rules; any detector may be asked for its score."""
    features = {name: note.info for name, note in notes().items()}
    return scope.extended(features=features, lists=LISTS, detectors=None if scope.is_check else ())


def starter_rules() -> tuple[CheckedRule, ...]:
    """All of them, in the order of their ids."""
    return read_files([(f"{desk}.yaml", text_of(f"{desk}.yaml")) for desk in DESKS], extended)
