"""A seller who was closed for violations applies again, with data doctored in one of four ways.

The levels are 1: the same papers; 2: a doctored identity number; 3: a doctored number, an altered name, a new phone,
often a new bank card; 4: everything new but one item.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.engine.market.identity import bank_card, mobile_number, resident_check
from agoranomos.engine.market.lives import Life, say
from agoranomos.engine.market.names import given_name
from agoranomos.engine.market.rhythm import DAY, HOUR, at_work
from agoranomos.engine.market.sellers import application, new_person, new_store, opened
from agoranomos.engine.market.shops import Person
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

LEVELS: Final = (1, 2, 3, 4)
_CHECK_RECOMPUTED: Final = 2 / 3
"""Share of forgers who know of the check character."""
_KEPT: Final = ("bank_account", "phone", "device_id", "address")


class ReturningSeller(msgspec.Struct, frozen=True):
    """See the module. `per_level` sellers come back on each level, each with `tries` applications."""

    per_level: int = 3
    tries: int = 3
    name: str = "returning-seller"
    desk: str = "sellers"
    about: str = "closed sellers apply again with doctored papers, in four levels"

    def plant(self, world: World, stream: Stream) -> Life:
        """One life for each seller."""
        for level in LEVELS:
            for number in range(self.per_level):
                yield self._seller(world, stream.child(level).child(number), level)

    def _seller(self, world: World, stream: Stream, level: int) -> Life:
        person = _resident(stream.child("person"))
        seller_id, note = stream.token("u"), stream.token("person-")
        applied = at_work(world.start - stream.between(60 * DAY, 300 * DAY))
        yield applied
        yield from application(stream, seller_id, person, applied, "approved")
        store = new_store(stream, seller_id, person, applied + 4 * DAY)
        yield from opened(stream, store)
        closed = at_work(world.start + stream.between(DAY, 6 * DAY))
        yield self._row(seller_id, "closed", closed, note)
        for number in range(3):
            yield _upheld(stream, seller_id, store.store_id, closed - (3 - number) * 5 * HOUR)
        yield say(stream, closed, "store.closed", {"store_id": store.store_id, "reason": "violation"})
        again = closed
        for attempt in range(self.tries):
            again = at_work(again + stream.between(DAY, 12 * DAY))
            one = stream.child("try").child(attempt)
            new_id = one.token("u")
            yield self._row(new_id, f"level {level}", again, note)
            yield again
            yield application(one, new_id, doctored(one, person, level), again, "rejected")

    def _row(self, seller_id: str, role: str, at: int, note: str) -> Truth:
        return Truth(
            kind="plot",
            subject_kind="seller",
            subject_id=seller_id,
            plot=self.name,
            role=role,
            started_at=at,
            notes=note,
        )


def _resident(stream: Stream) -> Person:
    """A person with a resident identity card."""
    for number in range(64):
        person = new_person(stream.child(number))
        if person.id_kind == "cn_resident":
            return person
    raise AssertionError("four of five applicants are residents")


def _upheld(stream: Stream, seller_id: str, store_id: str, at: int) -> Any:
    data = {
        "case_id": stream.token("case-"),
        "subject": {"kind": "store", "id": store_id},
        "outcome": "upheld",
        "clause": "2.1 counterfeit goods",
        "seller_id": seller_id,
        "store_id": store_id,
    }
    return say(stream, at, "case.decided", data)


def doctored(stream: Stream, person: Person, level: int) -> Person:
    """`person` as he applies again on `level` (1 to 4)."""
    if level == 1:
        return person
    if level == 4:
        stranger = _resident(stream.child("stranger"))
        kept = stream.choice(_KEPT)
        return msgspec.structs.replace(stranger, **{kept: getattr(person, kept)})
    number = _altered(stream, person.id_number)
    birth = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    changes = {"id_number": number, "birth_date": birth}
    if level == 3:
        changes["legal_name"] = person.legal_name[0] + given_name(stream, female=stream.chance(0.5))
        changes["phone"] = mobile_number(stream)
        if stream.chance(0.7):
            changes["bank_account"] = bank_card(stream)
    return msgspec.structs.replace(person, **changes)


def _altered(stream: Stream, number: str) -> str:
    """One or two digits of the sequence or the year of birth changed, the check character mostly made right."""
    digits = list(number)
    for place in stream.sample((9, 14, 15, 16), stream.between(1, 2)):
        digits[place] = str((int(digits[place]) + stream.between(1, 9)) % 10)
    body = "".join(digits[:17])
    return body + (resident_check(body) if stream.chance(_CHECK_RECOMPUTED) else digits[17])
