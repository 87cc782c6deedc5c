"""Reviews for money: who is found in made markets, what is hit in real ratings, and how far the two scores are off.

Real ratings tell who rated whom when, and nothing else: devices, texts and payments are drawn, rings are planted. The
peer is lockstep alone, as SynchroTrap has it, without a second kind of tie.
"""

from __future__ import annotations

import bz2
import csv
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.plots import chosen
from agoranomos.engine.market.plots.shipped import SHIPPED
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.histories import gain_monitors, pressure_monitor
from agoranomos.reviews.praise.judging import rings
from agoranomos.reviews.praise.model import Paid, Praise
from agoranomos.reviews.praise.monitor import praise_monitor
from agoranomos.reviews.praise.policy import load_policy as load_praise
from agoranomos.reviews.praise.ties import ties_of
from agoranomos.reviews.score.model import Review
from agoranomos.reviews.score.policy import load_policy as load_score
from agoranomos.reviews.score.scoring import Marks, scored
from agoranomos.reviews.score.watching import Scoring
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table

PLOTS: Final = ("hired-operator:stores=8", "bought-praise", "review-extortion:accounts=6,targets=8")
NAMES: Final = ("hired-operator", "bought-praise", "review-extortion")
SEEDS: Final = (11, 12, 13, 14)
"""Drawn when lines and weights stood, and looked at once; 1 to 4 were looked at while they were drawn."""
FEW_SEEDS: Final = (21, 22, 23)
RINGS: Final = 24
HEAVY: Final = 0.95


class Market(NamedTuple):
    """A made market, and the roles of those in plots by (kind, id)."""

    events: list[Event]
    roles: dict[tuple[str, str], str]
    buyers: int


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - every benchmark is given its materials
    """Made markets; real ratings where they are."""
    markets = [market(seed) for seed in SEEDS[: 1 if size.history < 100_000 else None]]
    tables = [found_table(markets), bias_table(markets), few_table(markets), speed_table(markets[0])]
    shared = os.environ.get("AGORA_SHARED_DATA")
    if shared and (path := Path(shared, "reviews", "anonreviews", "anonreviews.csv.bz2")).is_file():
        tables.append(real_table(path))
    return tables


def market(seed: int) -> Market:
    """Thirty days of 60 sellers and 3,000 buyers, with all plots of the desk."""
    settings = Settings(seed=seed, start=date(2026, 3, 1), days=30, sellers=60, buyers=3_000)
    events: list[Event] = []
    roles: dict[tuple[str, str], str] = {}
    for each in generate(settings, chosen(PLOTS, SHIPPED)):
        if not isinstance(each, Truth):
            events.append(parse_event(each.raw()))
        elif each.plot in NAMES:
            roles[each.subject_kind, each.subject_id] = each.role
    return Market(events, roles, settings.buyers)


def few_table(markets: Sequence[Market]) -> Table:
    """A team of eight stores that have fewer and fewer bad reviews: who is found by what."""
    rows = []
    for bad in (10, 5, 3, 2)[: 1 if len(markets) == 1 else None]:
        teams = named = alone = pressed = 0
        for seed in FEW_SEEDS[: len(markets)]:
            settings = Settings(seed=seed, start=date(2026, 3, 1), days=30, sellers=60, buyers=1_000)
            played = [*generate(settings, chosen([f"hired-operator:stores=8,bad={bad}"], SHIPPED))]
            roles = {
                (each.subject_kind, each.subject_id): each.role
                for each in played if isinstance(each, Truth) and each.plot == "hired-operator"
            }  # fmt: skip
            events = [parse_event(each.raw()) for each in played if not isinstance(each, Truth)]
            found = [
                each
                for each in Run([*gain_monitors(()), pressure_monitor(())]).feed(events)
                if isinstance(each, Finding)
            ]
            team = [each for each in found if roles.get((each.subject.kind, each.subject.id)) == "operator"]
            teams += bool(team)
            named += len({other.id for each in team for other in each.related if other.kind == "store"})
            alone += len({each.subject.id for each in found if each.code == "reviews.deletion_pressure"})
            pressed += Counter(roles.values())["pressed"]
        seeds = len(FEW_SEEDS[: len(markets)])
        rows.append((str(bad), str(pressed), f"{teams} of {seeds}", f"{named} of {8 * seeds}", str(alone)))
    columns = ("bad reviews a store", "pressed for", "teams found", "their stores named", "stores found alone")
    return Table("A hired team whose stores have few bad reviews", columns, tuple(rows))


def found_table(markets: Sequence[Market]) -> Table:
    """How many of each role there were, how many were found, and who else was."""
    there, hit, wrong = Counter[str](), Counter[str](), Counter[str]()
    for made in markets:
        there.update(made.roles.values())
        for monitor in (*gain_monitors(()), praise_monitor(())):
            heard = [each for each in made.events if each.type in set(monitor.hears)]
            run_ = Run([monitor])
            said = [*run_.feed(heard), *run_.pass_until(made.events[-1].time)]
            for subject in {each.subject for each in said if isinstance(each, Finding)}:
                role = made.roles.get((subject.kind, subject.id))
                if role is None or role == "innocent":
                    wrong[subject.kind] += 1
                else:
                    hit[role] += 1
    roles = ("operator", "service", "ring", "bought", "extortionist", "extorted", "innocent")
    rows = [(role, f"{there[role]}", f"{hit[role]}") for role in roles]
    rows += [(f"others: {kind}", "", f"{many}") for kind, many in sorted(wrong.items())]
    title = f"Made markets, {len(markets)} seeds, {sum(each.buyers for each in markets):,} buyers"
    return Table(title, ("role", "there", "found"), tuple(rows))


def bias_table(markets: Sequence[Market]) -> Table:
    """How far each score is from that of a market in which nobody bought, extorted or pressed; in stars."""
    off: dict[str, list[tuple[float, float]]] = defaultdict(list)
    policy = load_score()
    for made in markets:
        scoring = Scoring([*gain_monitors(()), praise_monitor(()), pressure_monitor(())], policy)
        kinds, end = set(scoring.hears), made.events[-1].time
        Run([scoring]).feed([each for each in made.events if each.type in kinds])
        for store_id, reviews in scoring.reviews().items():
            roles = {made.roles.get(("review", each.review_id), "") for each in reviews}
            honest = [each for review in reviews if (each := _undone(review, made.roles)) is not None]
            want, got = scored(store_id, honest, Marks(), policy, end).visible, scoring.scores(store_id, end)
            if got is None or not want.count or not got.visible.count:
                continue
            kind = next((each for each in ("pressed", "bought", "extorted") if each in roles), "nothing")
            shown, true = got.visible.mean_hundredths - want.mean_hundredths, got.honest.mean_hundredths
            off[kind].append((shown / 100, (true - want.mean_hundredths) / 100))
    rows = []
    for kind in ("pressed", "bought", "extorted", "nothing"):
        both = off[kind]
        means = [sum(each[place] for each in both) / max(1, len(both)) for place in (0, 1)]
        worst = [max((abs(each[place]) for each in both), default=0.0) for place in (0, 1)]
        rows.append((
            kind, f"{len(both)}", f"{means[0]:+.3f}", f"{means[1]:+.3f}", f"{worst[0]:.2f}", f"{worst[1]:.2f}"
        ))  # fmt: skip
    head = ("reviews of the store", "stores", "visible off by", "honest off by", "worst", "worst honest")
    return Table("Scores against a market in which nothing was bought, extorted or pressed for", head, tuple(rows))


def _undone(review: Review, roles: dict[tuple[str, str], str]) -> Review | None:
    """The review as it would be without the plots."""
    role = roles.get(("review", review.review_id), "")
    if role in ("bought", "extorted"):
        return None
    if role == "pressed":
        review = deepcopy(review)
        review.changes = ()
    return review


def speed_table(made: Market) -> Table:
    """CPU for each event of the whole history."""
    rows = []
    for monitor in (*gain_monitors(()), praise_monitor(())):
        heard = [each for each in made.events if each.type in set(monitor.hears)]
        begun = time.process_time()
        Run([monitor]).feed(heard)
        spent = time.process_time() - begun
        rows.append((monitor.name, f"{1e6 * spent / len(made.events):.2f}", f"{len(monitor.state()) // 1024:,}"))
    return Table(f"Speed, {len(made.events):,} events", ("monitor", "µs an event of all", "state, KiB"), tuple(rows))


def real_table(path: Path) -> Table:
    """Rings planted into ninety days of real ratings, three times; and the same days without any."""
    rows = []
    for year, month in ((2006, 6), (2006, 10), (2007, 6)):
        window = list(_real(path, datetime(year, month, 1, tzinfo=UTC)))
        for planted in (False, True):
            random = Random(year + month)
            praised = _lived(window, random)
            paid: list[Paid] = []
            guilty: set[str] = set()
            if planted:
                guilty = _plant(praised, paid, random)
            rows.append(_judged(f"{year}-{month:02}, {'with' if planted else 'no'} rings", praised, paid, guilty))
    head = ("days", "raters", "in rings", "found", "honest hit", "of the busiest 5 %", "lockstep alone hits")
    return Table("Real ratings (AnonReviews, four stars and more), 90 days each", head, tuple(rows))


def _real(path: Path, since: datetime) -> Iterator[tuple[str, str, datetime]]:
    with bz2.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
            if since <= at < since + timedelta(days=90) and float(row["rating"]) >= 4:
                yield row["reviewerId"], row["vendorId"], at


def _lived(window: Sequence[tuple[str, str, datetime]], random: Random) -> list[Praise]:
    """The ratings as the marketplace would see them: one in three at home with others, one in five behind a network of
    dozens, a text now and then that somebody else wrote as well.
    """
    people = sorted({each[0] for each in window})
    homes = {
        each: f"h{random.randrange(len(people) // 2)}" if random.random() < 0.35 else f"o{each}" for each in people
    }
    sites = {
        each: f"n{random.randrange(len(people) // 60)}" if random.random() < 0.2 else homes[each] for each in people
    }
    return [
        Praise(f"v{number}", f"a{who}", f"s{store}", at, homes[who], sites[who],
               random.randrange(1, 400) if random.random() < 0.02 else 0, f"e{number}")
        for number, (who, store, at) in enumerate(window)
    ]  # fmt: skip


def _plant(praised: list[Praise], paid: list[Paid], random: Random) -> set[str]:
    """Rings of all kinds in turn; two reviews of camouflage for each with the others."""
    stores = sorted({each.store_id for each in praised})
    begins, guilty, honest = min(each.at for each in praised), set[str](), list(praised)
    for ring in range(RINGS):
        members, jobs = [f"r{ring}-{n}" for n in range(random.randint(6, 30))], random.sample(stores, 4)
        guilty |= set(members)
        kind = ring % 4
        moments = [begins + timedelta(days=random.uniform(3, 80)) for _ in jobs]
        for place, member in enumerate(members):
            device = f"rd{ring}-{place % 4}" if kind in (0, 2) else f"own-{member}"
            for store, moment in zip(jobs, moments, strict=True):
                if random.random() < 0.85:
                    hours = random.uniform(0, 8) if kind != 2 else random.uniform(0, 200)
                    text = 1_000_000 + ring if kind in (1, 2) and random.random() < 0.7 else 0
                    at = moment + timedelta(hours=hours)
                    praised.append(Praise(f"{member}{store}", member, store, at, device, f"l-{member}", text, ""))
                    if kind == 3 and random.random() < 0.7:
                        paid.append(Paid(f"boss{ring}", False, member, at + timedelta(hours=5)))
                for extra in range(2):
                    seen = random.choice(honest)
                    at = seen.at + timedelta(hours=random.uniform(-48, 48))
                    name = f"{member}{store}{extra}"
                    praised.append(Praise(name, member, seen.store_id, at, f"own-{member}", f"l-{member}", 0, ""))
    return guilty


def _judged(
    name: str, praised: Sequence[Praise], paid: Sequence[Paid], guilty: set[str]
) -> tuple[str, ...]:  # fmt: skip
    policy = load_praise()
    bits = {each.text: 200.0 if each.text >= 1_000_000 else 60.0 for each in praised}
    found = {
        member.account_id for ring in rings(praised, paid, lambda text: bits.get(text, 0.0), policy)
        for member in ring.members
    }  # fmt: skip
    of: dict[str, list[Praise]] = defaultdict(list)
    for each in sorted(praised, key=lambda each: each.at):
        of[each.author_id].append(each)
    honest = sorted((account for account in of if account not in guilty), key=lambda each: len(of[each]))
    busiest = set(honest[int(HEAVY * len(honest)) :])
    alone = set(ties_of(of, paid, lambda _: 0.0, policy)["conduct"])
    return (
        name, f"{len(of):,}", f"{len(guilty)}", f"{len(found & guilty)}",
        f"{100 * len(found - guilty) / len(honest):.3f} %", f"{100 * len(found & busiest) / len(busiest):.3f} %",
        f"{len(alone & guilty)} guilty, {len(alone - guilty)} honest",
    )  # fmt: skip
