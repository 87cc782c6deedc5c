"""Sellers: they apply, are decided on, open one store or a few, learn, are certified, close and are followed by others.

Look-alikes among them: namesakes, couples at one address, and sellers whom an agent registered with his own phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from agoranomos.engine.market import identity, names, places
from agoranomos.engine.market.catalogue import LISTING_LIFE_DAYS, listing_life
from agoranomos.engine.market.goods import TOP_UP, category
from agoranomos.engine.market.lives import Life, say
from agoranomos.engine.market.merchants import store_days
from agoranomos.engine.market.rhythm import DAY, HOUR, at_work, rfc3339
from agoranomos.engine.market.shops import Person, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth, lookalike
from agoranomos.engine.market.world import World

APPLIED_WITHIN_DAYS: Final = 900
"""The sellers of the first day applied within so many days before."""
STORE_LIFE_DAYS: Final = 400.0
_AGENCY_SHARE: Final = 0.12
_AGENCY_SIZE: Final = 12
_TOP_UP_EVERY: Final = 50
"""One store in so many sells top-ups of phones."""
_OLDEST: Final = date(1962, 1, 1)
_YOUNGEST: Final = date(2004, 12, 31)


def new_person(stream: Stream) -> Person:
    """Someone who applies: four of five with a resident identity card, others as a firm or with a passport."""
    where = places.place(stream)
    female = stream.chance(0.46)
    birth = identity.birth_date(stream, _OLDEST, _YOUNGEST)
    sequence = stream.below(499) * 2 + (0 if female else 1)
    kind = stream.random()
    number, name, licence, id_kind = identity.resident_number(where.code, birth, sequence), "", "", "cn_resident"
    if kind < 0.03:
        number, name, id_kind = identity.passport_number(stream), names.foreign_name(stream), "passport"
    elif kind < 0.20:
        number, name, id_kind = (
            identity.firm_number(stream, where.code),
            names.firm_name(stream, where.city),
            "business",
        )
        licence = number
    return Person(
        legal_name=name or names.chinese_name(stream, female=female),
        id_kind=id_kind,
        id_number=number,
        birth_date="" if id_kind == "business" else birth.isoformat(),
        phone=identity.mobile_number(stream),
        bank_account=identity.bank_card(stream),
        address=places.address(stream, where),
        region=where.province,
        device_id=stream.token("d"),
        ip=places.home_network(stream),
        email=f"{stream.bits():010x}"[:10] + "@example.com" if stream.chance(0.5) else "",
        licence_number=licence,
        city=where.city,
    )


def opening_sellers(world: World) -> Iterator[Life]:
    """The sellers who are there on the first day."""
    for number in range(world.settings.sellers):
        stream = world.root.child("seller").child(number)
        applied = world.start - stream.between(40 * DAY, APPLIED_WITHIN_DAYS * DAY)
        person, likeness, note = _with_likeness(world, number)
        yield seller_life(world, stream, person, at_work(applied), number, likeness, note)


def arriving_sellers(world: World) -> Life:
    """As many apply as close."""
    day = 0
    while True:
        morning = world.start + day * DAY
        yield morning
        stream = world.root.child("arrivals").child(day)
        for number in range(stream.poisson(world.settings.sellers / STORE_LIFE_DAYS)):
            one = stream.child(number)
            applied = morning + one.between(8 * HOUR, 22 * HOUR)
            yield seller_life(world, one, new_person(one.child("person")), applied, world.settings.sellers + number)
        day += 1


def _with_likeness(world: World, number: int) -> tuple[Person, str, str]:
    """Person `number`, the look-alike he is or "", and what he shares it with."""
    people = world.root.child("person")
    person = new_person(people.child(number))
    if number < world.settings.sellers * _AGENCY_SHARE:
        agent = new_person(world.root.child("agent").child(number // _AGENCY_SIZE))
        shared = msgspec.structs.replace(person, phone=agent.phone, device_id=agent.device_id, ip=agent.ip)
        return shared, "agency_phone", f"agent {number // _AGENCY_SIZE}"
    other = new_person(people.child(number - 1))
    if number % 25 == 24:
        return msgspec.structs.replace(person, address=other.address, region=other.region), "couple", f"of {number - 1}"
    if number % 25 == 12 and person.id_kind == other.id_kind == "cn_resident":
        return _namesake(people.child(number).child("birth"), person, other), "namesake", f"of {number - 1}"
    return person, "", ""


def _namesake(stream: Stream, person: Person, other: Person) -> Person:
    """`person` with the name and the year of birth of `other`, and a number that agrees."""
    year = int(other.birth_date[:4])
    birth = identity.birth_date(stream, date(year, 1, 1), date(year, 12, 31))
    number = identity.resident_number(person.id_number[:6], birth, int(person.id_number[14:17]))
    return msgspec.structs.replace(person, legal_name=other.legal_name, birth_date=birth.isoformat(), id_number=number)


def application(stream: Stream, seller_id: str, person: Person, at: int, outcome: str) -> Life:
    """One application and its decision; its last event is the decision."""
    application_id = stream.token("p")
    data = {"application_id": application_id, "seller_id": seller_id, **person.application()}
    yield say(stream, at, "seller.applied", data)
    decided = at_work(at + stream.between(2 * HOUR, 3 * DAY))
    data = {"application_id": application_id, "outcome": outcome}
    yield say(stream, decided, "application.decided", data)


def seller_life(
    world: World, stream: Stream, person: Person, at: int, number: int, likeness: str = "", note: str = ""
) -> Life:
    """A seller from the first application on; `number` spreads rare trades over sellers."""
    yield at
    seller_id = stream.token("u")
    if likeness:
        yield _shared(likeness, seller_id, at, note)
    before = at < world.start
    refused = not before and stream.chance(0.08)
    yield from application(stream, seller_id, person, at, "rejected" if refused else "approved")
    if refused:
        if stream.chance(0.7):
            return
        at += stream.between(4 * DAY, 8 * DAY)  # comes back with better pictures of the same papers
        yield from application(stream, seller_id, person, at, "approved")
    at += 4 * DAY
    for shop in range(1 + (stream.chance(0.14) and stream.between(1, 2))):
        yield store_life(world, stream.child("store").child(shop), seller_id, person, at + shop * 3 * DAY, number)
    yield from schooling(stream, seller_id, person, at)


def _shared(likeness: str, seller_id: str, at: int, note: str) -> Truth:
    return lookalike(likeness, "seller", seller_id, at, note)


def schooling(stream: Stream, seller_id: str, person: Person, at: int) -> Life:
    """Courses, certification in person, the programme for makers of originals, consent to share one's record."""
    if stream.chance(0.65):
        at += stream.between(HOUR, 10 * DAY)
        yield say(stream, at, "course.completed", {"seller_id": seller_id, "course_id": "first-steps"})
    if stream.chance(0.15):
        at = at_work(at + stream.between(DAY, 60 * DAY))
        outcome = "passed" if stream.chance(0.93) else "failed"
        data = {"seller_id": seller_id, "region": person.region, "outcome": outcome}
        yield say(stream, at, "certification.held", data)
    if stream.chance(0.05):
        at += stream.between(DAY, 40 * DAY)
        ends = rfc3339(at + 365 * DAY)
        data = {"seller_id": seller_id, "purpose": "loan", "recipient": "bank", "ends_at": ends}
        yield say(stream, at, "consent.given", data)
    if stream.chance(0.03):
        for milestone in ("enrolled", "design_registered", "first_audit_passed"):
            at = at_work(at + stream.between(5 * DAY, 60 * DAY))
            yield say(stream, at, "programme.milestone", {"seller_id": seller_id, "milestone": milestone})


def new_store(stream: Stream, seller_id: str, person: Person, at: int, number: int = 1) -> Store:
    """A store of one or two kinds of goods."""
    kinds = (TOP_UP,) if number % _TOP_UP_EVERY == 7 else tuple({category(stream).code: category(stream)}.values())
    if kinds[0] is not TOP_UP and stream.chance(0.3):
        kinds = (*kinds, category(stream))
    return Store(
        store_id=stream.token("s"),
        seller_id=seller_id,
        account_id=stream.token("m"),
        name=names.store_name(stream),
        person=person,
        categories=kinds,
        weight=stream.pareto(0.35, 1.3),
        size=max(3, min(120, round(stream.lognormal(12.0, 0.8)))) if kinds[0] is not TOP_UP else 6,
        opened_at=at,
        key=stream.key,
    )


def opened(stream: Stream, store: Store) -> Life:
    """`store.opened`."""
    data = {
        "store_id": store.store_id,
        "seller_id": store.seller_id,
        "name": store.name,
        "categories": [kind.code for kind in store.categories],
        "region": store.person.region,
    }
    yield say(stream, store.opened_at, "store.opened", data)


def store_life(world: World, stream: Stream, seller_id: str, person: Person, at: int, number: int) -> Life:
    """A store from its opening to its end."""
    yield at
    store = new_store(stream, seller_id, person, at, number)
    yield from opened(stream, store)
    first_day = max(at, world.start)
    for shelf in range(store.size):
        one = stream.child("shelf").child(shelf)
        ago = one.exponential(LISTING_LIFE_DAYS) * DAY if at < world.start else 0.0
        yield listing_life(world, one, store, max(at, int(first_day - ago)) + one.between(HOUR, 20 * HOUR))
    yield first_day
    world.shelves.open(store)
    yield store_days(stream.child("days"), store, first_day)
    closes = first_day + int(stream.exponential(STORE_LIFE_DAYS) * DAY) + DAY
    yield closes
    world.shelves.close(store)
    drawn = stream.random()
    reason = "violation" if drawn < 0.06 else "inactivity" if drawn < 0.4 else "voluntary"
    yield say(stream, closes + stream.between(0, HOUR), "store.closed", {"store_id": store.store_id, "reason": reason})
