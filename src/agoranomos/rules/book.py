"""What is evaluated: the versions that are live or in shadow, compiled, with lists and snoozes as they are now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from agoranomos.engine.features.model import Feature
from agoranomos.engine.rules.rule_set import RuleSet
from agoranomos.engine.rules.runtime import Lookups
from agoranomos.kernel.consulting import Quiet
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.rules.model import Snooze
from agoranomos.rules.written import Written

Lists = Mapping[str, Mapping[str, datetime | None]]
"""By list: its values, each with its end."""
EMPTY: Final[Lists] = {}


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a rule that is evaluated."""

    written: Written
    version: int
    standing: Literal["live", "shadow"]

    @property
    def key(self) -> str:
        """Live and candidate of one rule side by side."""
        return f"{self.written.rule.id}@{self.version}"


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """A rule whose condition is true of an event, whom it is about, and what it looked at."""

    used: Used
    standing: Literal["live", "shadow", "snoozed"]
    subject: Subject
    values: dict[str, Any]
    snooze: Snooze | None = None

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.used.written.rule.outcome)


class Group:
    """Rules that are compiled together: they listen to the same, and mean the same features by the same names."""

    def __init__(self, used: Sequence[Used]) -> None:
        self.used = {each.key: each for each in used}
        self.features = {name: feature for each in used for name, feature in each.written.features.items()}
        self.rules = RuleSet({each.key: each.written.condition for each in used})


class Book:
    """Everything that is evaluated. `name` says which state of the rule book this is."""

    def __init__(
        self, used: Iterable[Used] = (), *, lists: Lists = EMPTY, snoozes: Iterable[Snooze] = (), name: str = ""
    ) -> None:
        self.used = tuple(sorted(used, key=lambda each: (each.written.rule.id, each.version)))
        self.name = name
        self.lists = lists
        self._snoozes: dict[tuple[str, Subject], list[Snooze]] = {}
        for each in snoozes:
            self._snoozes.setdefault((each.code, each.subject), []).append(each)
        self.groups: dict[str, list[Group]] = {}
        by_listens: dict[str, list[Used]] = {}
        for one in self.used:
            by_listens.setdefault(one.written.rule.listens, []).append(one)
        for listens, rules in by_listens.items():
            self.groups[listens] = [Group(part) for part in _apart(rules)]

    @property
    def features(self) -> list[Feature]:
        """The features that some rule asks, one for each meaning."""
        found = {
            feature.fingerprint: feature for one in self.used for feature in one.written.features.values()
        }  # fmt: skip
        return [found[fingerprint] for fingerprint in sorted(found)]

    def features_of(self, listens: Iterable[str]) -> list[Feature]:
        """The same for those rules only that listen to one of `listens`."""
        groups = [group for name in listens for group in self.groups.get(name, ())]
        found = {feature.fingerprint: feature for group in groups for feature in group.features.values()}
        return [found[fingerprint] for fingerprint in sorted(found)]

    def snooze_of(self, code: str, subject: Subject, at: datetime) -> Snooze | None:
        """By which snooze `code` does not count for `subject` at `at`; None when it does."""
        return next((each for each in self._snoozes.get((code, subject), ()) if each.holds(at)), None)

    def snoozed(self, codes: Collection[str], subjects: Sequence[Subject], at: datetime) -> dict[str, Quiet]:
        """See `kernel.consulting.Consultant`."""
        if not self._snoozes:
            return {}
        found = ((code, self.snooze_of(code, subject, at)) for code in sorted(codes) for subject in reversed(subjects))
        return {code: snooze.quiet for code, snooze in found if snooze is not None}

    def evaluate(self, group: Group, event: Event, lookups: Lookups) -> list[Fired]:
        """The rules of `group` that hold for `event`, in the order of their ids; those that have run out do not."""
        found = []
        for fired in group.rules.evaluate(event, lookups):
            used = group.used[fired.id]
            rule = used.written.rule
            if rule.expires_at is not None and event.time >= rule.expires_at:
                continue
            subject = used.written.subject_of(event)
            if subject is None:  # the field that names it is missing: nobody to look at
                continue
            snooze = self.snooze_of(rule.id, subject, event.time) if used.standing == "live" else None
            standing = used.standing if snooze is None else "snoozed"
            found.append(
                Fired(used=used, standing=standing, subject=subject, values=fired.values, snooze=snooze)
            )  # fmt: skip
        return found


def book_of_files(rules: Iterable[Written], name: str) -> Book:
    """What a replay evaluates: rules by the status that their files say. What is only a draft runs in shadow; what has
    expired is left out. Lists are empty.
    """
    standings: dict[str, Literal["live", "shadow"]] = {"live": "live", "shadow": "shadow", "draft": "shadow"}
    return Book(
        [
            Used(written=each, version=each.rule.version, standing=standings[each.rule.status])
            for each in rules
            if each.rule.status in standings
        ],
        name=name,
    )


def _apart(rules: Sequence[Used]) -> list[list[Used]]:
    """`rules` in groups within which a name of a feature has one meaning."""
    groups: list[tuple[list[Used], dict[str, str]]] = []
    for one in rules:
        meanings = {name: feature.fingerprint for name, feature in one.written.features.items()}
        for members, known in groups:
            if all(known.get(name, meaning) == meaning for name, meaning in meanings.items()):
                members.append(one)
                known.update(meanings)
                break
        else:
            groups.append(([one], meanings))
    return [members for members, _ in groups]
