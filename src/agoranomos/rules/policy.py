"""Queues as data: which findings, how many subjects people can look at in a day, and what is at stake; a TOML file.

It is checked strictly and as a whole when it is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.money import MINOR_DIGITS
from agoranomos.kernel.policies import parsed

Days = Annotated[int, msgspec.Meta(ge=1, le=400)]
_PATTERN = re.compile(r"\*|[a-z][a-z0-9_]*(\.[a-z0-9_]+)*(\.\*)?")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Queue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a queue shows; `codes` are codes of findings, or `goods.*`. `per_day` subjects fit into a day."""

    codes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    per_day: Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class QueuePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All queues. `exposure`: minor units of `currency` by code or pattern, where events name no money."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    currency: str
    window_days: Days
    measured_days: Days
    queues: Mapping[str, Queue]
    exposure: Mapping[str, Annotated[int, msgspec.Meta(ge=0, le=10**12)]]

    def queue(self, name: str) -> Queue:
        """Raises NotFound."""
        try:
            return self.queues[name]
        except KeyError:
            raise NotFound(f"there is no such queue; the policy has {', '.join(sorted(self.queues))}") from None

    def queue_of(self, code: str) -> str | None:
        """The queue that shows findings of this code, by the longest pattern that fits; None when none does."""
        fitting = [
            (len(pattern), name)
            for name, queue in self.queues.items()
            for pattern in queue.codes
            if fits(code, pattern)
        ]
        return max(fitting)[1] if fitting else None

    def exposure_of(self, code: str) -> int:
        """What is at stake in a finding of this code, in minor units, when its events do not say."""
        fitting = [pattern for pattern in self.exposure if fits(code, pattern)]
        return self.exposure[max(fitting, key=len)]


def fits(code: str, pattern: str) -> bool:
    """Whether `pattern`, a code or `goods.*` or `*`, means `code`."""
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


def load_queues(path: Path | None = None) -> QueuePolicy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    source = path or resources.files(__package__) / "data" / "queues.toml"
    return parse_queues(source.read_bytes())


def parse_queues(raw: bytes) -> QueuePolicy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, QueuePolicy, "queues")
    if policy.currency not in MINOR_DIGITS:
        raise Invalid("currency is no ISO 4217 code such as CNY")
    if "*" not in policy.exposure:
        raise Invalid('exposure."*" is missing: what is at stake when nothing else fits')
    for name, queue in policy.queues.items():
        if not _NAME.fullmatch(name):
            raise Invalid(f"queues.{name[:40]}: a queue is called by lower-case letters, digits and _")
        for pattern in queue.codes:
            _require_pattern(pattern, f"queues.{name}.codes")
    for pattern in policy.exposure:
        _require_pattern(pattern, "exposure")
    return policy


def _require_pattern(pattern: str, key: str) -> None:
    if not _PATTERN.fullmatch(pattern):
        raise Invalid(f"{key}: {pattern[:60]!r} is no code such as goods.brand_disguised, nor goods.* or *")
