"""The policy of applications: read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.enforcement.addresses import check_url
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import parsed, stamped
from agoranomos.sellers.identity.facts import Answer
from agoranomos.sellers.identity.signs import Sign

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where real people are compared. `allow_private`: it stands inside, and may be reached by http."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    url: str
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 10.0
    allow_private: bool = False


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the answers of a provider call for; see the shipped file."""

    compared: tuple[str, ...]
    same: Outcome
    not_checked: Outcome
    failed: Outcome
    unsure: Outcome
    different: Outcome
    provider: Provider | None = None

    def outcome(self, answer: Answer) -> Outcome:
        """What this answer calls for."""
        found: Outcome = getattr(self, answer)
        return found


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The scores from which outcomes are called for."""

    review: Probability
    hold: Probability
    decline: Probability
    warn: Probability = 1.0


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    report_line: Probability
    prior: Annotated[float, msgspec.Meta(ge=-10, le=0)]
    lines: Lines
    always: Mapping[str, Outcome]
    person: Person

    def of_score(self, score: float) -> Outcome:
        """What a score calls for."""
        for outcome in (Outcome.DECLINE, Outcome.HOLD, Outcome.REVIEW, Outcome.WARN):
            if score >= getattr(self.lines, outcome.value):
                return outcome
        return Outcome.APPROVE

    def of_sign(self, sign: Sign) -> Outcome:
        """What a sign calls for whatever the score."""
        if sign.weight <= 0:
            return Outcome.APPROVE
        return self.always.get(f"{sign.code}.{sign.way}", self.always.get(sign.code, Outcome.APPROVE))


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return parse_policy((path or resources.files(__package__) / "data" / "policy.toml").read_bytes())


def parse_policy(raw: bytes) -> Policy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, Policy, "applications")
    lines = policy.lines
    if not lines.review <= lines.hold <= lines.decline:
        raise Invalid("lines: review, hold and decline must not fall")
    for key in policy.always:
        if not key.startswith("sellers.") or key.count(".") > 2:
            raise Invalid(f"always: {key[:60]!r} is no code such as sellers.id_number_invalid, nor code.way")
    if policy.person.provider is not None:
        check_url(policy.person.provider.url, allow_private=policy.person.provider.allow_private)
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))
