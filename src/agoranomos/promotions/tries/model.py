"""The rules of trying codes, for the store and for replays: what a miss is, whom it counts for, who has to wait.

Whoever is shut out learns nothing more by asking: what he asks is not looked at, and asking makes his wait no longer.
A coupon that he was given, or holds, he gets all the same; so a campus does not lose its coupons to one student who
guesses, and to shut somebody out by guessing in his name takes nothing from him.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import msgspec

from agoranomos.kernel.findings import Finding
from agoranomos.promotions.budgets.model import Asked, Verdict, Why, refused
from agoranomos.promotions.tries.policy import Tries as Policy
from agoranomos.promotions.tries.telling import found

Kind = Literal["account", "device", "network", "campaign"]
MISSES: Final[frozenset[Why]] = frozenset(("code_unknown", "coupon_of_another", "coupon_void"))
"""Refusals that say that the code was not a good one. That it is used up or too late is no guess."""
DOUBLINGS_MAX: Final = 24


class Tried(msgspec.Struct, frozen=True):
    """Misses of somebody, the latest, and until when he is shut out."""

    misses: int
    last_at: datetime
    until: datetime | None = None

    def over(self, at: datetime, window: timedelta) -> bool:
        """Whether it is so long ago that it does not count any more."""
        return at - max(self.last_at, self.until or self.last_at) > window


class Key(msgspec.Struct, frozen=True):
    """Whom misses count for: of which kind, and a name that tells nobody who it is."""

    kind: Kind
    name: str


@lru_cache(maxsize=16_384)
def _key(kind: Kind, value: str) -> Key:
    """Once for each batch and network, where it can be: claims are thousands a second."""
    raw = f"{kind}\x1f{value}".encode("utf-8", "surrogatepass")
    return Key(kind, hashlib.blake2b(raw, digest_size=12).hexdigest())


def keys_of(asked: Asked) -> Iterator[Key]:
    """The keys of somebody who asks. All but the campaign's are of all campaigns: guesses move on."""
    values: tuple[tuple[Kind, str | None], ...] = (
        ("account", asked.account_id), ("campaign", asked.campaign_id), ("device", asked.device_id),
        ("network", asked.network),
    )  # fmt: skip
    for kind, value in values:
        if value:
            yield _key(kind, value)


def after_miss(known: Tried | None, kind: Kind, at: datetime, policy: Policy, *, guarded: bool) -> Tried:
    """What is known after one more miss at `at`; `guarded`: the campaign has many."""
    window = timedelta(minutes=policy.window_minutes)
    misses = 1 if known is None or known.over(at, window) else known.misses + 1
    if kind == "campaign":
        return Tried(misses, at)
    free = getattr(policy, kind) // (policy.guarded if guarded else 1)
    beyond = min(misses - free, DOUBLINGS_MAX)
    if beyond < 1:
        return Tried(misses, at)
    return Tried(misses, at, at + timedelta(seconds=min(policy.most_s, policy.first_s * 2 ** (beyond - 1))))


class Book(msgspec.Struct):
    """What is known of those who miss, by key: the oldest is forgotten when there are more than `most`."""

    tried: dict[Key, Tried] = {}
    most: int = 100_000

    def wait_s(self, asked: Asked, at: datetime) -> int | None:
        """In how many seconds somebody may try again; None: now."""
        untils = [known.until for key in keys_of(asked) if (known := self.tried.get(key)) is not None]
        latest = max((until for until in untils if until is not None and until > at), default=None)
        return None if latest is None else max(1, -int(-(latest - at).total_seconds() // 1))

    def missed(self, asked: Asked, at: datetime, policy: Policy) -> Mapping[Key, Tried]:
        """Takes in a miss; what it has changed."""
        changed: dict[Key, Tried] = {}
        keys = list(keys_of(asked))
        many = self.guarded(asked, at, policy)
        for key in keys:
            changed[key] = after_miss(self.tried.pop(key, None), key.kind, at, policy, guarded=many)
        self.tried |= changed  # at the end of the order: the latest
        while len(self.tried) > self.most:
            del self.tried[next(iter(self.tried))]
        return changed

    def told(self, asked: Asked, at: datetime, policy: Policy) -> list[Finding]:
        """Takes in a miss; what is to be said of the campaign, once it has too many."""
        key = _key("campaign", asked.campaign_id)
        misses = self.missed(asked, at, policy)[key].misses
        return [found(asked.campaign_id, misses, at, policy.window_minutes)] if misses == policy.campaign else []

    def guarded(self, asked: Asked, at: datetime, policy: Policy) -> bool:
        """Whether so many have missed in this campaign that somebody may be trying codes under many names."""
        known = self.tried.get(_key("campaign", asked.campaign_id))
        window = timedelta(minutes=policy.window_minutes)
        return known is not None and not known.over(at, window) and known.misses >= policy.campaign


def shut_out(wait_s: int) -> Verdict:
    """The refusal; what it says to the person is what every refusal says."""
    return refused("too_many_tries", retry_after_s=wait_s)
