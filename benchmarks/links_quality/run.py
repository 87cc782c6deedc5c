"""The run: a crowd, of which some are closed; then honest newcomers and returners, in turn, as events would come."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, NamedTuple

from agoranomos.intake.noting import noted_and_veiled
from agoranomos.kernel.events import Event, parse_event
from agoranomos.sellers.links.desk import LinkDesk
from agoranomos.sellers.links.memory import Memory
from agoranomos.sellers.links.noting import ROOM, note
from agoranomos.sellers.links.policy import load_policy
from agoranomos.sellers.links.telling import RETURNED
from agoranomos.vault.keys import published_ring
from benchmarks.links_quality.people import Applicant, People
from benchmarks.links_quality.scenes import LEVELS, TRIES, again, crowd, relative
from benchmarks.measuring import Table

CLOSED_SHARE: Final = 0.2
PER_LEVEL: Final = 100
"""Closed sellers who come back on each level, TRIES times each."""
_BEGIN: Final = datetime(2025, 1, 1, tzinfo=UTC)


class Attempt(NamedTuple):
    """An application after the crowd: the level (0: honest), the closed seller who comes back (or ""), the likeness of
    an honest one, which seller was named, with what probability.
    """

    level: int
    truth: str
    likeness: str
    named: str
    score: float


class Market:
    """A desk that hears applications; times pass with each."""

    def __init__(self) -> None:
        policy = load_policy()
        self.desk = LinkDesk(Memory(policy.model), policy)
        self._keys, self._numbers = published_ring(), count()

    def event(self, kind: str, data: dict[str, Any]) -> Event:
        """As desks see it."""
        number = next(self._numbers)
        raw = {
            "specversion": "1.0", "id": f"e{number}", "source": "made", "type": kind, "data": data,
            "time": (_BEGIN + timedelta(minutes=number)).isoformat(),
        }  # fmt: skip
        return noted_and_veiled({"seller.applied": {ROOM: note}}, self._keys, parse_event(raw))

    def let_in(self, seller_id: str) -> None:
        """His application is decided in his favour, as by a market that looks at none of this."""
        self.desk.hear(
            self.event("application.decided", {"application_id": f"a-{seller_id}", "outcome": "approved"})
        )  # fmt: skip

    def apply(self, seller_id: str, who: Applicant) -> tuple[str, float]:
        """Who is named as coming back, and how sure; ("", 0) for nobody."""
        data = {name: value for name, value in who.items() if name != "place"}
        found = self.desk.hear(
            self.event("seller.applied", {"application_id": f"a-{seller_id}", "seller_id": seller_id, **data})
        )
        for finding in found:
            if finding.code == RETURNED:
                return self.desk.memory.sellers[finding.related[0].id].returns or finding.related[0].id, finding.score
        return "", 0.0

    def close(self, seller_id: str) -> None:
        """He opens a store, and it is closed."""
        self.desk.hear(self.event("store.opened", {"store_id": f"st-{seller_id}", "seller_id": seller_id}))
        self.desk.hear(self.event("store.closed", {"store_id": f"st-{seller_id}", "reason": "violation"}))


def attempts(sellers: int, per_level: int, seed: int, *, let_in: bool = False) -> tuple[list[Attempt], Market]:
    """A crowd of `sellers`, then as many honest newcomers as there are returners' applications, one after the other;
    `let_in`: everybody is let in.
    """
    draws = random.Random(seed)
    people, market = People(draws), Market()
    known: list[tuple[str, Applicant]] = []
    for number, (applicant, _) in enumerate(crowd(people, sellers)):
        market.apply(f"u{number}", applicant)
        known.append((f"u{number}", applicant))
    closed = [each for each in known if draws.random() < CLOSED_SHARE]
    for seller_id, _ in closed:
        market.close(seller_id)
    returners = draws.sample(closed, min(len(closed), per_level * len(LEVELS)))
    waiting: list[tuple[int, str, str, Applicant]] = []
    for place, (seller_id, who) in enumerate(returners):
        level = LEVELS[place % len(LEVELS)]
        waiting += [(level, seller_id, "", again(people, who, level)) for _ in range(TRIES)]
    newcomers = [(0, "", likeness, who) for who, likeness in crowd(people, len(waiting))]
    near = draws.sample(closed, min(len(closed), len(waiting) // 40))
    newcomers += [(0, "", "family of a closed seller", relative(people, who)) for _, who in near]
    newcomers += [
        (0, "", "namesake of a closed seller", people.person() | {"legal_name": who["legal_name"]}) for _, who in near
    ]
    arriving = waiting + newcomers
    draws.shuffle(arriving)
    made = []
    for number, (level, truth, likeness, who) in enumerate(arriving):
        named, score = market.apply(f"n{number}", who)
        made.append(Attempt(level, truth, likeness, named, score))
        if let_in:
            market.let_in(f"n{number}")
    return made, market


def table(sellers: int, per_level: int, seed: int = 1) -> tuple[Table, list[Attempt]]:
    """Precision, recall by level, and whom honest people were taken for."""
    made, market = attempts(sellers, per_level, seed)
    named = [each for each in made if each.named]
    right = [each for each in named if each.named == each.truth]
    false = Counter(each.likeness or "by himself" for each in named if not each.level)
    rows = [
        ("precision (of all findings, those on a returner)", share(sum(1 for each in named if each.level), len(named)))
    ]
    rows.append(("… that name the right seller first", share(len(right), len(named))))
    for level in LEVELS:
        mine = [each for each in made if each.level == level]
        tries = Counter(each.truth for each in mine)
        seen = Counter(each.truth for each in mine if each.named)
        passed = sum(1 for who, times in tries.items() if seen[who] < times)
        rows.append((f"recall on level {level} ({len(mine):,} applications)", share(sum(seen.values()), len(mine))))
        rows.append((f"… of {len(tries)} sellers, those of whose {TRIES} tries at least one passed", str(passed)))
    honest = [each for each in made if not each.level]
    rows.append((f"honest newcomers taken for a closed seller, of {len(honest):,}", str(sum(false.values()))))
    rows += [(f"… {likeness}", str(times)) for likeness, times in sorted(false.items())]
    for level, (found, of) in _recall(attempts(sellers, per_level, seed, let_in=True)[0]).items():
        rows.append((f"recall on level {level}, when everybody was let in", share(found, of)))
    rows.append(("sellers before", f"{len(market.desk.memory.index):,}"))
    return Table(f"returners among {sellers:,} sellers", ("what", "measured"), tuple(rows)), made


def _recall(made: list[Attempt]) -> dict[int, tuple[int, int]]:
    """By level: of how many applications, in how many somebody was named."""
    found = {}
    for level in LEVELS:
        mine = [each for each in made if each.level == level]
        found[level] = (sum(1 for each in mine if each.named), len(mine))
    return found


def share(part: int, of: int) -> str:
    """A share to four places."""
    return f"{part / of:.4f} ({part:,}/{of:,})" if of else "–"
