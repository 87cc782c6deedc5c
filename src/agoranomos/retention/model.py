"""Holds and runs, as values."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from agoranomos.kernel.retained import Action

HoldKind = Literal["case", "referral", "seller", "account", "store", "listing", "batch", "ring", "campaign"]
HOLD_KINDS: Final[tuple[HoldKind, ...]] = get_args(HoldKind)


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Why data about something stays: `why` is a code such as `litigation`, `note` free text. `until` None: until it is
    lifted, which takes two people; a moment ends it by itself.
    """

    hold_id: str
    kind: HoldKind
    subject_id: str
    why: str
    note: str
    placed_at: datetime
    placed_by: str
    until: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def stands(self, now: datetime) -> bool:
        """Whether it keeps anything at `now`."""
        return self.lifted_at is None and (self.until is None or now < self.until)


class Standing(msgspec.Struct, frozen=True):
    """A hold that nobody placed: what is referred stays as long as it is open."""

    kind: HoldKind
    subject_id: str
    why: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What a run does about one kind: rows older than `before`; `gone` of them, `held` that a hold keeps. In a dry run
    `gone` are those that would go. `after` is the key of the last row that was looked at.
    """

    kind: str
    action: Action
    days: int
    basis: str
    before: datetime
    gone: int = 0
    held: int = 0
    done: bool = False
    after: tuple[str | int, ...] | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run over all kinds; `ended_at` None: it goes on where it stopped."""

    run_id: str
    started_at: datetime
    started_by: str
    policy_version: str
    parts: tuple[Part, ...]
    dry: bool = False
    ended_at: datetime | None = None
