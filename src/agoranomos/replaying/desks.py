"""What hears a history: the table of seats, and what those who sit there need.

Apart from `wiring`, and importing what it needs when it is called: a replay hears in several processes, and none of
them need wait for what only others use, let alone for the store and the web.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agoranomos.engine.replay.desks import Desks, Seat, View
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.consulting import NO_RULES
from agoranomos.kernel.policies import policy_in

if TYPE_CHECKING:
    from agoranomos.enforcement.policy import Policy as ActionPolicy
    from agoranomos.engine.replay.outputs import Telling
    from agoranomos.engine.stream.monitor import Monitor
    from agoranomos.goods.brands.model import Brand
    from agoranomos.goods.hearing import Eyes
    from agoranomos.goods.pictures.monitor import Sight
    from agoranomos.goods.policies import Policies
    from agoranomos.intake.noting import Notings
    from agoranomos.kernel.consulting import Consultant
    from agoranomos.kernel.events import Event
    from agoranomos.promotions.campaigns.model import Declared
    from agoranomos.rules.book import Book

LISTING_CHECK: Final = "listing"
DESKS_CHECKS: Final = frozenset((LISTING_CHECK, "application", "data-read", "payout"))
"""The checks that a desk makes, which asks the rules of its check itself."""
NOTED: Final = frozenset(("seller.applied",))
"""The types of event of which a room notes something before tokens take the place of personal data."""

COMPILED: Final = "compiled"
COMPLAINTS: Final = "complaints"
JUDGE: Final = "judge"
NOTES: Final = "notes"
RULE_BOOK: Final = "rules"
READY_US: Final = {COMPILED: 320_000.0, COMPLAINTS: 130_000.0, JUDGE: 350_000.0, NOTES: 300_000.0, RULE_BOOK: 150_000.0}
"""What takes time to get ready, once in each process that needs it: compiled code, the vocabulary of complaints, the
judge of listings, the dictionary of names by which applications are noted, the rule book.
"""
NUMBERS: Final = "numbers"
PARCELS: Final = "parcels"
READS: Final = "reads"
PARSED_US: Final = {NUMBERS: 0.5, PARCELS: 0.7, READS: 1.0}
"""What takes time to parse in each process where somebody hears it: virtual numbers and calls, the ways of parcels,
reads of data. All other types are heard everywhere, or are few.
"""
GOODS: Final = (PARCELS, COMPILED, COMPLAINTS, JUDGE)
SELLERS: Final = (COMPILED, COMPLAINTS, NOTES)


@dataclass(frozen=True)
class Replaying:
    """What a replay goes by. `home` and `cache` (None: below it) are the folders of the house, `policy_file` a listing
    policy or a folder of policies, `vault_keys` the ring of the vault when it is given from outside, `database_url` the
    store (of known pictures alone) when it is not the one in `home`. Pictures lie under `pictures_root` (None: they are
    not looked at); `brands` are registered and `campaigns` declared from the start; `rules` is a file or folder of
    them, or `starter`.
    """

    home: Path
    policy_file: Path | None = None
    cache: Path | None = None
    vault_keys: str | None = None
    database_url: str | None = None
    pictures_root: Path | None = None
    brands: tuple[Brand, ...] = ()
    rules: str | None = None
    campaigns: tuple[Declared, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """What another process is given: what was read by these settings is read there anew, and stays here."""
        return Replaying, tuple(getattr(self, each.name) for each in fields(self))

    def desks(self) -> Desks:
        """All desks, in the order in which they hear. Who asks another monitor anything sits with it: applications ask
        links and certification, frozen money asks appeals. What each costs and needs is what `benchmarks.seats`
        measures.
        """
        apart = (Seat("rules", self._rules, 5.0, (COMPILED, RULE_BOOK)),) if self.rules else ()
        goods = (*GOODS, RULE_BOOK) if apart else GOODS
        return Desks(
            (
                *apart,
                Seat("goods", self._goods if apart else self._rules_and_goods, 12.5, goods),
                Seat("redress", self._redress, 1.2, (PARCELS,)),
                Seat("programmes", self._programmes, 0.1),
                Seat("sellers", self._sellers, 9.2, SELLERS),
                Seat("retaliation", self._retaliation, 0.7, (NOTES,)),
                Seat("campaigns", self._campaigns, 0.1),
                Seat("coupons", self._coupons, 1.5),
                Seat("rings", self._rings, 2.9, (COMPILED, PARCELS)),
                Seat("reviews", self._reviews, 7.8, (NUMBERS, PARCELS, READS)),
                Seat("praise", self._praise, 0.9, (COMPILED,)),
                Seat("access", self._access, 12.0, (NUMBERS, READS)),
                Seat("insiders", self._insiders, 0.9, (READS,)),
            ),
            self.view,
            READY_US,
            PARSED_US,
        )

    def require_usable(self) -> None:
        """Raises Invalid and NotFound for a folder of policies or rules that cannot be used, before a history is read
        for nothing.
        """
        policy_folders(self.home, self.policy_file)
        if self.rules is not None:
            from agoranomos.rules.replayed import replayed_book

            replayed_book(self.rules)

    def view(self) -> View:
        """Events as monitors see them: with the tokens of the vault when there is one, so that they are the same as
        live, else with tokens that are the same everywhere. Makes no vault.
        """
        from agoranomos.intake.noting import NOTES, NOTHING, noted_and_veiled
        from agoranomos.intake.personal import RULES
        from agoranomos.vault.keys import published_ring
        from agoranomos.vault.ring_file import RingFile

        file = RingFile(self.home / "vault.keys", self.vault_keys, secrets.token_bytes)
        keys = file.ring if file.there else published_ring()

        closely = NOTED | RULES.keys()  # what holds personal data, and what rooms note something of

        def see(event: Event) -> Event:
            if event.type not in closely and NOTES not in event.extensions:
                return event
            return noted_and_veiled(self._notings if event.type in NOTED else NOTHING, keys, event)

        return see

    def telling(self) -> Telling:
        """What is written of the actions that desks ask for: what several ask for is one, as it would be live."""
        from agoranomos.enforcement.replayed import Joined

        return Joined(self._actions)

    @cached_property
    def _notings(self) -> Notings:
        from agoranomos.sellers.noting import notings, photo_eyes

        return notings(photo_eyes(self.pictures_root))

    @cached_property
    def _book(self) -> Book:
        from agoranomos.rules.replayed import replayed_book

        return replayed_book(self.rules)

    @cached_property
    def _actions(self) -> ActionPolicy:
        from agoranomos.enforcement.policy import load_policy

        return load_policy(policy_in(self._folders, "actions"))

    @cached_property
    def _policies(self) -> Policies:
        from agoranomos.goods.policies import load_policies

        return load_policies(self._folders)

    @cached_property
    def _folders(self) -> list[Path]:
        return policy_folders(self.home, self.policy_file)

    def _rules(self) -> list[Monitor]:
        return [rule_monitor(self._book)]

    def _rules_and_goods(self) -> list[Monitor]:
        """Without rules, both together: the goods desk imports what rules need, and nobody else does."""
        return [*self._rules(), *self._goods()]

    def _goods(self) -> list[Monitor]:
        from agoranomos.goods.brands.snapshot import seed_of
        from agoranomos.goods.hearing import GoodsHearing
        from agoranomos.goods.listings.policy import load_policy
        from agoranomos.rules.monitor import Consulting

        given = self.policy_file
        path = given if given and given.is_file() else policy_in(self._folders, "listings")
        hearing = GoodsHearing(self._policies, load_policy(path), self._cache, self._seeing)
        make = partial(hearing.monitor, brands=self.brands, lower=seed_of, speaks=True)
        return [Consulting(make, LISTING_CHECK, self._book)]

    @property
    def _seeing(self) -> Callable[[], tuple[Eyes, Sight]] | None:
        """Known pictures are those of the store."""
        if self.pictures_root is None:
            return None
        from agoranomos.goods.pictures.service import PictureService
        from agoranomos.kernel.store import open_store

        self.home.mkdir(parents=True, exist_ok=True)
        store = open_store(self.database_url or f"sqlite:///{self.home}/agoranomos.sqlite3")
        service = PictureService(store, self.home, self._cache, system_clock)
        return partial(service.of_history, self.pictures_root)

    @property
    def _cache(self) -> Path:
        return self.cache or self.home / "cache"

    def _redress(self) -> list[Monitor]:
        from agoranomos.goods.monitors import redress_monitor

        return [redress_monitor(self._policies)]

    def _programmes(self) -> list[Monitor]:
        from agoranomos.goods.monitors import programme_monitor

        return [programme_monitor(self._policies)]

    def _sellers(self) -> list[Monitor]:
        from agoranomos.goods.complaints.scorer import says_fake
        from agoranomos.sellers.histories import monitors

        return monitors(self._actions, self._folders, says_fake, self._asking)

    def _asking(self, make: Callable[[Consultant], Monitor], check: str) -> Monitor:
        """The monitor of a check, with the rules of that check."""
        if self.rules is None:
            return make(NO_RULES)
        from agoranomos.rules.monitor import asked_by

        return asked_by(self._book, make, check)

    def _retaliation(self) -> list[Monitor]:
        from agoranomos.sellers.retaliation.history import retaliation_monitor

        return [retaliation_monitor(self._folders)]

    def _campaigns(self) -> list[Monitor]:
        from agoranomos.promotions.histories import lint_monitor

        return [lint_monitor(self._folders, self.campaigns)]

    def _coupons(self) -> list[Monitor]:
        from agoranomos.promotions.histories import guard_monitor

        return [guard_monitor(self._actions, self._folders, self.campaigns)]

    def _reviews(self) -> list[Monitor]:
        from agoranomos.reviews.histories import anonymity_monitor, gain_monitors, number_monitor, pressure_monitor

        return [
            anonymity_monitor(self._actions, self._folders, self.pictures_root),
            number_monitor(self._actions, self._folders),
            pressure_monitor(self._folders), *gain_monitors(self._folders),
        ]  # fmt: skip

    def _praise(self) -> list[Monitor]:
        from agoranomos.reviews.praise.monitor import praise_monitor

        return [praise_monitor(self._folders)]

    def _rings(self) -> list[Monitor]:
        from agoranomos.promotions.histories import ring_monitor

        return [ring_monitor(self._actions, self._folders)]

    def _access(self) -> list[Monitor]:
        from agoranomos.access.histories import harvest_monitor

        return [harvest_monitor(self._actions, self._folders, self._asking)]

    def _insiders(self) -> list[Monitor]:
        from agoranomos.access.insiders.history import insider_monitor

        return [insider_monitor(self._folders)]


def rule_monitor(book: Book | None = None) -> Monitor:
    """The monitor of rules that no desk asks; live (no `book`) only listings of the log are judged with their rules."""
    from agoranomos.engine.rules.types import CHECKS
    from agoranomos.rules.monitor import RuleMonitor

    return RuleMonitor(book, checks=CHECKS.keys() - (DESKS_CHECKS if book is not None else {LISTING_CHECK}))


def policy_folders(home: Path, given: Path | None) -> list[Path]:
    """Where files of policies are looked for: the folder `given`, when it is one, and the home folder."""
    if given is None or not given.is_dir():
        return [home]
    from agoranomos.desks import DESK_POLICIES
    from agoranomos.goods.policies import require_policies

    require_policies(given, DESK_POLICIES)
    return [given, home]
