"""Who applies: honest people who resemble each other for honest reasons, and closed sellers who come back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.links_quality.people import GIVEN, HOMOPHONES, Applicant, People, checked, dashed

LEVELS: Final = (1, 2, 3, 4)
TRIES: Final = 8
KEPT: Final = ("bank_account", "phone", "device_id", "address")


def crowd(people: People, count: int) -> Iterator[tuple[Applicant, str]]:
    """`count` honest sellers, each with the likeness by which he may be taken for another: agents' clients, members of
    families, tenants of towers and of shared rooms, namesakes; most have none.
    """
    draws, made = people.draws, 0
    while made < count:
        drawn = draws.random()
        scene = next(scene for share, scene in SCENES if drawn < share)
        for applicant, likeness in scene(people):
            yield applicant, likeness
            made += 1
            if made == count:
                return


def alone(people: People) -> Iterator[tuple[Applicant, str]]:
    """Somebody by himself."""
    yield people.person(), ""


def clients(people: People) -> Iterator[tuple[Applicant, str]]:
    """Clients of one agent, who lends what he has: telephone, device, line, mailbox."""
    draws, agent = people.draws, people.person()
    lent = [field for field, share in (("phone", 0.7), ("device_id", 0.7), ("ip", 0.6)) if draws.random() < share]
    lends_mail = draws.random() < 0.3
    for number in range(min(60, 2 + int(draws.paretovariate(0.9)))):
        client = people.person() | {field: agent[field] for field in lent}
        if lends_mail:
            client["email"] = f"agency{agent['phone'][-6:]}@mail.example"
        yield client, f"agent, client {number}"


def family(people: People) -> Iterator[tuple[Applicant, str]]:
    """Two or three of one household: one address and mostly one line, at times one device; seldom more."""
    draws, first = people.draws, people.person()
    yield first, "family"
    for _ in range(1 if draws.random() < 0.8 else 2):
        yield relative(people, first), "family"


def relative(people: People, of: Applicant) -> Applicant:
    """Somebody of the household of `of`."""
    draws, other = people.draws, people.person()
    area = of["id_number"][:6] if draws.random() < 0.7 else people.area()
    birth = people.birth()
    other |= {"id_number": people.number(area, birth), "birth_date": dashed(birth), "place": of["place"]}
    other["address"] = people.spelt(of["place"])
    if draws.random() < 0.5:
        other["legal_name"] = of["legal_name"][0] + other["legal_name"][1:]
    for field, share in (("ip", 0.7), ("device_id", 0.3), ("phone", 0.03), ("bank_account", 0.01)):
        if draws.random() < share:
            other[field] = of[field]
    return other


def tower(people: People) -> Iterator[tuple[Applicant, str]]:
    """Tenants of an office tower: one house, one line; some share a room with many."""
    draws = people.draws
    city, street, house, building, _ = people.place()
    line = people.network().rpartition(".")[0]
    rooms = [floor * 100 + door for floor in range(1, 25) for door in range(1, 9)]
    shared = draws.choice(rooms)
    for _ in range(draws.randrange(10, 60)):
        tenant = people.person()
        room = shared if draws.random() < 0.3 else draws.choice(rooms)
        place = (city, street, house, building, room)
        tenant |= {"place": place, "address": people.spelt(place), "ip": f"{line}.{draws.randrange(1, 255)}"}
        yield tenant, "tower"


def namesakes(people: People) -> Iterator[tuple[Applicant, str]]:
    """Two of one name: one in five of one year of birth, one in twenty of one day."""
    draws, first, other = people.draws, people.person(), people.person()
    yield first, "namesake"
    birth = first["id_number"][6:14]
    kind = draws.random()
    if kind > 0.05:
        birth = (birth[:4] if kind < 0.25 else people.birth()[:4]) + people.birth()[4:]
    area = first["id_number"][:6] if draws.random() < 0.2 else people.area()
    other |= {"legal_name": first["legal_name"], "id_number": people.number(area, birth), "birth_date": dashed(birth)}
    yield other, "namesake"


def number_again(people: People) -> Iterator[tuple[Applicant, str]]:
    """Two who have had one telephone number, one after the other."""
    first = people.person()
    yield first, "recycled"
    yield people.person() | {"phone": first["phone"]}, "recycled"


Scene = Callable[[People], Iterator[tuple[Applicant, str]]]
# Cumulative shares of scenes; about 5 % of sellers are agents' clients, 5 % of families, 14 % in towers, 2 % namesakes.
SCENES: Final[tuple[tuple[float, Scene], ...]] = (
    (0.010, clients), (0.036, family), (0.041, tower), (0.054, namesakes), (0.0545, number_again), (1.0, alone),
)  # fmt: skip


def again(people: People, closed: Applicant, level: int) -> Applicant:
    """A closed seller applies again: 1 the same papers; 2 a doctored number; 3 a doctored number, an altered name, a
    new telephone, mostly a new card; 4 everything new but one item.
    """
    draws = people.draws
    if level == 4:
        kept = draws.choice(KEPT)
        stranger = people.person()
        return stranger | ({"address": people.spelt(closed["place"])} if kept == "address" else {kept: closed[kept]})
    back = dict(closed)
    back["address"] = people.spelt(closed["place"])
    if draws.random() < 0.5:
        back["ip"] = people.network()
    if level == 1:
        return back
    back["id_number"] = doctored(draws, closed["id_number"])
    back["birth_date"] = dashed(back["id_number"][6:14])
    if level == 3:
        back["legal_name"] = renamed(draws, closed["legal_name"])
        back["phone"] = people.phone()
        back.pop("email", None)
        if draws.random() < 0.7:
            back["bank_account"] = people.bank()
    return back


def doctored(draws: random.Random, number: str) -> str:
    """One or two digits changed so that the date stays one; the check character made right in two of three."""
    digits = list(number)
    for place in draws.sample((5, 8, 9, 11, 13, 14, 15, 16), draws.randrange(1, 3)):
        digits[place] = str((int(digits[place]) + draws.randrange(1, 9)) % 10)
    return checked("".join(digits[:17])) if draws.random() < 2 / 3 else "".join(digits)


def renamed(draws: random.Random, name: str) -> str:
    """A name that sounds the same, or another given name, or a little of both."""
    kind = draws.random()
    if kind < 0.4:
        changed = name[0]
        for char in name[1:]:
            group = next((group for group in HOMOPHONES if char in group), char)
            changed += draws.choice(group)
        if changed != name:
            return changed
    if kind < 0.7:
        return name[:-1] + draws.choice(GIVEN)
    return name[0] + "".join(draws.choices(GIVEN, k=len(name) - 1))
