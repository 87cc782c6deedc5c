"""One request, one transaction: what HTTP and commands share of the rule book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from agoranomos.engine.rules import starter
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval, ApprovalStatus
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.store import Store
from agoranomos.rules import actions, hits, lists, queries, queues, snoozing
from agoranomos.rules.hits import Comparison
from agoranomos.rules.lists import Draw
from agoranomos.rules.model import ListKind, NewEntry, RuleList, Snooze, Standing, Version
from agoranomos.rules.policy import QueuePolicy
from agoranomos.rules.queues import Today
from agoranomos.rules.snoozing import NewSnooze
from agoranomos.rules.written import Written, read_rules, starter_files


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its newest version, and those that are live and in shadow."""

    standing: Standing
    latest: Version
    live: Version | None = None
    shadow: Version | None = None


@dataclass(frozen=True, slots=True)
class RuleService:
    """The store, the clock, random bytes for what the audit log commits to, and the policy of queues."""

    store: Store
    clock: Clock
    draw: Draw
    queues: QueuePolicy

    def read(self, files: Sequence[tuple[str, str]]) -> list[Written]:
        """The rules in files, as (name, text), checked against the lists that there are. Raises RuleError."""
        with self.store.reading() as connection:
            known = [each.list_id for each in lists.listed(connection, self.clock())]
        return read_rules(files, known)

    def read_starter(self, *, by: Actor) -> list[Written]:
        """The rules that come with the system; the lists that they look in are made when they are missing."""
        now = self.clock()
        with self.store.transaction() as connection:
            known = {each.list_id for each in lists.listed(connection, now)}
            for name in sorted(set(starter.LISTS) - known):
                lists.create(connection, name, "watch", by=by, now=now)
        return self.read(starter_files())

    def propose(self, rules: Sequence[Written], *, by: Actor, shadow: bool = False) -> list[Version]:
        """Keeps each as the next version of its rule; `shadow`: and lets it run in shadow, unless it is live."""
        now = self.clock()
        with self.store.transaction() as connection:
            found = actions.propose(connection, [each.proposal for each in rules], by=by, now=now)
            if not shadow:
                return found
            for version in found:
                if version.status != "live":
                    actions.put_into_shadow(connection, version.rule_id, version.version, by=by, now=now)
            return [queries.get_version(connection, each.rule_id, each.version) for each in found]

    def show(self, rule_id: str) -> Shown:
        """Raises NotFound."""
        with self.store.reading() as connection:
            standing = queries.get_standing(connection, rule_id)
            chosen = (standing.latest, standing.live_version, standing.shadow_version)
            found = [None if each is None else queries.get_version(connection, rule_id, each) for each in chosen]
        assert found[0] is not None
        return Shown(standing=standing, latest=found[0], live=found[1], shadow=found[2])

    def put_into_shadow(self, rule_id: str, version: int | None, *, by: Actor) -> Standing:
        """See `actions.put_into_shadow`."""
        with self.store.transaction() as connection:
            return actions.put_into_shadow(connection, rule_id, version, by=by, now=self.clock())

    def ask_promotion(self, rule_id: str, version: int | None, *, by: Actor) -> Approval:
        """See `actions.ask_promotion`."""
        with self.store.transaction() as connection:
            return actions.ask_promotion(connection, rule_id, version, by=by, now=self.clock())

    def ask_rollback(self, rule_id: str, version: int, *, by: Actor) -> Approval:
        """See `actions.ask_rollback`."""
        with self.store.transaction() as connection:
            return actions.ask_rollback(connection, rule_id, version, by=by, now=self.clock())

    def decide(self, rule_id: str, approval_id: str, *, approved: bool, by: Actor) -> Standing:
        """Agrees or does not agree to what was asked for about a rule. Raises like `actions.approve`."""
        now = self.clock()
        with self.store.transaction() as connection:
            wanted = actions.asked(connection, approval_id).wanted
            if wanted.subject_id != rule_id:
                raise Conflict("this approval is about another rule")
            if approved:
                return actions.approve(connection, approval_id, by=by, now=now)
            actions.refuse(connection, approval_id, by=by, now=now)
            return queries.get_standing(connection, rule_id)

    def waiting(self, rule_id: str) -> list[Approval]:
        """What was asked for about a rule and waits for a second person."""
        now = self.clock()
        with self.store.reading() as connection:
            found = actions.asked_about(connection, rule_id)
        return [each for each in found if each.status_at(now) is ApprovalStatus.PENDING]

    def expire(self, rule_id: str, *, shadow_only: bool, by: Actor) -> Standing:
        """See `actions.expire`."""
        with self.store.transaction() as connection:
            return actions.expire(connection, rule_id, by=by, now=self.clock(), shadow_only=shadow_only)

    def compare(self, rule_id: str, since: datetime | None, until: datetime | None) -> Comparison:
        """See `hits.compare`."""
        with self.store.reading() as connection:
            return hits.compare(connection, rule_id, since=since, until=until, now=self.clock())

    def snooze(self, wanted: NewSnooze, *, by: Actor) -> Snooze:
        """See `snoozing.snooze`."""
        with self.store.transaction() as connection:
            return snoozing.snooze(connection, wanted, by=by, now=self.clock(), draw=self.draw)

    def end_snooze(self, snooze_id: str, *, by: Actor) -> Snooze:
        """See `snoozing.end`."""
        with self.store.transaction() as connection:
            return snoozing.end(connection, snooze_id, by=by, now=self.clock())

    def create_list(self, list_id: str, kind: ListKind, *, by: Actor) -> RuleList:
        """See `lists.create`."""
        with self.store.transaction() as connection:
            return lists.create(connection, list_id, kind, by=by, now=self.clock())

    def add_to_list(self, list_id: str, entries: Sequence[NewEntry], *, by: Actor) -> int:
        """See `lists.add`."""
        with self.store.transaction() as connection:
            return lists.add(connection, list_id, entries, by=by, now=self.clock(), draw=self.draw)

    def take_off_list(self, list_id: str, values: Sequence[str], *, by: Actor) -> int:
        """See `lists.remove`."""
        with self.store.transaction() as connection:
            return lists.remove(connection, list_id, values, by=by, now=self.clock(), draw=self.draw)

    def today(self, name: str) -> Today:
        """See `queues.today`."""
        with self.store.reading() as connection:
            return queues.today(connection, self.queues, name, self.clock())
