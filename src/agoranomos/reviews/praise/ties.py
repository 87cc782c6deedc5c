"""What ties those who praise: of each kind, who holds keys that others hold as well, and not too many."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from agoranomos.engine.rings.lockstep import Settings as LockstepSettings
from agoranomos.engine.rings.lockstep import lockstep
from agoranomos.engine.rings.uniting import grouped
from agoranomos.kernel.calendar import after
from agoranomos.reviews.praise.model import Paid, Praise
from agoranomos.reviews.praise.policy import Policy
from agoranomos.reviews.praise.speech import needed

Held = dict[str, frozenset[str]]
"""Account → keys of one kind."""
FAMILY: Final = {"device": "place", "network": "place", "conduct": "conduct", "text": "text", "payment": "payment"}
"""Of which family each kind of tie is: those of one family have one innocent explanation, such as living together."""


def ties_of(
    of: Mapping[str, Sequence[Praise]], paid: Iterable[Paid], bits: Callable[[int], float], policy: Policy
) -> dict[str, Held]:
    """All kinds; `of`: what each account praised, in the order of time, `bits`: what it says to repeat a text."""
    every = [each for mine in of.values() for each in mine]
    line, most = needed(len(every), policy.text_margin_bits), policy.holders_max
    return {
        "device": _shared(((each.device, each.author_id) for each in every), 2, most.device),
        "network": _shared(((each.network, each.author_id) for each in every), 2, most.network),
        "conduct": _in_lockstep(of, policy),
        "text": _shared(
            ((f"{each.text:x}", each.author_id) for each in every if each.text and bits(each.text) >= line),
            2, most.text,
        ),
        "payment": _shared(_paid_for(of, paid, policy), policy.payer_authors_min, most.payer),
    }  # fmt: skip


def _shared(pairs: Iterable[tuple[str, str]], at_least: int, at_most: int) -> Held:
    holders: dict[str, set[str]] = defaultdict(set)
    for key, account in pairs:
        if key:
            holders[key].add(account)
    keys: dict[str, set[str]] = defaultdict(set)
    for key, who in holders.items():
        if at_least <= len(who) <= at_most:
            for account in who:
                keys[account].add(key)
    return {account: frozenset(mine) for account, mine in keys.items()}


def _paid_for(
    of: Mapping[str, Sequence[Praise]], paid: Iterable[Paid], policy: Policy
) -> Iterable[tuple[str, str]]:  # fmt: skip
    """Payers with those whom they paid around a review that praises; a store, for one that praises it."""
    near = timedelta(days=policy.paid_days)
    for each in paid:
        mine = of.get(each.to, ())
        if any(
            abs(praise.at - each.at) <= near and (not each.store or praise.store_id == each.payer)
            for praise in _around(mine, each.at, near)
        ):
            yield each.payer, each.to


def _around(mine: Sequence[Praise], at: datetime, near: timedelta) -> Iterable[Praise]:
    first = bisect_left(mine, after(at, -near), key=lambda each: each.at)
    return mine[first:]


def _in_lockstep(of: Mapping[str, Sequence[Praise]], policy: Policy) -> Held:
    """Who praises the same stores as others at nearly the same time, again and again; the key names the group."""
    settings = policy.lockstep
    accounts = sorted(of)
    acts = [(place, each) for place, account in enumerate(accounts) for each in of[account]]
    stores = {store: place for place, store in enumerate(sorted({each.store_id for _, each in acts}))}
    if len(stores) < settings.things_min:
        return {}
    people = np.array([place for place, _ in acts], np.int32)
    what = np.array([stores[each.store_id] for _, each in acts], np.int32)
    when = np.array([int(each.at.timestamp()) for _, each in acts], np.int64)
    ones, others = [], []
    for window_s in settings.windows_s:
        chosen = LockstepSettings(
            window_s=window_s, things_min=settings.things_min, crowd_max=settings.crowd_max,
            false_pairs_max=settings.false_pairs_max, among_all=True,
        )  # fmt: skip
        pairs = lockstep(people, what, when, len(accounts), len(stores), chosen)
        ones.append(pairs.one)
        others.append(pairs.other)
    return {
        accounts[member]: frozenset((f"lockstep:{accounts[group[0]]}",))
        for group in grouped(np.concatenate(ones), np.concatenate(others), len(accounts)) for member in group
    }  # fmt: skip
