"""Who acts together, again and again: among all people, and among those who share something already.

Among all, two must meet over several things for it to say anything, and all claims must be known. Among those who
share a device or a payee less is enough, and of the others only how many took something when must be known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
import numpy as np

from agoranomos.engine.rings.blocks import Codes
from agoranomos.engine.rings.in_step import Crowd, Doing, in_step
from agoranomos.engine.rings.in_step import Settings as InStepSettings
from agoranomos.engine.rings.lockstep import Settings as LockstepSettings
from agoranomos.engine.rings.lockstep import lockstep
from agoranomos.engine.rings.uniting import grouped
from agoranomos.promotions.tracing.model import Claim
from agoranomos.promotions.tracing.policy import Policy

Held = dict[str, frozenset[str]]
"""Account → keys of one kind."""
TELLING: Final = ("device", "payee", "payer", "registration")
"""Those who share one of these are few; those of one network or address hear of the same things at the same hour."""
CLAIMS_MIN: Final = 3
"""Whoever takes less cannot be in lockstep with anybody."""
_HOUR_S: Final = 3_600


class Crowds(msgspec.Struct):
    """How many coupons of each campaign were taken in each hour (since 1970)."""

    hours: dict[str, dict[int, int]] = {}

    def took(self, campaign_id: str, at: datetime) -> None:
        """Somebody took a coupon."""
        hours = self.hours.setdefault(campaign_id, {})
        hour = int(at.timestamp()) // _HOUR_S
        hours[hour] = hours.get(hour, 0) + 1

    def forget(self, before: datetime) -> None:
        """Lets go of campaigns of which nothing was taken since."""
        line = int(before.timestamp()) // _HOUR_S
        self.hours = {name: hours for name, hours in self.hours.items() if max(hours) >= line}


def crowds_of(claims: Iterable[Claim]) -> Crowds:
    """The crowds of these claims, which are all."""
    found = Crowds({})
    for claim in claims:
        found.took(claim.campaign_id, claim.at)
    return found


def among_all(of: Mapping[str, Sequence[Claim]], policy: Policy) -> list[list[str]]:
    """Groups of accounts that take the same things as others at nearly the same time; `of` has all claims.

    Whoever acts from one device acts one after the other, and is one here: otherwise a stranger who is about when a
    village takes its coupons would be in step with each of them, and all of them with each other.
    """
    on: dict[str, set[str]] = defaultdict(set)
    for account, claims in of.items():
        for claim in claims:
            on[claim.device].add(account)
    shared = {device: who for device, who in on.items() if device and len(who) > 1}
    acting: dict[str, list[Claim]] = defaultdict(list)
    for account in sorted(of):
        for claim in of[account]:
            acting[f"device:{claim.device}" if claim.device in shared else f"account:{account}"].append(claim)
    groups = _in_lockstep({name: claims for name, claims in acting.items() if len(claims) >= CLAIMS_MIN}, policy)
    return [sorted({claim.account_id for name in group for claim in acting[name]}) for group in groups]


def _in_lockstep(acting: Mapping[str, Sequence[Claim]], policy: Policy) -> list[list[str]]:
    names = sorted(acting)
    acts = sorted(
        {
            (place, f"{claim.campaign_id}\0{claim.listing}", claim.at)
            for place, name in enumerate(names) for claim in acting[name]
        }
    )  # fmt: skip
    things = {thing: place for place, thing in enumerate(sorted({thing for _, thing, _ in acts}))}
    if len(things) < policy.lockstep.things_min:
        return []
    people = np.array([place for place, _, _ in acts], np.int32)
    what = np.array([things[thing] for _, thing, _ in acts], np.int32)
    when = np.array([int(at.timestamp()) for _, _, at in acts], np.int64)
    ones, others = [], []
    for window_s in policy.lockstep.windows_s:
        settings = LockstepSettings(
            window_s=window_s, things_min=policy.lockstep.things_min, crowd_max=policy.lockstep.crowd_max
        )
        pairs = lockstep(people, what, when, len(names), len(things), settings)
        ones.append(pairs.one)
        others.append(pairs.other)
    groups = grouped(np.concatenate(ones), np.concatenate(others), len(names))
    return [[names[member] for member in group] for group in groups]


def among_sharing(
    of: Mapping[str, Sequence[Claim]], ties: Mapping[str, Held], crowds: Crowds, policy: Policy
) -> list[list[str]]:
    """Groups of accounts that share something telling and take coupons of the same campaigns at the same times; `of`
    has what they took, and `crowds` how many of all people took something when.
    """
    groups = sharing(ties, policy)
    accounts = sorted({account for who in groups for account in who})
    place = {account: number for number, account in enumerate(accounts)}
    doing = _doing(of, accounts)
    known = {thing: Crowd(crowds.hours.get(thing, {})) for thing in doing}
    people = [np.array([place[account] for account in who], np.int32) for who in groups]
    found: list[Codes] = []
    for window_s in policy.lockstep.windows_s:
        found += in_step(people, doing, known, len(accounts), InStepSettings(window_s=window_s))
    return [[accounts[member] for member in group] for group in found]


def sharing(ties: Mapping[str, Held], policy: Policy) -> list[tuple[str, ...]]:
    """Who share something telling with each other, and are enough."""
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind in TELLING:
        for account in sorted(ties.get(kind, {})):
            for key in ties[kind][account]:
                holders[kind, key].append(account)
    return sorted({tuple(who) for who in holders.values() if len(who) >= policy.accounts_min})


def named(groups: Iterable[Sequence[str]]) -> Held:
    """Groups of accounts that act together as a tie, named for the first account; groups with one in common are one."""
    all_of_them = [sorted(group) for group in groups]
    accounts = sorted({account for group in all_of_them for account in group})
    place = {account: number for number, account in enumerate(accounts)}
    one = np.array([place[group[0]] for group in all_of_them for _ in group[1:]], np.int32)
    other = np.array([place[each] for group in all_of_them for each in group[1:]], np.int32)
    return {
        accounts[member]: frozenset((f"lockstep:{accounts[group[0]]}",))
        for group in grouped(one, other, len(accounts)) for member in group
    }  # fmt: skip


def _doing(of: Mapping[str, Sequence[Claim]], accounts: Sequence[str]) -> dict[str, Doing]:
    taken: dict[str, list[tuple[int, float, int]]] = defaultdict(list)
    devices: dict[str, int] = {"": -1}
    for number, account in enumerate(accounts):
        for claim in of.get(account, ()):
            place = devices.setdefault(claim.device, len(devices))
            taken[claim.campaign_id].append((number, claim.at.timestamp(), place))
    return {
        thing: Doing(
            np.array([each[0] for each in acts], np.int32), np.array([each[1] for each in acts]),
            np.array([each[2] for each in acts], np.int32),
        )
        for thing, acts in sorted(taken.items())
    }  # fmt: skip
