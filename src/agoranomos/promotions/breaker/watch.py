"""One campaign under watch: what is seen of it goes into its tests, and alarms decide how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from agoranomos.promotions.breaker.crowds import Crowd
from agoranomos.promotions.breaker.evidence import MeanTest, RateTest
from agoranomos.promotions.breaker.expected import Lines
from agoranomos.promotions.breaker.policy import STRENGTH, Alarm, Policy, Standing

Test = MeanTest | RateTest


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that was given: when, and whether account and device are new (None: nobody knows)."""

    at: datetime
    new_account: bool | None = None
    new_device: bool | None = None
    network: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is known of it but its time."""
        return self.new_account is None and self.new_device is None and not self.network


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that was used: what its order paid of which list price (minor units; None: nobody knows), for whom."""

    at: datetime
    account_id: str
    paid: int | None = None
    face: int | None = None
    payee_id: str = ""


Seen = Claimed | Paid


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm: what the test saw, and how the campaign stood before and after."""

    alarm: Alarm
    at: datetime
    mean: float
    bound: float
    count: int
    before: Standing
    after: Standing
    given: int
    """What coupons took off so far, in minor units, as far as it was seen."""


class Watch(msgspec.Struct, kw_only=True):
    """What is known of a campaign. The same sights in the same order give the same alarms."""

    standing: Standing = "running"
    alarms: list[Alarm] = []
    claims: int = 0
    redeemed: int = 0
    given: int = 0
    claimed_at: datetime | None = None
    tests: dict[Alarm, Test] = {}
    networks: Crowd = msgspec.field(default_factory=Crowd)
    payees: Crowd = msgspec.field(default_factory=Crowd)

    def see(self, seen: Seen, lines: Lines, policy: Policy) -> list[Raised]:
        """Takes a sight in; the alarms that it raises, each once in the life of a campaign."""
        return [
            self._raise(alarm, test, seen.at, policy)
            for alarm, test in self._shown(seen, lines)
            if alarm not in self.alarms and test.capital >= 1 / policy.alpha
        ]

    def see_all(self, seen: Sequence[Seen], lines: Lines, policy: Policy) -> Iterator[Raised]:
        """As `see`, of many."""
        for each in seen:
            if lines.too_fast is None and isinstance(each, Claimed) and each.says_nothing:
                self.claims += 1
            else:
                yield from self.see(each, lines, policy)

    def resume(self) -> None:
        """Somebody has looked and lets it go on: tests begin anew."""
        self.standing, self.alarms, self.tests = "running", [], {}
        self.networks, self.payees, self.claimed_at = Crowd(), Crowd(), None

    def _raise(self, alarm: Alarm, test: Test, at: datetime, policy: Policy) -> Raised:
        self.alarms.append(alarm)
        before, after = self.standing, policy.standing(frozenset(self.alarms))
        self.standing = max(before, after, key=STRENGTH.__getitem__)
        return Raised(
            alarm=alarm, at=at, mean=test.mean, bound=test.bound, count=test.count, before=before,
            after=self.standing, given=self.given,
        )  # fmt: skip

    def _shown(self, seen: Seen, lines: Lines) -> Iterator[tuple[Alarm, Test]]:
        """The tests that `seen` says something to, after they have taken it in."""
        return self._claimed(seen, lines) if isinstance(seen, Claimed) else self._paid(seen, lines)

    def _claimed(self, seen: Claimed, lines: Lines) -> Iterator[tuple[Alarm, Test]]:
        self.claims += 1
        before, self.claimed_at = self.claimed_at or seen.at, max(self.claimed_at or seen.at, seen.at)
        if lines.too_fast is not None and lines.far_too_fast is not None:
            minutes = (self.claimed_at - before).total_seconds() / 60
            yield from self._rated("claims_too_fast", minutes, lines.too_fast)
            yield from self._rated("claims_far_too_fast", minutes, lines.far_too_fast)
        if seen.new_account is not None:
            yield from self._at_most("new_accounts_many", seen.new_account, lines.new_accounts)
            yield from self._at_most("new_accounts_mostly", seen.new_account, lines.mostly_new_accounts)
        if seen.new_device is not None:
            yield from self._at_most("new_devices_many", seen.new_device, lines.new_devices)
        if seen.network:
            yield from self._at_most("one_network", self.networks.leads(seen.network), lines.one_network)
            self.networks.see(seen.network)

    def _paid(self, seen: Paid, lines: Lines) -> Iterator[tuple[Alarm, Test]]:
        self.redeemed += 1
        full = lines.price or seen.face
        if seen.paid is not None and full:
            self.given += max(0, (seen.face or seen.paid) - seen.paid)
            ratio = min(1.0, max(0, seen.paid) / full)
            yield from self._at_least("paid_below_floor", ratio, lines.floor)
            yield from self._at_least("paid_below_declared", ratio, lines.below_declared)
        if seen.payee_id:
            shared = self.payees.brought_by_another(seen.payee_id, seen.account_id)
            yield from self._at_most("payees_shared", shared, lines.payees)
            self.payees.see(seen.payee_id, seen.account_id)

    def _rated(self, alarm: Alarm, minutes: float, bound: float) -> Iterator[tuple[Alarm, Test]]:
        test = self.tests.get(alarm) or self.tests.setdefault(alarm, RateTest(bound))
        assert isinstance(test, RateTest)
        if test.see(minutes):
            yield alarm, test

    def _at_most(self, alarm: Alarm, value: float, bound: float | None) -> Iterator[tuple[Alarm, Test]]:
        yield from self._mean(alarm, float(value), bound, least=False)

    def _at_least(self, alarm: Alarm, value: float, bound: float | None) -> Iterator[tuple[Alarm, Test]]:
        yield from self._mean(alarm, value, bound, least=True)

    def _mean(self, alarm: Alarm, value: float, bound: float | None, *, least: bool) -> Iterator[tuple[Alarm, Test]]:
        if bound is not None:
            test = self.tests.setdefault(alarm, MeanTest(bound, least))
            assert isinstance(test, MeanTest)
            test.see(value)
            yield alarm, test
