"""The policy of the lint: read from a TOML, YAML or JSON file, strictly; what a file does not say is as shipped.

The shipped file, `data/policy.toml`, says what each field means.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from agoranomos.engine.rules.places import Document
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import stamped

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Some = Annotated[int, msgspec.Meta(ge=1)]
Refunds = Literal["repriced", "list"]


class Require(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every campaign must say."""

    budget: bool
    cap_per_account: bool
    end: bool


class Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How safe codes must be from guessing."""

    tries: Some
    chance_max: Share


class BasketLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How large an order can be; `pieces_max` is for each line."""

    lines_max: Annotated[int, msgspec.Meta(ge=1, le=5)]
    pieces_max: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    point_worth: Annotated[float, msgspec.Meta(ge=0)]

    @property
    def point(self) -> Fraction:
        """Minor units that a point is worth, exact."""
        return Fraction(str(self.point_worth))


class Goods(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is thought of goods that nobody describes; prices are minor units."""

    price_min: Some
    price_max: Some
    cash_equivalent_categories: tuple[str, ...]


class Tests(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a forgotten test looks like."""

    words: tuple[str, ...]


class RefundRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is paid out for a line that comes back."""

    rule: Refunds


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How hard to look."""

    effort_s_max: Annotated[float, msgspec.Meta(gt=0, le=3_600)]
    combinations_max: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    gap_max: Share


class Exemption(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A campaign that may go lower than all others, and why."""

    paid_to_face_min: Share
    reason: Annotated[str, msgspec.Meta(min_length=1)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of it; `version` is the file's own and a hash of what is in force."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    paid_to_face_min: Share
    paid_to_face_min_cash_equivalent: Share
    accounts: Some
    require: Require
    codes: Codes
    basket: BasketLimits
    goods: Goods
    tests: Tests
    refunds: RefundRule
    search: Search
    exempt: Mapping[str, Exemption] = {}

    def floor(self, *, cash: bool) -> Fraction:
        """The least paid-to-face ratio, exact."""
        return Fraction(str(self.paid_to_face_min_cash_equivalent if cash else self.paid_to_face_min))


def load_policy(path: Path | None = None) -> Policy:
    """What `path` says over the shipped policy; without it, the shipped one. Raises Invalid, naming the key."""
    shipped = tomllib.loads((resources.files(__package__) / "data" / "policy.toml").read_text("utf-8"))
    given = _read(path) if path is not None else {}
    merged = _over(shipped, given)
    try:
        policy = msgspec.convert(merged, Policy)
    except msgspec.ValidationError as error:
        raise Invalid(f"the policy of the lint cannot be used: {error}") from error
    if policy.goods.price_min > policy.goods.price_max:
        raise Invalid("the policy of the lint cannot be used: goods.price_min is above goods.price_max")
    return msgspec.structs.replace(policy, version=stamped(policy.version, msgspec.json.encode(merged, order="sorted")))


def _read(path: Path) -> dict[str, Any]:
    text = path.read_bytes().decode("utf-8", "replace")
    try:
        found: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if path.suffix.lower() == ".toml":
            raise Invalid(f"the policy of the lint is not a TOML file: {error}") from error
        found = Document(text, path.name).value
    if not isinstance(found, dict):
        raise Invalid("the policy of the lint is written as keys with values")
    return found


def _over(below: Any, above: Any) -> Any:
    """`above` laid over `below`, table by table."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {key: _over(below[key], above[key]) if key in below and key in above else above.get(key, below.get(key))
            for key in (*below, *(key for key in above if key not in below))}  # fmt: skip
