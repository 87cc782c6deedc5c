"""What is said of readers: findings, and the actions that follow from sure ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from agoranomos.access.exposure.barring import SUSPEND, THROTTLE
from agoranomos.access.harvest.judging import CODE, Judged
from agoranomos.access.harvest.policy import Policy
from agoranomos.enforcement.asking import Needs, ask
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived

NAME: Final = "access.harvests"
VERSION: Final = "2"
MODEL: Final = Actor("model", NAME)
CANARY: Final = "access.canary_touched"
CALLED: Final = "access.canary_called"
OUTSIDE: Final = "access.outside_contract"
RELATED_MAX: Final = 50
_AGAIN_BY: Final = 0.05
_EPISODE_DAYS: Final = 30


class Episode(msgspec.Struct):
    """What was said of a reader so far: since when, how often, how surely at most, and what was asked for."""

    started_at: datetime
    last_at: datetime
    revision: int = 0
    score: float = 0.0
    asked: tuple[str, ...] = ()
    ring_id: str | None = None


class Telling:
    """Says findings; the same again only when it is surer. `needs`: whether an action waits for a second person."""

    def __init__(self, policy: Policy, needs: Needs) -> None:
        self._policy, self._needs = policy, needs
        self.episodes: dict[str, Episode] = {}

    def harvest(
        self, principal_id: str, judged: Judged, at: datetime, event_id: str | None, *, fellows: Sequence[str] = (),
        client: str = "",
    ) -> list[Finding | Action]:  # fmt: skip
        """`access.harvest`, when it is worth a person's time and news; `fellows` share its client, and the ring."""
        if judged.score < self._policy.report_line or not judged.reasons:
            return []
        ring_id = derived("ring", NAME, client, rfc3339(at)[:10]) if fellows else None
        related = tuple(Related("principal", each, "member") for each in fellows[:RELATED_MAX])
        return self._say(CODE, Subject("principal", principal_id), judged, at, event_id, related, ring_id, THROTTLE)

    def canary(
        self, code: str, subject: Subject, reason: Reason, at: datetime, event_id: str, fellows: Sequence[str]
    ) -> list[Finding | Action]:
        """Somebody touched what nobody honest has a reason to touch."""
        related = tuple(Related("principal", each, "tie") for each in fellows[:RELATED_MAX])
        judged = Judged(self._policy.canary_score, (reason,))
        return self._say(code, subject, judged, at, event_id, related, None, SUSPEND)

    def once(self, code: str, principal_id: str, reason: Reason, score: float, at: datetime, event_id: str) -> Any:
        """A finding that is not followed by an action, or by a throttle when it is sure."""
        return self._say(
            code, Subject("principal", principal_id), Judged(score, (reason,)), at, event_id, (), None, THROTTLE
        )

    def _say(
        self, code: str, subject: Subject, judged: Judged, at: datetime, event_id: str | None,
        related: tuple[Related, ...], ring_id: str | None, action: str,
    ) -> list[Finding | Action]:  # fmt: skip
        key = f"{code}\0{subject.kind}\0{subject.id}"
        episode = self.episodes.get(key)
        if episode is None or (at - episode.last_at).days >= _EPISODE_DAYS:
            episode = self.episodes[key] = Episode(at, at)
        episode.last_at = max(at, episode.last_at)
        surer = judged.score >= episode.score + _AGAIN_BY
        acts = judged.score >= self._policy.act_line and action not in episode.asked
        if episode.revision and not (surer or acts):
            return []
        episode.revision += 1
        episode.score = max(judged.score, episode.score)
        episode.ring_id = episode.ring_id or ring_id
        finding = Finding(
            id=finding_id(code, subject, episode.started_at), at=rfc3339(at), code=code, subject=subject,
            score=judged.score, reasons=judged.reasons, detector=NAME, version=VERSION, related=related,
            ring_id=episode.ring_id, revision=episode.revision, event_ids=(event_id,) if event_id else (),
        )  # fmt: skip
        said: list[Finding | Action] = [finding]
        if acts and subject.kind == "principal":
            episode.asked = (*episode.asked, action)
            params: Mapping[str, Any] = {"hours": self._policy.throttle_hours} if action == THROTTLE else {}
            said.append(ask(action, subject, params, finding.id, by=MODEL, at=rfc3339(at), needs=self._needs))
        return said

    def forget(self, now: datetime) -> None:
        """Forgets episodes that are over."""
        self.episodes = {key: each for key, each in self.episodes.items() if (now - each.last_at).days < _EPISODE_DAYS}

    def state(self) -> bytes:
        """What was said."""
        return msgspec.msgpack.encode(self.episodes)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self.episodes = msgspec.msgpack.decode(state, type=dict[str, Episode])
