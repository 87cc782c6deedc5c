"""Rings planted into real claims of coupons: who is found, and which honest people are hit, the busiest above all.

The claims are those of AmExpert 2019 (customer, campaign, coupon), which tell no time of day, device or payee: times
are drawn within each campaign by the hours of a day, one customer in three lives with others on one device, one in five
sits behind a network of dozens, one top-up in ten goes to a relative. Rings differ in what they share; each account of
a ring also takes what honest people take, at other times and from other lines: that is its camouflage.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from agoranomos.promotions.tracing.judging import rings
from agoranomos.promotions.tracing.model import Claim, Person
from agoranomos.promotions.tracing.policy import Policy, load_policy
from benchmarks.measuring import Table

HEAVY: Final = 0.95
"""Whoever takes more than this share of people do is heavy."""
CAMOUFLAGE: Final = 2
"""Honest-looking claims of each account in a ring for each one with the others."""


class Taken(NamedTuple):
    """A real claim."""

    customer: str
    campaign: str
    coupon: str


class Scene(NamedTuple):
    """Claims, what is known of people, and who is in a ring."""

    claims: list[Claim]
    people: dict[str, Person]
    guilty: set[str]


def real_claims(folder: Path) -> tuple[list[Taken], dict[str, tuple[datetime, datetime]]]:
    """All claims of both files, and when campaigns begin and end."""
    dates = {}
    with (folder / "campaign_data.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            begins, ends = (
                datetime.strptime(row[key], "%d/%m/%y").replace(tzinfo=UTC) for key in ("start_date", "end_date")
            )
            dates[row["campaign_id"]] = (begins, ends)
    taken = []
    for name in ("train_data.csv", "test_data.csv"):
        with (folder / name).open(encoding="utf-8") as file:
            taken += [Taken(row["customer_id"], row["campaign_id"], row["coupon_id"]) for row in csv.DictReader(file)]
    return sorted(set(taken)), dates


def honest(taken: Sequence[Taken], dates: dict[str, tuple[datetime, datetime]], random: Random) -> Scene:
    """The real claims as the marketplace would see them."""
    customers = sorted({each.customer for each in taken})
    homes = {
        customer: f"home{random.randrange(len(customers) // 2)}" if random.random() < 0.35 else f"own{customer}"
        for customer in customers
    }
    sites = {
        customer: f"site{random.randrange(12)}" if random.random() < 0.2 else homes[customer] for customer in customers
    }
    first = min(begins for begins, _ in dates.values())
    people = {
        f"a{customer}": Person(
            account_id=f"a{customer}",
            registered_at=first - timedelta(days=random.uniform(-20, 900)),
            first_order_at=first - timedelta(days=random.uniform(-20, 300)) if random.random() < 0.85 else None,
            orders=3,
        )
        for customer in customers
    }
    claims = []
    for number, each in enumerate(taken):
        begins, ends = dates[each.campaign]
        day = begins + timedelta(days=random.randrange((ends - begins).days + 1))
        at = day + timedelta(hours=min(23.9, max(0.0, random.gauss(15, 4))))
        kin = random.random() < 0.1
        claims.append(
            Claim(
                account_id=f"a{each.customer}", campaign_id=each.campaign, coupon_id=f"k{number}", at=at,
                listing=each.coupon, device=f"d-{homes[each.customer]}", network=f"n-{sites[each.customer]}",
                payee=f"p-{homes[each.customer]}" if kin else f"p-{each.customer}", value=1_000, spent=True,
                event_id=f"e{number}",
            )
        )  # fmt: skip
    return Scene(claims, people, set())


def with_circles(scene: Scene, random: Random) -> Scene:
    """The scene with honest people who hear of bargains together: villages whose operator takes coupons for all at one
    sitting from his device, and pays; donors who use theirs for one charity on the evening of its letter; families of
    three to eight on one device, who top up one grandmother; classes behind one line. Each takes part in three to six
    campaigns; of their accounts one in ten is new, and a third never bought before.
    """
    claims, people = list(scene.claims), dict(scene.people)
    times: dict[str, list[datetime]] = {}
    for claim in sorted(scene.claims, key=lambda each: (each.campaign_id, each.at)):
        times.setdefault(claim.campaign_id, []).append(claim.at)
    for kind, (count, least, most, hours) in CIRCLES.items():
        for number in range(count):
            circle = f"{kind}{number}"
            members = [f"{circle}-{each}" for each in range(random.randint(least, most))]
            chosen = random.sample(sorted(times), random.randint(3, 6))
            begins = min(times[campaign][0] for campaign in chosen)
            people |= {member: _neighbour(member, begins, random) for member in members}
            for campaign in chosen:
                heard = random.choice(times[campaign])
                for member in members:
                    if random.random() < 0.6:
                        name, at = f"{member}.{campaign}", heard + timedelta(hours=random.expovariate(1 / hours))
                        ties = _shared(kind, circle, member, random) | {"listing": random.choice(scene.claims).listing}
                        claims.append(
                            Claim(account_id=member, campaign_id=campaign, coupon_id=name, event_id=name, value=1_000,
                                  at=at, spent=True, **ties)
                        )  # fmt: skip
    return Scene(claims, people, scene.guilty)


def _neighbour(name: str, begins: datetime, random: Random) -> Person:
    days = random.uniform(40, 900) if random.random() < 0.9 else random.uniform(0, 20)
    first = begins - timedelta(days=random.uniform(2, 300)) if random.random() < 0.67 else None
    return Person(account_id=name, registered_at=begins - timedelta(days=days), first_order_at=first, orders=2)


CIRCLES: Final = {
    "village": (12, 8, 40, 0.3), "charity": (8, 10, 60, 3.0), "family": (60, 3, 8, 2.0), "class": (10, 15, 30, 1.0),
}  # fmt: skip
"""Kind of circle: how many, of how many people, and within how many hours of hearing they act, on average."""


def _shared(kind: str, circle: str, member: str, random: Random) -> dict[str, str]:
    own = {"device": f"own-{member}", "network": f"line-{member}", "payee": f"self-{member}"}
    match kind:
        case "village":
            return own | {"device": f"op-{circle}", "network": f"op-{circle}", "payer": f"op-{circle}"}
        case "charity":
            return own | {"payee": f"charity-{circle}"} if random.random() < 0.7 else own
        case "family":
            kin = {"payee": f"gran-{circle}"} if random.random() < 0.3 else {}
            return own | {"device": f"home-{circle}", "network": f"home-{circle}"} | kin
        case _:
            return own | {"network": f"school-{circle}"}


def with_rings(scene: Scene, count: int, random: Random) -> Scene:
    """The scene with `count` rings, of all kinds in turn."""
    claims, people, guilty = list(scene.claims), dict(scene.people), set[str]()
    campaigns = sorted({claim.campaign_id for claim in scene.claims})
    last = {name: max(claim.at for claim in scene.claims if claim.campaign_id == name) for name in campaigns}
    for number in range(count):
        members = [f"r{number}-{each}" for each in range(random.randint(6, 40))]
        guilty |= set(members)
        tie = list(KINDS.values())[number % len(KINDS)]
        targets = random.sample(campaigns, 4)
        for member in members:
            begins = last[targets[0]] - timedelta(days=random.uniform(1, 12))
            if random.random() < 0.7:
                people[member] = Person(account_id=member, registered_at=begins)
            claims += list(_acts(number, member, targets, last, tie, scene.claims, random))
    return Scene(claims, people, guilty)


Tie = Callable[[int, str, Random], dict[str, str]]
KINDS: Final[dict[str, Tie]] = {
    "devices and payees": lambda ring, _, random: {
        "device": f"rd{ring}-{random.randrange(5)}", "payee": f"rp{ring}-{random.randrange(4)}",
    },
    "payees and a network": lambda ring, member, random: {
        "device": f"own-{member}", "payee": f"rp{ring}-{random.randrange(4)}", "network": f"rn{ring}",
    },
    "payees and lockstep": lambda ring, member, random: {
        "device": f"own-{member}", "network": f"line-{member}", "payee": f"rp{ring}-{random.randrange(4)}",
    },
    "devices and lockstep": lambda ring, member, random: {
        "device": f"rd{ring}-{random.randrange(3)}", "network": f"line-{member}-{random.randrange(3)}",
    },
}  # fmt: skip


def _acts(
    ring: int, member: str, targets: Sequence[str], last: dict[str, datetime], tie: Tie, crowd: Sequence[Claim],
    random: Random,
) -> Iterator[Claim]:  # fmt: skip
    """What one account does with the others, and its camouflage."""
    shared = Random(f"{ring}")
    for turn, campaign in enumerate(targets):
        moment = last[campaign] - timedelta(hours=shared.uniform(24, 200))
        coupon = f"c{shared.randrange(10_000)}"
        if random.random() < 0.85:
            yield Claim(
                account_id=member, campaign_id=campaign, coupon_id=f"{member}.{turn}", listing=coupon, value=5_000,
                at=moment + timedelta(minutes=random.expovariate(1 / 60)), spent=True,
                event_id=f"{member}.{turn}", **tie(ring, member, random),
            )  # fmt: skip
        for extra in range(CAMOUFLAGE):
            seen = random.choice(crowd)
            yield Claim(
                account_id=member, campaign_id=seen.campaign_id, coupon_id=f"{member}.{turn}.{extra}",
                listing=seen.listing, at=seen.at + timedelta(hours=random.uniform(-48, 48)), device=f"own-{member}",
                network=f"line-{member}", payee=f"self-{member}", value=1_000, spent=True,
                event_id=f"{member}.{turn}.{extra}",
            )  # fmt: skip


def found(scene: Scene, policy: Policy) -> set[str]:
    """Whom the findings accuse."""
    return {
        each.account_id for ring in rings(scene.claims, scene.people, policy) for each in ring.members
        if each.score >= 0.5 and not each.victim
    }  # fmt: skip


def table(folder: Path, *, draws: Sequence[int] = (31, 32, 33)) -> Table:
    """The table. Draws 0 to 9 are for whoever changes the rules and lines; those here are looked at afterwards."""
    from benchmarks.rings_heard import heard

    taken, dates = real_claims(folder)
    policy = load_policy()
    rows = []
    for draw in draws:
        random = Random(f"rings {draw}")
        alone = with_circles(honest(taken, dates, random), random)
        planted = with_rings(alone, 24, random)
        rows += [
            _row(f"{draw}: honest people alone, as events", alone, heard(alone)),
            _row(f"{draw}: with 24 rings, as events", planted, heard(planted)),
            _row(f"{draw}: the same with articles, all at once", planted, found(planted, policy)),
        ]
    return Table(
        f"Rings in {len(taken):,} real claims of {len({each.customer for each in taken}):,} customers",
        ("", "in rings", "found", "precision", "recall", "F1", "honest hit", "heavy", "heavy hit"),
        tuple(rows),
    )


def _row(name: str, scene: Scene, hit: set[str]) -> tuple[str, ...]:
    people = Counter(claim.account_id for claim in scene.claims if claim.account_id not in scene.guilty)
    line = sorted(people.values())[int(len(people) * HEAVY)]
    heavy = {account for account, many in people.items() if many > line}
    right = len(hit & scene.guilty)
    precision, recall = right / max(1, len(hit)), right / max(1, len(scene.guilty))
    score = 2 * precision * recall / max(1e-9, precision + recall)
    return (
        name, f"{len(scene.guilty):,}", f"{len(hit):,}", f"{precision:.3f}", f"{recall:.3f}", f"{score:.3f}",
        f"{len(hit - scene.guilty) / len(people):.2%}", f"{len(heavy):,}", f"{len(hit & heavy) / len(heavy):.2%}",
    )  # fmt: skip
