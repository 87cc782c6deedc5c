"""Clerks who do wrong among clerks who do not: each works like all others, and beside that does one thing more.

One kind clears what a seller is accused of, one looks people up without a case, two approve exports for each other,
one carries data off at night, one brings back what colleagues removed. Beside them are honest ones who resemble them:
one who does three times the work, one who is given all cases of a seller, one on the telephone who looks more people
up, one who works and exports at night, one who puts mistakes of others right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from agoranomos.engine.market.lives import Event, Life, say
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

_WRONG: Final = ("favouring", "looking", "mutual", "night", "restoring")
_HONEST: Final = ("busy", "assigned", "telephone", "night shift", "correcting")
_LOOKS: Final = {"busy": 1.2, "telephone": 0.9}
"""People looked up on a shift, of whom no case is named."""
_CLAUSE: Final = "5.4 abuse of the service"
_UPHELD: Final = 0.06
_ACCUSED_UPHELD: Final = (0.35, 0.8)
"""What colleagues uphold of the cases of a seller who is worth bribing for."""


class Person(msgspec.Struct, frozen=True):
    """One of the staff in this plot; `strength` is how far the wrong goes, about 1."""

    staff_id: str
    role: str
    shift: int
    pace: float
    strength: float


class CorruptClerk(msgspec.Struct, frozen=True):
    """See the module. From day `day` (from 0) on, for `days` days; `each` of every wrong kind (pairs of two who approve
    for each other) and of every honest one; `colleagues` are ordinary. `percent` is how far the wrong goes.
    """

    day: int = 2
    days: int = 28
    each: int = 1
    colleagues: int = 8
    percent: int = 100
    name: str = "corrupt-clerk"
    desk: str = "staff"
    about: str = "clerks favour, look up, approve, export and restore what they should not"

    def plant(self, world: World, stream: Stream) -> Life:
        """One life for each clerk, and one for each seller, request and removal that several have to do with."""
        begins = world.start + self.day * DAY
        yield begins
        team = self._team(stream.child("team"))
        for person in team:
            if person.role != "colleague":
                yield self._truth(person, begins)
        for number, person in enumerate(team):
            yield self._work(world, stream.child("work").child(number), person, begins)
            yield self._beside(world, stream.child("beside").child(number), person, team, begins)
        yield self._exports(stream.child("exports"), team, begins)

    def _team(self, stream: Stream) -> list[Person]:
        roles = ["colleague"] * self.colleagues
        for _ in range(self.each):
            roles += [*_WRONG, "mutual", *_HONEST]
        return [self._person(stream.child(number), role) for number, role in enumerate(roles)]

    def _person(self, stream: Stream, role: str) -> Person:
        shift = 21 if role == "night shift" else stream.choice((7, 9, 9, 13))
        pace = stream.lognormal(27.0 if role == "busy" else 9.0, 0.2)
        return Person(stream.token("w"), role, shift, pace, self.percent / 100.0 * stream.lognormal(1.0, 0.35))

    def _truth(self, person: Person, begins: int) -> Truth:
        wrong = person.role in _WRONG
        return Truth(
            kind="plot" if wrong else "lookalike", subject_kind="staff", subject_id=person.staff_id, plot=self.name,
            role=person.role if wrong else "innocent", started_at=begins, ended_at=begins + self.days * DAY,
            notes="" if wrong else person.role,
        )  # fmt: skip

    def _work(self, world: World, stream: Stream, person: Person, begins: int) -> Life:
        """Shifts on five days of seven: cases about accounts, now and then somebody is looked up."""
        for day in range(self.days):
            one, at = stream.child(day), begins + day * DAY + person.shift * HOUR
            if one.chance(2 / 7):
                continue
            yield at
            looks = _LOOKS.get(person.role, 0.5)
            for number in range(one.poisson(person.pace)):
                yield _case(world, one.child(number), person.staff_id, at + one.below(8 * HOUR))
            for number in range(one.poisson(looks)):
                yield _look(world, one.child("look").child(number), person.staff_id, at + one.below(8 * HOUR))

    def _beside(
        self, world: World, stream: Stream, person: Person, team: list[Person], begins: int
    ) -> Life:  # fmt: skip
        """What this one does beside the work of all."""
        how: dict[str, Callable[[], Life]] = {
            "favouring": lambda: self._seller(stream, person, team, begins, honest=False),
            "assigned": lambda: self._seller(stream, person, team, begins, honest=True),
            "looking": lambda: self._looks(world, stream, person, begins),
            "night": lambda: self._nights(stream, person, begins, person.strength * 6.0, 2),
            "night shift": lambda: self._nights(stream, person, begins, 8.0, 2),
            "restoring": lambda: self._restores(stream, person, team, begins, one_seller=True),
            "correcting": lambda: self._restores(stream, person, team, begins, one_seller=False),
        }
        if person.role in how:
            yield from how[person.role]()

    def _seller(self, stream: Stream, person: Person, team: list[Person], begins: int, *, honest: bool) -> Life:
        """Cases of one seller: colleagues uphold a good part; the one who favours clears, the assigned does as they."""
        seller_id, store_id = stream.token("u"), stream.token("s")
        low, high = _ACCUSED_UPHELD
        upheld = low + (high - low) * stream.random()
        count = max(3, stream.poisson(26.0))
        share = 0.7 if honest else min(0.8, 0.45 * person.strength)
        for at in sorted(begins + stream.below(self.days * DAY) for _ in range(count)):
            mine = stream.chance(share)
            who = person if mine else stream.choice(team)
            favours = who is person and not honest
            yield at
            ends = stream.chance(0.05 if favours else upheld)
            yield _seller_case(stream.child(at), who.staff_id, at, (seller_id, store_id), upheld=ends)

    def _looks(self, world: World, stream: Stream, person: Person, begins: int) -> Life:
        """Now and then somebody is looked up for whom there is no case; half of it shows in the reads alone."""
        for day in range(self.days):
            for number in range(stream.poisson(1.3 * person.strength)):
                at = begins + day * DAY + person.shift * HOUR + number * 2 * MINUTE + stream.below(MINUTE)
                yield at
                if stream.chance(0.5):
                    yield from _look(world, stream, person.staff_id, at)
                else:
                    yield _read(stream, person.staff_id, at, world.buyers.orderer(stream).account_id)

    def _nights(self, stream: Stream, person: Person, begins: int, mean: float, hour: int) -> Life:
        """Files leave at night, and some by day."""
        hours = [hour] * stream.poisson(mean) + [person.shift + 3] * stream.poisson(2.0)
        for at in sorted(begins + stream.below(self.days) * DAY + each * HOUR + stream.below(HOUR) for each in hours):
            yield at
            yield say(stream, at, "data.read", _leaves(person.staff_id))

    def _restores(
        self, stream: Stream, person: Person, team: list[Person], begins: int, *, one_seller: bool
    ) -> Life:  # fmt: skip
        """A colleague removes a listing, this one brings it back: of one seller, or of anybody."""
        own = stream.token("u")
        for place in range(max(1, stream.poisson(6.0 * (person.strength if one_seller else 1.0)))):
            one = stream.child(place)
            at = begins + (place + 1) * self.days * DAY // 24
            yield at
            listing_id, seller_id = one.token("l"), own if one_seller else one.token("u")
            colleague = one.choice([each for each in team if each is not person])
            whose = (seller_id, one.token("s"))
            yield _seller_case(
                one.child("removed"), colleague.staff_id, at, whose, upheld=True, listing_id=listing_id
            )  # fmt: skip
            data = {"staff_id": person.staff_id, "action": "listing.restore", "target_kind": "listing",
                    "target_id": listing_id}  # fmt: skip
            yield say(one, at + one.between(HOUR, 8 * HOUR), "staff.acted", data)

    def _exports(self, stream: Stream, team: list[Person], begins: int) -> Life:
        """Everybody asks for exports; any colleague approves, those who are mutual mostly for each other."""
        mutual = [person for person in team if person.role == "mutual"]
        partner = {a.staff_id: b for a, b in zip(mutual[::2], mutual[1::2], strict=False)}
        partner |= {b.staff_id: a for a, b in zip(mutual[::2], mutual[1::2], strict=False)}
        for day in range(self.days):
            for number in range(stream.poisson(len(team) * 0.25)):
                asks = stream.choice(team)
                others = [each for each in team if each is not asks]
                by = partner.get(asks.staff_id)
                by = by if by and stream.chance(min(0.95, 0.8 * by.strength)) else stream.choice(others)
                at = begins + day * DAY + 10 * HOUR + number * MINUTE
                yield at
                yield _export(stream.child(number).child(day), asks.staff_id, by.staff_id, at)


def _case(world: World, stream: Stream, staff_id: str, at: int) -> Life:
    yield at
    case_id, account_id = stream.token("case-"), world.buyers.orderer(stream).account_id
    yield from _closed(stream, staff_id, at, case_id, ("account", account_id), stream.chance(_UPHELD), {})


def _seller_case(
    stream: Stream, staff_id: str, at: int, whose: tuple[str, str], *, upheld: bool, listing_id: str = ""
) -> Life:  # fmt: skip
    about = ("listing", listing_id or stream.token("l"))
    more = {"seller_id": whose[0], "store_id": whose[1]}
    yield from _closed(stream, staff_id, at, stream.token("case-"), about, upheld, more)


def _closed(
    stream: Stream, staff_id: str, at: int, case_id: str, about: tuple[str, str], upheld: bool, more: dict[str, Any]
) -> Life:  # fmt: skip
    kind, name = about
    acted = {"staff_id": staff_id, "action": "case.decide" if upheld else "case.clear", "target_kind": kind,
             "target_id": name, "case_id": case_id}  # fmt: skip
    yield say(stream, at, "staff.acted", acted)
    decided = {"case_id": case_id, "subject": {"kind": kind, "id": name}, "clause": _CLAUSE,
               "outcome": "upheld" if upheld else "rejected", **more}  # fmt: skip
    yield say(stream, at + 500, "case.decided", decided)


def _look(world: World, stream: Stream, staff_id: str, at: int) -> Life:
    yield at
    account_id = world.buyers.orderer(stream).account_id
    acted = {"staff_id": staff_id, "action": "data.reveal", "target_kind": "account", "target_id": account_id,
             "reason": "buyer on the phone"}  # fmt: skip
    yield say(stream, at, "staff.acted", acted)
    yield _read(stream, staff_id, at + 500, account_id)


def _read(stream: Stream, staff_id: str, at: int, account_id: str) -> Event:
    read = {"principal_id": staff_id, "principal_kind": "staff", "endpoint": "/vault/reveal",
            "subject_ids": [account_id], "fields": ["phone"], "status": 200}  # fmt: skip
    return say(stream, at, "data.read", read)


def _leaves(staff_id: str) -> dict[str, Any]:
    return {"principal_id": staff_id, "principal_kind": "staff", "endpoint": "/reports/export", "subject_count": 400,
            "fields": ["district", "order_count"], "export": True, "status": 200}  # fmt: skip


def _export(stream: Stream, asks: str, by: str, at: int) -> Life:
    export_id = stream.token("f")
    wish = {"export_id": export_id, "principal_id": asks, "purpose": "annual_report", "fields": ["district"],
            "destination_region": "CN", "subject_count": 400}  # fmt: skip
    yield say(stream, at, "export.requested", wish)
    at += stream.between(MINUTE, 3 * HOUR)
    yield at
    yield say(stream, at, "export.approved", {"export_id": export_id, "staff_id": by})
    yield say(stream, at + 5 * MINUTE, "data.read", _leaves(asks))
