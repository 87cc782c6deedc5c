"""The policy of cases as a TOML file, read strictly and as a whole: what gathers, clocks, claims, clauses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import parsed, stamped
from agoranomos.rules.policy import fits

NAME: Final = "cases"
"""Of the file in a folder of policies, with the ending `.toml`."""
By = Literal["ring", "batch", "seller", "store", "subject"]
Kind = Literal["finding", "appeal", "inspection", "second", "report"]
"""`finding`: what detectors and rules found. `second`: two people decided the same case differently. `inspection` and
`report`: what an authority, or a person, has sent."""
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Hours = Annotated[int, msgspec.Meta(ge=1, le=8_760)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=10_080)]


class Gather(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Findings of `codes` (a code, `goods.*` or `*`) gather by this."""

    codes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    by: By


class KindPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a case of a kind may take; of those that are not findings also where it waits, how many a day, and the
    harm that is expected of one that is not looked at, in minor units.
    """

    hours: Hours
    hours_by_queue: Mapping[str, Hours] = {}
    queue: str | None = None
    per_day: Count = 1
    harm: Annotated[int, msgspec.Meta(ge=0, le=10**12)] = 0


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a case is held; see the shipped file."""

    minutes: Minutes
    minutes_longest: Minutes
    held_max: Annotated[int, msgspec.Meta(ge=1, le=100)]
    due_every: Annotated[int, msgspec.Meta(ge=2, le=1_000)]
    due_soon_hours: Hours
    refusals_per_day: Annotated[int, msgspec.Meta(ge=0, le=1_000)]

    @property
    def lasts(self) -> timedelta:
        """Without a sign of life."""
        return timedelta(minutes=self.minutes)

    @property
    def longest(self) -> timedelta:
        """With any number of them."""
        return timedelta(minutes=self.minutes_longest)


class Waiting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a party may be given."""

    days_max: Annotated[int, msgspec.Meta(ge=1, le=180)]


class Bulk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many cases are decided together, alone and at all."""

    alone_max: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    most: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the policy says, in English and Chinese, and what may follow from it."""

    en: Annotated[str, msgspec.Meta(min_length=1)]
    zh: Annotated[str, msgspec.Meta(min_length=1)]
    ground: Literal["illegal", "terms"]
    category: Annotated[str, msgspec.Meta(pattern="^[A-Z_]{3,60}$")]
    actions: tuple[str, ...] = ()


class Attachments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be attached to a case; see the shipped file."""

    bytes_max: Annotated[int, msgspec.Meta(ge=1, le=5_000_000)]  # what the address takes as well
    per_case: Count
    pixels_max: Annotated[int, msgspec.Meta(ge=1)]
    unpacked_max: Annotated[int, msgspec.Meta(ge=1)]
    files_max: Count
    ratio_max: Count


class Quality(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which share of decided cases a second person looks at."""

    seed: Annotated[str, msgspec.Meta(min_length=1)]
    second_share: Share
    second_share_by_queue: Mapping[str, Share] = {}

    def share(self, queue: str) -> float:
        """Of a queue."""
        return self.second_share_by_queue.get(queue, self.second_share)


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From how many decided cases on a score is fitted to them; see the shipped file."""

    platt_min: Count
    isotonic_min: Count
    each_min: Count
    days: Annotated[int, msgspec.Meta(ge=1, le=3_650)]
    drift_max: Share


class CasePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of cases; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    score_min: Share
    leaves_out: tuple[str, ...]
    reopens_by: Share
    findings_max: Count
    gather: Annotated[tuple[Gather, ...], msgspec.Meta(min_length=1)]
    irreversibility: Mapping[str, Share]
    kinds: Mapping[Kind, KindPolicy]
    claims: Claims
    waiting: Waiting
    bulk: Bulk
    quality: Quality
    calibration: Calibration
    attachments: Attachments
    clauses: Annotated[Mapping[str, Clause], msgspec.Meta(min_length=1)]

    def irreversibility_of(self, code: str) -> float:
        """How much of the harm that a finding of this code speaks of cannot be made good later."""
        fitting = [pattern for pattern in self.irreversibility if fits(code, pattern)]
        return self.irreversibility[max(fitting, key=len)]

    def within(self, kind: Kind, queue: str) -> timedelta:
        """How long a case may take."""
        entry = self.kinds[kind]
        return timedelta(hours=entry.hours_by_queue.get(queue, entry.hours))

    def clause(self, name: str) -> Clause:
        """Raises Invalid for one that the policy does not have."""
        try:
            return self.clauses[name]
        except KeyError:
            known = ", ".join(sorted(self.clauses))
            raise Invalid(f"the policy has no such clause; it has {known}", pointer="/clause") from None


def load_policy(path: Path | None = None) -> CasePolicy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return parse_policy((path or resources.files(__package__) / "data" / "cases.toml").read_bytes())


def parse_policy(raw: bytes) -> CasePolicy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, CasePolicy, "cases")
    last = policy.gather[-1]
    if last.by != "subject" or "*" not in last.codes:
        raise Invalid(
            'the last [[gather]] is codes = ["*"], by = "subject": what fits nothing else is a case of its own'
        )
    if "*" not in policy.irreversibility:
        raise Invalid('irreversibility."*" is missing: what counts when nothing else fits')
    for kind in Kind.__args__:  # type: ignore[attr-defined]
        if kind not in policy.kinds:
            raise Invalid(f"kinds.{kind} is missing from the policy of cases")
        if (policy.kinds[kind].queue is None) != (kind == "finding"):
            raise Invalid(f"kinds.{kind}.queue: every kind but finding waits in a queue of its own")
    if policy.claims.minutes_longest < policy.claims.minutes:
        raise Invalid("claims.minutes_longest lies below claims.minutes")
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))
