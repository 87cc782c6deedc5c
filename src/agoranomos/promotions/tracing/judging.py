"""Rings around coupons: accounts tied in two independent ways at least, weighed against a life of their own.

A pure function of claims and of what is known of the accounts: the order of claims changes nothing. Density alone never
makes a ring; many claims alone do not either.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from agoranomos.engine.rings.blocks import dense_blocks
from agoranomos.engine.rings.uniting import united_by_name
from agoranomos.kernel.calendar import after
from agoranomos.promotions.tracing import conduct
from agoranomos.promotions.tracing.conduct import Crowds, Held
from agoranomos.promotions.tracing.model import Claim, Member, Person, Quote, Ring
from agoranomos.promotions.tracing.policy import Policy

SHARED: Final = ("device", "network", "address", "payee", "payer")
"""What claims share; the last two say where the value goes and who pays."""
FAMILY: Final = {
    "device": "device", "network": "network", "address": "address", "payee": "payee", "payer": "payer",
    "conduct": "conduct", "registration": "registration",
}  # fmt: skip
"""Of which family of ties each kind is; what one explanation covers would be one."""
JOINING: Final = ("device", "payee", "payer", "registration")
"""What makes one ring of two; networks, addresses and busy hours are shared by too many."""
AT_HOME: Final = frozenset(("device", "network", "address", "payee", "payer", "conduct"))
"""What those who live together share: a relative whose phone they top up, and the hour at which they hear of things."""
LIFE: Final = frozenset(("own_history", "bought_before"))
NOBODY: Final = Person(account_id="")


Lives = Callable[[Sequence[str]], tuple[Mapping[str, Sequence[Claim]], Mapping[str, Person]]]
"""Accounts → at least their claims by account, in order, and who they are."""


class Suspects(NamedTuple):
    """Other ties, found elsewhere: accounts that were registered as a farm, by the name of the farm. `whole`: these are
    all claims. Among some of them nobody can say what chance brings about, as long as `crowds` do not. `earlier` is
    what the same accounts took before: it says who acts together, and nothing else. `together` is who was found to act
    together before: account → names of groups.
    """

    farms: Mapping[str, str] = {}
    whole: bool = True
    crowds: Crowds | None = None
    earlier: Sequence[Claim] = ()
    together: Mapping[str, frozenset[str]] = {}


def rings(
    claims: Sequence[Claim], people: Mapping[str, Person], policy: Policy, suspects: Suspects | None = None
) -> list[Ring]:
    """The rings, the largest first. Their members have a score of one half or more, or are victims."""
    ordered = sorted(claims, key=lambda claim: (claim.at, claim.coupon_id))
    of: dict[str, list[Claim]] = defaultdict(list)
    for claim in ordered:
        of[claim.account_id].append(claim)
    ties = _ties(of, policy, suspects or Suspects())
    return rings_of(ties, heavy_lines(of, policy.heavy_claims), lambda _: (of, people), policy)


def rings_of(ties: Mapping[str, Held], heavy: Mapping[str, int], lives: Lives, policy: Policy) -> list[Ring]:
    """`rings`, when all ties are known and who is heavy (`heavy_lines`): `lives` is asked once, for those who may be in
    a ring, of whom it gives the claims in their order, and who they are.
    """
    names = sorted({account for held in ties.values() for account in held})
    groups = [
        [names[each] for each in group]
        for group in united_by_name(ties, names, FAMILY, policy.accounts_min, JOINING)
    ]  # fmt: skip
    if not groups:
        return []
    dense = _densely_tied(ties, names)
    of, people = lives([account for group in groups for account in group])
    judged = (_Group(accounts, of, ties, dense, heavy, people, policy).ring() for accounts in groups)
    found = [ring for ring in judged if ring is not None]
    return sorted(found, key=lambda ring: (-len(ring.members), ring.since, ring.anchor))


def _ties(of: Mapping[str, Sequence[Claim]], policy: Policy, suspects: Suspects) -> dict[str, Held]:
    """Of each kind, who holds keys that others hold as well, and not too many."""
    found: dict[str, Held] = {}
    for kind in SHARED:
        holders: dict[str, set[str]] = defaultdict(set)
        for account, claims in of.items():
            for claim in claims:
                if key := getattr(claim, kind):
                    holders[key].add(account)
        most = getattr(policy.holders_max, kind)
        found[kind] = held((key, who) for key, who in holders.items() if 1 < len(who) <= most)
    found["registration"] = of_farms({account: farm for account, farm in suspects.farms.items() if account in of})
    found["conduct"] = _in_step(of, found, policy, suspects)
    return found


def heavy_lines(of: Mapping[str, Sequence[Claim]], at_least: int) -> dict[str, int]:
    """From how many claims on somebody is heavy, by campaign: `at_least`, and more than nineteen in twenty take."""
    many: dict[str, Counter[int]] = defaultdict(Counter)
    for claims in of.values():
        for campaign, count in Counter(claim.campaign_id for claim in claims).items():
            many[campaign][count] += 1
    return {campaign: heavy_line(accounts, at_least) for campaign, accounts in many.items()}


def heavy_line(accounts: Mapping[int, int], at_least: int) -> int:
    """`heavy_lines` of one campaign, of which `accounts` says how many accounts took so many."""
    place, before = int(sum(accounts.values()) * 0.95), 0
    for count in sorted(accounts):
        before += accounts[count]
        if before > place:
            return max(at_least, count + 1)
    return at_least


def of_farms(farms: Mapping[str, str]) -> Held:
    """Farms as ties; `farms` has the farm of accounts that took something."""
    by_farm: dict[str, set[str]] = defaultdict(set)
    for account, farm in farms.items():
        by_farm[farm].add(account)
    return held((farm, who) for farm, who in by_farm.items() if len(who) > 1)


def held(shared: Iterable[tuple[str, Iterable[str]]]) -> Held:
    """By account, from keys with who holds each."""
    keys: dict[str, set[str]] = defaultdict(set)
    for key, who in shared:
        for account in who:
            keys[account].add(key)
    return {account: frozenset(mine) for account, mine in keys.items()}


def _in_step(
    of: Mapping[str, Sequence[Claim]], ties: Mapping[str, Held], policy: Policy, suspects: Suspects
) -> Held:  # fmt: skip
    """Who takes the same things as others at nearly the same time, again and again; the key names the group."""
    groups = conduct.among_all(of, policy) if suspects.whole else []
    crowds = suspects.crowds
    if crowds is None and suspects.whole:
        crowds = conduct.crowds_of(claim for claims in of.values() for claim in claims)
    if crowds is not None:
        groups += conduct.among_sharing(_with(of, suspects.earlier), ties, crowds, policy)
    found = conduct.named(groups)
    for account, names in suspects.together.items():
        if account in of:
            found[account] = found.get(account, frozenset()) | names
    return found


def _with(of: Mapping[str, Sequence[Claim]], earlier: Sequence[Claim]) -> Mapping[str, Sequence[Claim]]:
    found = {account: list(claims) for account, claims in of.items()}
    for claim in earlier:
        if claim.account_id in found:
            found[claim.account_id].append(claim)
    return found


class _Group:
    """Accounts that may be a ring: who of them is, and why."""

    def __init__(
        self, accounts: Sequence[str], of: Mapping[str, Sequence[Claim]], ties: Mapping[str, Held],
        dense: frozenset[str], heavy: Mapping[str, int], people: Mapping[str, Person], policy: Policy,
    ) -> None:  # fmt: skip
        self._of = {account: of[account] for account in accounts}
        self._people = people
        self._policy = policy
        self._since = min(claims[0].at for claims in self._of.values())
        inside = set(accounts)
        self._ties = {kind: {who: keys for who, keys in held.items() if who in inside} for kind, held in ties.items()}
        self._known_people = 2 * sum(map(self._lived, accounts)) > len(accounts)
        if self._known_people:
            self._ties["conduct"] = {}  # they hear of bargains together
        self._counts = {
            kind: Counter(key for keys in held.values() for key in keys) for kind, held in self._ties.items()
        }
        self._dense = dense & inside
        self._heavy = heavy

    def ring(self) -> Ring | None:
        """The ring, without those whose own life speaks for them; None when too few are left."""
        members = [self._member(account) for account in self._of]
        tied = [each for each in members if each.score >= 0.5 or each.victim]
        guilty = [each for each in tied if not each.victim]
        if len(guilty) < self._policy.accounts_min or self._lives_together(guilty):
            return None
        first = min(guilty, key=lambda each: (each.since, each.account_id))
        campaigns = {claim.campaign_id for each in tied for claim in self._of[each.account_id]}
        kinds = {quote.kind for each in guilty for quote in each.quotes if quote.kind in FAMILY}
        return Ring(
            first.account_id, first.since, tuple(sorted(tied, key=lambda each: each.account_id)),
            tuple(sorted(campaigns)), tuple(sorted(kinds)),
        )  # fmt: skip

    def _lives_together(self, members: Sequence[Member]) -> bool:
        """A family, or some who share a flat: few, tied by what families share, and either modest or with lives of
        their own.
        """
        if len(members) > self._policy.household_max:
            return False
        kinds = {quote.kind for each in members for quote in each.quotes if quote.kind in FAMILY}
        modest = sum(each.claims for each in members) <= self._policy.household_claims_max * len(members)
        lived = sum(any(quote.kind in LIFE for quote in each.quotes) for each in members)
        return kinds <= AT_HOME and (modest or 2 * lived > len(members))

    def _member(self, account: str) -> Member:
        claims, person = self._of[account], self._people.get(account, NOBODY)
        quotes = self._ties_of(account)
        own = self._own_life(account, person, claims)
        score = self._policy.weights.start + sum(quote.weight for quote in (*quotes, *own))
        families = {FAMILY[quote.kind] for quote in quotes if quote.kind in FAMILY}
        if len(families) < 2:
            score = min(score, -1.0)
        return Member(
            account_id=account,
            score=round(1.0 / (1.0 + math.exp(-score)), 4),
            quotes=(*quotes, *own),
            victim=len(families) > 1 and self._in_others_hands(account, person, claims),
            claims=len(claims),
            value=sum(claim.value for claim in claims),
            since=claims[0].at,
            event_ids=tuple(sorted({claim.event_id for claim in claims if claim.event_id}))[:20],
        )

    def _ties_of(self, account: str) -> list[Quote]:
        """Each kind that ties the account to others of the group, with the key that most of them share."""
        found = list[Quote]()
        for kind, held in self._ties.items():
            shared = [(self._counts[kind][key], key) for key in held.get(account, ()) if self._counts[kind][key] > 1]
            if shared:
                many, key = max(shared)
                again = kind == "network" and bool(found) and found[0].kind == "device"
                found.append(Quote(kind, key, many, 0.0 if again else getattr(self._policy.weights, kind)))
        weights = self._policy.weights
        if account in self._dense:
            found.append(Quote("dense", "", len(self._dense), weights.dense))
        if len(self._of) > self._policy.household_max and not self._known_people:
            found.append(Quote("large", "", len(self._of), weights.large))
        most = Counter(claim.campaign_id for claim in self._of[account]).most_common(1)[0]
        if most[1] >= self._heavy[most[0]]:
            found.append(Quote("heavy", most[0], most[1], weights.heavy))
        return found

    def _lived(self, account: str) -> bool:
        person, begins = self._people.get(account, NOBODY), self._of[account][0].at
        return _older(person.registered_at, begins, self._policy.own_history_days) or _older(
            person.first_order_at, begins, 1
        )

    def _own_life(self, account: str, person: Person, claims: Sequence[Claim]) -> list[Quote]:
        """What speaks for the account."""
        weights, found = self._policy.weights, list[Quote]()
        begins = claims[0].at
        if _older(person.registered_at, begins, self._policy.own_history_days):
            found.append(Quote("own_history", "", 0, weights.own_history))
        if _older(person.first_order_at, begins, 1):
            found.append(Quote("bought_before", "", person.orders, weights.bought_before))
        if len(claims) <= self._policy.modest_claims_max:
            found.append(Quote("modest", "", len(claims), weights.modest))
        for kind, weight in (("payee", weights.own_payee), ("address", weights.own_address)):
            keys = {key for claim in claims if (key := getattr(claim, kind))}
            if keys and not self._ties[kind].get(account):
                found.append(Quote(f"own_{kind}", "", len(keys), weight))
        return found

    def _in_others_hands(self, account: str, person: Person, claims: Sequence[Claim]) -> bool:
        """An account with a life of its own that suddenly acts from a device of the ring, where it was never seen."""
        used = {claim.device for claim in claims if claim.device}
        before = {device for device, first in person.devices.items() if first < after(claims[0].at, -timedelta(days=1))}
        shared = {device for device in used if self._counts["device"].get(device, 0) > 1}
        return self._lived(account) and bool(before) and bool(used) and used == shared and not used & before


def _densely_tied(ties: Mapping[str, Held], names: Sequence[str]) -> frozenset[str]:
    """Those who share so many things with each other that no draw by chance does: it adds to what ties them, and never
    makes a ring by itself.
    """
    edges = [
        (place, f"{kind}:{key}") for place, account in enumerate(names)
        for kind in SHARED for key in ties[kind].get(account, ())
    ]  # fmt: skip
    keys = {key: number for number, key in enumerate(sorted({key for _, key in edges}))}
    people = np.array([place for place, _ in edges], np.int32)
    things = np.array([keys[key] for _, key in edges], np.int32)
    blocks = dense_blocks(people, things, len(names), len(keys)).blocks
    return frozenset(names[each] for block in blocks for each in block.people)


def _older(moment: datetime | None, than: datetime, days: int) -> bool:
    return moment is not None and moment <= after(than, -timedelta(days=days))
