"""What becomes in a replay of what several desks ask for: one action, as it would be live; see `joining`.

Nothing is carried out and nothing fails, so that who asked for what is all that there is to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from agoranomos.enforcement.model import BECAUSE_MAX
from agoranomos.enforcement.policy import Policy
from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.actions import Action

REMEMBERED: Final = 100_000
"""Of actions that were said, the last ones: monitors that say a finding again may say again what rests on it."""
_Thing = tuple[str, ...]
_Level = tuple[_Thing, int]
"""A thing to be done, and how much of it is asked for."""


class Joined:
    """Goes through what monitors say. Who asks for what stands is said as the action that stands, with one more reason;
    who lifts what another desk still wants is not said at all. Nothing is said twice in the same words.
    """

    def __init__(self, policy: Policy) -> None:
        joins = {kind: entry for kind, entry in policy.kinds.items() if entry.joins}
        self._joins = joins
        self._opposite = {entry.undo: kind for kind, entry in joins.items() if entry.undo is not None}
        self._said: dict[str, None] = {}
        self._standing: dict[_Level, Action] = {}
        self._reasons: dict[_Level, dict[str, tuple[str, tuple[str, ...]]]] = {}

    def __call__(self, outputs: Iterable[Output]) -> Iterator[Output]:
        """What is to be written of `outputs`, in their order."""
        for each in outputs:
            if not isinstance(each, Action):
                yield each
            elif each.kind in self._joins:
                yield from self._join(each)
            # Two desks may lift for one reason in the same words: what is not said yet stays new.
            elif each.id not in self._said and (each.kind not in self._opposite or self._lift(each)):
                self._remember(each)
                yield each

    def _remember(self, action: Action) -> None:
        self._said[action.id] = None
        if len(self._said) > REMEMBERED:
            del self._said[next(iter(self._said))]

    def _join(self, action: Action) -> Iterator[Action]:
        thing = self._most(self._thing(action.kind, action))
        owner = self._standing.get(thing)
        if owner is None or (owner.status == "proposed" and action.status != "proposed"):
            self._standing[thing] = action
            self._reasons[thing] = {action.id: (action.requested_by, action.because)}
            yield action
        elif action.id not in self._reasons[thing]:
            self._reasons[thing][action.id] = (action.requested_by, action.because)
            yield self._told(thing, action.at)

    def _lift(self, action: Action) -> bool:
        """Withdraws the reasons of whoever lifts; whether none is left."""
        thing = self._thing(self._opposite[action.kind], action)
        reasons = self._reasons.get(thing, {})
        left = {name: reason for name, reason in reasons.items() if reason[0] != action.requested_by}
        if left:
            self._reasons[thing] = left
            return False
        self._standing.pop(thing, None)
        self._reasons.pop(thing, None)
        return True

    def _thing(self, kind: str, action: Action) -> _Level:
        entry = self._joins[kind]
        name = (kind, action.subject.kind, action.subject.id, *entry.names(action.params))
        return name, entry.level(action.params)

    def _most(self, asked: _Level) -> _Level:
        """What stands of it, where that is at least as much as is asked for."""
        name, level = asked
        top = sum(len(values) - 1 for values in self._joins[name[0]].rising.values())
        return next((each for more in range(top, level, -1) if (each := (name, more)) in self._standing), asked)

    def _told(self, thing: _Level, at: str) -> Action:
        because = [each for _, reasons in self._reasons[thing].values() for each in reasons]
        owner = msgspec.structs.replace(
            self._standing[thing], at=at, because=tuple(dict.fromkeys(because))[:BECAUSE_MAX]
        )
        self._standing[thing] = owner
        return owner
