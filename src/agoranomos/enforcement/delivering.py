"""The loop that takes deliveries out of the outbox, posts them side by side, and writes down what became of them.

A delivery is claimed in one transaction, posted without any, and ended in another, where a claim that has run out
counts for nothing: whatever dies in between, the delivery is tried again ("at least once").
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement import endpoints, outbox, posting, signing, undoing
from agoranomos.enforcement.endpoints import Target
from agoranomos.enforcement.entering import take_turn
from agoranomos.enforcement.outbox import Claimed
from agoranomos.enforcement.policy import Policy
from agoranomos.enforcement.posting import Poster
from agoranomos.enforcement.service import ActionService
from agoranomos.kernel.clock import Clock, rfc3339
from agoranomos.kernel.ids import derived
from agoranomos.kernel.jobs.timing import Draw, backoff_s
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault

AT_ONCE_PER_ENDPOINT: Final = 16
"""A slow endpoint keeps this many threads busy and no more; the others have their own."""
THREADS_MAX: Final = 64
LEASE_SPARE_S: Final = 45.0
"""How much longer than a post may take a claim lasts: the machine may be busy."""
TURN_S: Final = 10.0
"""A turn ends about then, so that another process may have the next, and a stop need not wait long."""


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Delivers what is due; `turn` is a job's handler."""

    store: Store
    vault: Vault
    policy: Policy
    poster: Poster
    clock: Clock
    draw: Draw

    def turn(self, seconds_max: float = TURN_S) -> int:
        """Delivers until nothing is due, or for about `seconds_max`; returns how many posts were made."""
        until = time.monotonic() + seconds_max
        flying: dict[Future[str], Claimed] = {}
        posts = 0
        with ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="webhooks") as threads:
            ended: list[tuple[Claimed, str]] = []
            while True:
                room = THREADS_MAX - len(flying) if time.monotonic() < until else 0
                for target, one in self._exchange(ended, list(flying.values()), room):
                    flying[threads.submit(self._post, target, one)] = one
                    posts += 1
                if not flying:
                    return posts
                over, _ = wait(flying, return_when=FIRST_COMPLETED)
                ended = [(flying.pop(each), each.result()) for each in over]

    def close(self) -> None:
        """Gives back all connections; the next turn opens new ones."""
        self.poster.close()

    def test(self, endpoint_id: str) -> str:
        """Posts a message of the type `webhook.test` once; `posting.OK`, or the code of what went wrong.

        Raises NotFound, and Conflict for an endpoint that is disabled.
        """
        now = self.clock()
        with self.store.reading() as connection:
            endpoints.require_active(connection, endpoint_id)
            targets = endpoints.targets(connection, self.vault, now=now)
        target = next(each for each in targets if each.endpoint.id == endpoint_id)
        body = msgspec.json.encode({"type": "webhook.test", "timestamp": rfc3339(now), "data": {}})
        message_id = derived("msg", "test", endpoint_id, rfc3339(now))
        return self._send(target, message_id, body)

    def _exchange(
        self, ended: Sequence[tuple[Claimed, str]], flying: Sequence[Claimed], room: int
    ) -> list[tuple[Target, Claimed]]:
        """Writes down what `ended` came to, and claims up to `room` deliveries that are due, in one commit."""
        now = self.clock()
        with self.store.reading() as connection:
            targets = endpoints.targets(connection, self.vault, now=now) if room else []
            if not ended and not any(outbox.any_due(connection, each.endpoint.id, now) for each in targets):
                return []
        with self.store.transaction() as connection:
            if ended:
                self._end(connection, ended, now)
            return self._claim(connection, targets, flying, room, now)

    def _claim(
        self, connection: sa.Connection, targets: Sequence[Target], flying: Sequence[Claimed], room: int, now: datetime
    ) -> list[tuple[Target, Claimed]]:
        busy = Counter(one.endpoint_id for one in flying)
        lease_s = self.policy.webhooks.timeout_s + LEASE_SPARE_S
        claimed: list[tuple[Target, Claimed]] = []
        for target in targets:
            n = min(AT_ONCE_PER_ENDPOINT - busy[target.endpoint.id], room - len(claimed))
            if n > 0:
                found = outbox.claim(connection, target.endpoint.id, n, now=now, lease_s=lease_s)
                claimed += [(target, one) for one in found]
        return claimed

    def _post(self, target: Target, one: Claimed) -> str:
        try:
            return self._send(target, one.message_id, one.body)
        except Exception as error:  # whatever a peer makes a library raise is this delivery's failure, not the loop's
            return type(error).__name__

    def _send(self, target: Target, message_id: str, body: bytes) -> str:
        headers = [
            ("content-type", "application/json"),
            ("user-agent", "Agoranomos"),
            *signing.headers(target.secrets, message_id, self.clock(), body),
        ]
        return self.poster.post(target.endpoint.url, headers, body, allow_private=target.endpoint.allow_private)

    def _end(self, connection: sa.Connection, ended: Sequence[tuple[Claimed, str]], now: datetime) -> None:
        take_turn(connection)
        arrived = []
        for one, code in ended:
            if code == posting.OK:
                if outbox.end(connection, one, "delivered", reason=None, now=now):
                    arrived.append(one.message_id)
            elif code == posting.GONE:
                endpoints.disable(connection, one.endpoint_id, now=now)
            elif one.attempts >= self.policy.webhooks.attempts_max:
                outbox.end(connection, one, "dead", reason=code, now=now)
            else:
                wait_s = self._backoff_s(one.attempts)
                outbox.put_off(connection, one, until=now + timedelta(seconds=wait_s), reason=code)
        undoing.arrived(connection, outbox.all_delivered(connection, arrived), policy=self.policy, now=now)

    def _backoff_s(self, attempts: int) -> float:
        policy = self.policy.webhooks
        return backoff_s(attempts, self.draw, base_s=policy.backoff_base_s, cap_s=policy.backoff_cap_s)


def deliverer_of(service: ActionService) -> Deliverer:
    """What delivers the actions of `service`, by its policy."""
    webhooks = service.policy.webhooks
    poster = Poster(timeout_s=webhooks.timeout_s, answer_bytes_max=webhooks.answer_bytes_max)
    draw = random.SystemRandom().random
    return Deliverer(service.store, service.vault, service.policy, poster, service.clock, draw)
