"""Farms of accounts, from what is the same at their sign-up: seen before they have taken a coupon.

A family registers on one device, freshmen within an hour on one network, and a popular friend refers dozens. So no sign
counts alone: what an account shares adds up, two kinds at least must speak, and an identity of his own speaks for him.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.kernel.networks import network_of
from agoranomos.promotions.registration.patterns import pattern_of
from agoranomos.promotions.registration.policy import Policy

FARM: Final = "promotions.account_farm"
VERSION: Final = "1"
HEARS: Final = ("account.registered",)
_RELATED_MAX: Final = 200
_STEP: Final = 0.1
"""By how much a score must rise to be said again."""
_SHARED: Final = ("device", "network", "subnet", "phone", "identity", "referrer", "pattern")
_STRONG: Final = ("device", "phone", "identity", "pattern")
"""Whoever shares one of these is looked at again when one more does; of the others, who comes."""
_LOOKED_AT_MAX: Final = 500
"""What more accounts share within the window says nothing."""
_KEYS_LOOKED_THROUGH: Final = 10_000
"""So many keys, and twice those that were left, before what is over is let go."""
_WORDS: Final = {
    "device": ("{n} accounts were registered on one device within {d} days", "{d} 天内同一设备注册了 {n} 个账号"),
    "network": ("{n} accounts were registered from one address in {d} days", "{d} 天内同一网络地址注册了 {n} 个账号"),
    "subnet": ("{n} accounts were registered from one subnet within {d} days", "{d} 天内同一网段注册了 {n} 个账号"),
    "phone": ("{n} accounts were registered with one phone within {d} days", "{d} 天内同一手机号注册了 {n} 个账号"),
    "identity": ("{n} accounts were registered with one identity within {d} days", "{d} 天内同一身份注册了 {n} 个账号"),
    "referrer": ("{n} accounts were referred by one account within {d} days", "{d} 天内同一账号推荐了 {n} 个账号"),
    "pattern": ("{n} names of accounts differ in numbers only, within {d} days", "{d} 天内 {n} 个账号名称仅数字不同"),
    "burst": ("{n} of them were registered within one hour", "其中 {n} 个在一小时内注册"),
    "many": ("it is twice as many as would be worth a look", "数量达到关注线的两倍"),
    "own_identity": ("those who share it have identities of their own", "共享者各有本人身份"),
}  # fmt: skip


class Entry(msgspec.Struct, frozen=True):
    """A registration: when, by which event, and what it may share, by kind."""

    account_id: str
    at: datetime
    event_id: str
    keys: dict[str, str]


class Sign(msgspec.Struct, frozen=True):
    """What speaks for a farm, or against it: over how many accounts, and its weight in log-odds."""

    kind: str
    key: str
    accounts: int
    weight: float


class State(msgspec.Struct):
    """Registrations of the window by what they share; the farm of each account of one; what was said."""

    held: dict[str, dict[str, Entry]] = {}
    farm_of: dict[str, str] = {}
    said: dict[str, tuple[int, float]] = {}
    kept: int = 0
    """How many keys were left in `held` when those that are over were last let go."""


class Farms:
    """Hears sign-ups; tells of farms."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.known = State({}, {}, {})

    def hear(self, event: Event) -> list[Finding]:
        """`account.registered`: what is now to be said of this account, and of those that share something with it."""
        return self.take(entry_of(event))

    def take(self, entry: Entry) -> list[Finding]:
        """`hear`, of what an event says."""
        since = after(entry.at, -timedelta(days=self.policy.window_days))
        touched, said = {entry.account_id: entry}, False
        for kind, key in entry.keys.items():
            held = self.known.held.setdefault(f"{kind}:{key}", {})
            while held and (oldest := next(iter(held.values()))).at <= since:
                del held[oldest.account_id]
            held.setdefault(entry.account_id, entry)
            enough = getattr(self.policy.accounts_min, kind) <= len(held) <= _LOOKED_AT_MAX
            said |= enough
            if enough and kind in _STRONG:
                touched |= held
        self._forget(since)
        if not said:
            return []
        return [finding for account in sorted(touched) for finding in self._look(touched[account], entry)]

    def _forget(self, since: datetime) -> None:
        """Lets go of keys of which every holder is over, whenever there are twice as many as were left. Nothing that is
        said depends on them: who registers again with such a key finds those who are over struck out.
        """
        known = self.known
        if len(known.held) >= max(_KEYS_LOOKED_THROUGH, 2 * known.kept):
            known.held = {
                key: held for key, held in known.held.items() if any(each.at > since for each in held.values())
            }
            known.kept = len(known.held)

    def _look(self, entry: Entry, new: Entry) -> list[Finding]:
        signs = self.signs(entry)
        kinds = {sign.kind for sign in signs if sign.weight > 0 and sign.kind != "many"}
        total = self.policy.weights.start + sum(sign.weight for sign in signs)
        score = round(1.0 / (1.0 + math.exp(-total)), 4)
        if score < 0.5 or len(kinds) < 2:
            return []
        revision, before = self.known.said.get(entry.account_id, (0, 0.0))
        if score < before + _STEP and not (before < 0.9 <= score):
            return []
        self.known.said[entry.account_id] = (revision + 1, score)
        return [self._finding(entry, signs, score, revision + 1, new)]

    def signs(self, entry: Entry) -> list[Sign]:
        """All that speaks for a farm around a registration, and against it."""
        least, weights, found = self.policy.accounts_min, self.policy.weights, list[Sign]()
        most: list[Entry] = []
        for kind in _SHARED:
            sharing = self.known.held.get(f"{kind}:{entry.keys[kind]}", {}) if kind in entry.keys else {}
            if not getattr(least, kind) <= len(sharing) <= _LOOKED_AT_MAX:
                continue  # too few to say anything, or a gateway that thousands sit behind
            if kind == "subnet" and found and found[-1].kind == "network":
                continue
            held = list(sharing.values())
            found.append(Sign(kind, entry.keys[kind], len(held), getattr(weights, kind)))
            if kind == "device" and len(held) >= 2 * least.device:
                found.append(Sign("many", entry.keys[kind], len(held), weights.many))
            most = max(most, held, key=len)
        if not most:
            return []
        if (many := _burst(most, timedelta(minutes=self.policy.burst_minutes))) >= least.burst:
            found.append(Sign("burst", "", many, weights.burst))
        identities = {each.keys["identity"] for each in most if "identity" in each.keys}
        if 2 * len(identities) > len(most):
            found.append(Sign("own_identity", "", len(identities), weights.own_identity))
        return found

    def _finding(self, entry: Entry, signs: list[Sign], score: float, revision: int, new: Entry) -> Finding:
        subject = Subject("account", entry.account_id)
        others = self._others(entry, signs)
        farm = self._farm(entry, others)
        values = {"message_zh": f"该账号疑似与另外 {len(others)} 个账号一起批量注册。", "accounts": len(others) + 1}
        words = f"The account seems to have been registered as one of a farm, with {len(others)} others."
        ties = [Related(sign.kind, sign.key, "tie") for sign in signs if sign.key and sign.kind != "many"]
        members = [Related("account", each.account_id, "member") for each in others[:_RELATED_MAX]]
        return Finding(
            id=finding_id(FARM, subject, entry.at),
            at=rfc3339(new.at),
            code=FARM,
            subject=subject,
            score=score,
            reasons=(Reason(FARM, words, values), *map(self._reason, signs)),
            related=(*ties, *members),
            ring_id=farm,
            revision=revision,
            event_ids=tuple(dict.fromkeys((entry.event_id, new.event_id))),
            detector=FARM,
            version=f"{VERSION}:{self.policy.version}",
        )

    def _others(self, entry: Entry, signs: list[Sign]) -> list[Entry]:
        found: dict[str, Entry] = {}
        for sign in signs:
            if sign.key and sign.kind not in ("many", "subnet", "referrer"):
                found |= self.known.held[f"{sign.kind}:{sign.key}"]
        found.pop(entry.account_id, None)
        return sorted(found.values(), key=lambda each: (each.at, each.account_id))

    def _farm(self, entry: Entry, others: list[Entry]) -> str:
        """The farm's name: that of its first account, as long as one of its accounts is known by it."""
        known = [self.known.farm_of[each.account_id] for each in others if each.account_id in self.known.farm_of]
        farm = self.known.farm_of.get(entry.account_id) or (known[0] if known else "")
        if not farm:
            first = min([entry, *others], key=lambda each: (each.at, each.account_id))
            farm = derived("ring", "farm", first.account_id)
        self.known.farm_of[entry.account_id] = farm
        return farm

    def _reason(self, sign: Sign) -> Reason:
        english, chinese = (
            form.format(n=sign.accounts, d=self.policy.window_days) for form in _WORDS[sign.kind]
        )  # fmt: skip
        values = {"message_zh": f"{chinese}。", "key": sign.key, "accounts": sign.accounts, "weight": sign.weight}
        return Reason(f"promotions.registered_{sign.kind}", f"{english[0].upper()}{english[1:]}.", values)


def entry_of(event: Event) -> Entry:
    """What an `account.registered` may share with others."""
    data = event.data
    keys = {
        "device": data.get("device_id"),
        "network": data.get("ip"),
        "subnet": network_of(data.get("ip")),
        "phone": data.get("phone_token"),
        "identity": data.get("id_number_token"),
        "referrer": data.get("referrer"),
        "pattern": pattern_of(data),
    }
    return Entry(data["account_id"], event.time, event.id, {kind: key for kind, key in keys.items() if key})


def _burst(entries: list[Entry], within: timedelta) -> int:
    """The most registrations within a span of time."""
    moments = sorted(each.at for each in entries)
    best, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > within:
            first += 1
        best = max(best, last - first + 1)
    return best
