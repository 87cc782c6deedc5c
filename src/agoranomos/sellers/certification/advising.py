"""What certification says to the check of an application, live and in a replay.

Regions are judged once a day, when the first application of the day comes: the answer is the same for everybody who
applies on that day, and the check waits for no count over all sellers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from agoranomos.sellers.certification.model import Policy, Tally, required_in

NAME: Final = "sellers.certification"
VERSION: Final = "1"
REQUIRED: Final = "sellers.certification_required"
DAY: Final = timedelta(days=1)
SCORE: Final = 0.0
"""It is no suspicion: what follows is said by the policy of applications, by the code."""


def reason_of(region: str) -> Reason:
    """Why somebody is to be seen in person, in words that he may read."""
    words = "Sellers of this region are certified in person before they open a store; make an appointment."
    zh = "该地区卖家开店前须完成现场认证，请预约。"
    return Reason(REQUIRED, words, {"region": region, "message_zh": zh})


def finding_on(event: Event) -> Finding:
    """On the application: its region requires certification, and the applicant has none."""
    subject = Subject("application", event.data["application_id"])
    return Finding(
        id=finding_id(REQUIRED, subject, event.time), at=rfc3339(event.time), code=REQUIRED, subject=subject,
        score=SCORE, reasons=(reason_of(event.data["region"]),), detector=REQUIRED, version=VERSION,
        event_ids=(event.id,),
    )  # fmt: skip


class Daily:
    """The regions that require certification, counted anew once a day."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._day: int | None = None
        self._regions: frozenset[str] = frozenset()

    def regions(self, at: datetime, count: Callable[[], dict[str, Tally]]) -> frozenset[str]:
        """Those of the day of `at` (UTC), by `count` when the day is a new one."""
        day = at.toordinal()
        if self._day is None or day > self._day:
            self._day, self._regions = day, required_in(count(), self._policy)
        return self._regions


class _State(msgspec.Struct):
    regions: dict[str, str]
    held: dict[str, tuple[datetime, str]]


class CertificationMonitor:
    """In a replay: hears where sellers are and who was certified, and advises. See `engine.stream.Monitor`.

    `offenders` names the sellers against whom a case stands.
    """

    def __init__(self, policy: Policy, offenders: Callable[[], Iterable[str]]) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears: Iterable[str] = ("certification.held", "seller.applied", "store.opened")
        self._policy = policy
        self._offenders = offenders
        self._daily = Daily(policy)
        self._known = _State({}, {})

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """A store, an application, or how a certification went."""
        data = event.data
        if event.type == "seller.applied":
            out.say(*self.judged(event))
        elif event.type == "store.opened":
            if data.get("region"):
                self._known.regions.setdefault(data["seller_id"], data["region"])
        else:
            known = self._known.held.get(data["seller_id"])
            if known is None or known[0] <= event.time:
                self._known.held[data["seller_id"]] = (event.time, data["outcome"])

    def judged(self, event: Event) -> Sequence[Finding]:
        """What is to be said of `seller.applied`."""
        region = event.data.get("region")
        if not region or region not in self._daily.regions(event.time, self._tallies):
            return ()
        held = self._known.held.get(event.data["seller_id"])
        since = after(event.time, -DAY * self._policy.valid_days)
        if held is not None and held[1] in self._policy.passed and held[0] >= since:
            return ()
        return (finding_on(event),)

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)

    def _tallies(self) -> dict[str, Tally]:
        wrong = set(self._offenders())
        sellers: dict[str, int] = {}
        offending: dict[str, int] = {}
        for seller_id, region in self._known.regions.items():
            sellers[region] = sellers.get(region, 0) + 1
            offending[region] = offending.get(region, 0) + (seller_id in wrong)
        return {region: Tally(count, offending[region]) for region, count in sellers.items()}
