"""The rooms of the reviews desk, as `wiring` asks for them: what each works with, and hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

import sqlalchemy as sa

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.enforcement.posting import Poster
from agoranomos.engine.stream.monitor import Monitor, Output
from agoranomos.intake.actions import Hearers
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.reviews.anonymity.monitor import NAME as ANONYMITY
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import Policy, load_policy
from agoranomos.reviews.anonymity.service import ReviewService
from agoranomos.reviews.extortion.telling import NAME as EXTORTION
from agoranomos.reviews.histories import gain_monitors
from agoranomos.reviews.numbers import policy as numbers
from agoranomos.reviews.numbers.exchange import Exchange
from agoranomos.reviews.numbers.monitor import NumberMonitor
from agoranomos.reviews.numbers.over_http import ANSWER_BYTES_MAX, Company
from agoranomos.reviews.numbers.provider import Provider
from agoranomos.reviews.numbers.service import Keep, NumberService
from agoranomos.reviews.numbers.telling import NAME as NUMBERS
from agoranomos.reviews.operators.telling import NAME as OPERATORS
from agoranomos.reviews.photos.looking import looking
from agoranomos.reviews.policies import policy_file
from agoranomos.reviews.praise.monitor import praise_monitor
from agoranomos.reviews.praise.telling import NAME as PRAISE
from agoranomos.reviews.pressure import policy as pressure
from agoranomos.reviews.pressure.monitor import PressureMonitor
from agoranomos.reviews.pressure.telling import NAME as PRESSURE
from agoranomos.reviews.score import policy as score
from agoranomos.reviews.score.service import ScoreService
from agoranomos.reviews.score.watching import Scoring
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Reviews:
    """What the rooms work with: `open_store` and `open_vault` open what a history does without; `hearers` hear what
    rooms tell the log; policies are looked for in `policy_folders`, the first first; `keep` keeps what is said (None:
    findings and actions, and nothing else). Photos lie under `pictures_root` (None: they are not looked at).
    """

    open_store: Callable[[], Store]
    open_vault: Callable[[], Vault]
    hearers: Hearers
    action_policy: ActionPolicy
    clock: Clock
    policy_folders: Sequence[Path] = ()
    keep: Keep | None = None
    pictures_root: Path | None = None

    @cached_property
    def anonymity_policy(self) -> Policy:
        """`anonymous-reviews.toml` in a folder of policies, else the shipped one."""
        return load_policy(policy_file("anonymous-reviews", self.policy_folders))

    @cached_property
    def pressure_policy(self) -> pressure.Policy:
        """`review-pressure.toml` in a folder of policies, else the shipped one."""
        return pressure.load_policy(policy_file("review-pressure", self.policy_folders))

    @cached_property
    def number_policy(self) -> numbers.Policy:
        """`virtual-numbers.toml` in a folder of policies, else the shipped one."""
        return numbers.load_policy(policy_file("virtual-numbers", self.policy_folders))

    @cached_property
    def numbers(self) -> NumberService:
        """Virtual numbers, and reports of harassment."""
        return NumberService(
            self.open_store(), self.open_vault, self.hearers, self._provider, self.number_policy,
            needs_of(self.action_policy), self.keep or self._keep, self.clock,
        )  # fmt: skip

    @cached_property
    def checks(self) -> ReviewService:
        """The check of reviews."""
        return ReviewService(self.open_store(), self.anonymity_policy, self.clock, looking(self.pictures_root))

    @cached_property
    def score_policy(self) -> score.Policy:
        """`review-score.toml` in a folder of policies, else the shipped one."""
        return score.load_policy(policy_file("review-score", self.policy_folders))

    @cached_property
    def scores(self) -> ScoreService:
        """The two scores of stores."""
        return ScoreService(self.open_store, self.score_policy, self.clock)

    def scoring(self) -> Scoring:
        """The two scores of a history: with all that is found of who presses, and who was paid for reviews, in it."""
        others = [*gain_monitors(self.policy_folders), praise_monitor(self.policy_folders), self._pressure()]
        return Scoring(others, self.score_policy)

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name."""
        operators, extortion = (partial(self._gain, place) for place in (0, 1))
        return {
            ANONYMITY: self._anonymity, NUMBERS: self._numbers, PRESSURE: self._pressure, OPERATORS: operators,
            EXTORTION: extortion,
            PRAISE: partial(praise_monitor, self.policy_folders),
        }  # fmt: skip

    def _pressure(self) -> Monitor:
        return PressureMonitor(self.pressure_policy)

    def _gain(self, place: int) -> Monitor:
        return gain_monitors(self.policy_folders)[place]

    def _anonymity(self) -> Monitor:
        return AnonymityMonitor(self.anonymity_policy, needs_of(self.action_policy), looking(self.pictures_root))

    def _numbers(self) -> Monitor:
        return NumberMonitor(self.number_policy, needs_of(self.action_policy))

    @cached_property
    def _provider(self) -> Provider:
        """The telephone company of the policy, else the embedded exchange."""
        source = self.number_policy.provider
        if not source.url:
            return Exchange(self.open_store(), source)
        path = policy_file("virtual-numbers", self.policy_folders)
        assert path is not None, "the shipped policy names no company"
        key = path.parent / source.key_file

        def read() -> str:
            if not source.key_file:
                return ""
            try:
                return key.read_text("ascii").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Invalid(f"the key of the provider of numbers cannot be read from {key.name}") from error

        return Company(source, read, Poster(timeout_s=source.timeout_s, answer_bytes_max=ANSWER_BYTES_MAX))

    def _keep(self, connection: sa.Connection, said: Sequence[Output], now: datetime) -> None:
        keep_findings(connection, [each for each in said if isinstance(each, Finding)], now=now)
        asked = [each for each in said if isinstance(each, Action)]
        enforcing.take(connection, asked, policy=self.action_policy, now=now)
