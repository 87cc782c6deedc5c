"""Rings out of what the steps have left: ties of all, and the lives of those alone who may be in a ring."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from agoranomos.promotions.registration.farms import Farms
from agoranomos.promotions.tracing import conduct
from agoranomos.promotions.tracing.bulk import rows, steps
from agoranomos.promotions.tracing.bulk.dealing import dealt_to, home_of
from agoranomos.promotions.tracing.bulk.steps import Step, folder_of, read_back
from agoranomos.promotions.tracing.conduct import Crowds, Held
from agoranomos.promotions.tracing.judging import SHARED, heavy_line, held, of_farms, rings_of
from agoranomos.promotions.tracing.model import Claim, Person, Ring

_LIFE: Final = msgspec.msgpack.Decoder(rows.Life)


class Gathered(msgspec.Struct, frozen=True):
    """The rings; how many claims of the window were looked at, and the lives of how many accounts."""

    rings: list[Ring]
    claims: int
    accounts: int


def gathered(step: Step) -> Gathered:
    """The rings after all steps."""
    counts = [read_back(path, rows.Counted) for path in step.files("accounts", steps.COUNTS)]
    lives = _Lives(step)
    ties = _ties(step)
    farms = {account: farm for account, farm in _farms(step).items() if lives.recent(account)}
    ties["registration"] = of_farms(farms)
    ties["conduct"] = _in_step(step, ties, Crowds(_hours(counts)), lives)
    found = rings_of(ties, _heavy(step, counts), lives.of, step.policy)
    return Gathered(found, sum(each.claims for each in counts), lives.read)


def _ties(step: Step) -> dict[str, Held]:
    by_kind: dict[str, list[tuple[str, list[str]]]] = {kind: [] for kind in SHARED}
    for path in step.files("keys", steps.TIES):
        for kind, key, who in read_back(path, list[tuple[str, str, list[str]]]):
            by_kind[kind].append((key, who))
    return {kind: held(keys) for kind, keys in by_kind.items()}


def _farms(step: Step) -> dict[str, str]:
    """The farms, heard from those registrations alone that share something: others say nothing, and change nothing."""
    telling = set[int]()
    for path in step.files("signs", f"{steps.TELLING}.npy"):
        telling.update(np.load(path).tolist())
    sign_ups = [
        each for block in dealt_to(home_of("", step.parts), step.files("read", "sign-ups"), rows.SignUp)
        for each in block if each.number in telling
    ]  # fmt: skip
    farms = Farms(step.sign_ups)
    for each in sorted(steps.counting(step, sign_ups), key=_moment):
        farms.take(each.entry)
    return farms.known.farm_of


def _moment(each: rows.SignUp) -> tuple[datetime, str, str]:
    return each.entry.at, each.source, each.entry.event_id


def _in_step(step: Step, ties: Mapping[str, Held], crowds: Crowds, lives: _Lives) -> Held:
    acting: dict[str, list[Claim]] = defaultdict(list)
    for path in step.files("acts", steps.ACTS):
        for number, act in enumerate(read_back(path, list[rows.Act])):
            acting[act.account_id].append(rows.claim_of(act, number))
    groups = conduct.among_all(acting, step.policy)
    sharing = conduct.sharing(ties, step.policy)
    of = lives.with_earlier(sorted({account for who in sharing for account in who}))
    return conduct.named([*groups, *conduct.among_sharing(of, ties, crowds, step.policy)])


def _hours(counts: Sequence[rows.Counted]) -> dict[str, dict[int, int]]:
    hours: dict[str, dict[int, int]] = defaultdict(dict)
    for each in counts:
        for campaign, more in each.hours.items():
            mine = hours[campaign]
            for hour, many in more.items():
                mine[hour] = mine.get(hour, 0) + many
    return hours


def _heavy(step: Step, counts: Sequence[rows.Counted]) -> dict[str, int]:
    accounts: dict[str, Counter[int]] = defaultdict(Counter)
    for each in counts:
        for campaign, more in each.accounts.items():
            accounts[campaign].update(more)
    return {name: heavy_line(many, step.policy.heavy_claims) for name, many in accounts.items()}


class _Lives:
    """The lives of all accounts, as they lie on the disk; `read` says how many were taken up."""

    def __init__(self, step: Step) -> None:
        self._parts = step.parts
        self._scratch = Path(step.scratch)
        self._recent: set[str] | None = None
        self.read = 0

    def recent(self, account: str) -> bool:
        """Whether it has claims of the window."""
        if self._recent is None:
            self._recent = {
                place.account_id for part in range(self._parts) for place in self._places(part) if place.recent
            }
        return account in self._recent

    def of(self, accounts: Sequence[str]) -> tuple[Mapping[str, Sequence[Claim]], Mapping[str, Person]]:
        """Claims of the window, and who they are."""
        found = self._of(set(accounts))
        return {name: each.claims for name, each in found.items()}, {name: each.person for name, each in found.items()}

    def with_earlier(self, accounts: Sequence[str]) -> dict[str, Sequence[Claim]]:
        """All that is known of what they took."""
        return {name: (*each.claims, *each.earlier) for name, each in self._of(set(accounts)).items()}

    def _of(self, accounts: Collection[str]) -> dict[str, rows.Life]:
        wanted: dict[int, set[str]] = defaultdict(set)
        for account in accounts:
            wanted[home_of(account, self._parts)].add(account)
        found: dict[str, rows.Life] = {}
        for part, mine in sorted(wanted.items()):
            begin = 0
            with (folder_of(self._scratch, "accounts", part) / steps.LIVES).open("rb") as file:
                for place in self._places(part):
                    if place.account_id in mine:
                        file.seek(begin)
                        found[place.account_id] = _LIFE.decode(file.read(place.end - begin))
                    begin = place.end
        self.read += len(found)
        return found

    def _places(self, part: int) -> list[rows.Place]:
        return read_back(folder_of(self._scratch, "accounts", part) / steps.PLACES, list[rows.Place])
