"""A small log with a key and a clock, for tests of everything around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agoranomos.audit import actions, queries, verifying
from agoranomos.audit.actions import Sealing
from agoranomos.audit.model import Entry, seal
from agoranomos.audit.notes import COSIGNATURE, SigningKey, VerifierKey
from agoranomos.audit.verifying import Elsewhere, Report
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.store import Store
from tests.builders import NOW

KEY = SigningKey("example.com/audit", b"k" * 32)
NEXT_KEY = SigningKey("example.com/audit", b"n" * 32)
FORGER = SigningKey("example.com/audit", b"f" * 32)
WITNESS_KEY = SigningKey("witness.example/w1", b"w" * 32, COSIGNATURE)
REASON = "the seller showed the invoices"


def make_entry(number: int = 0, **fields: Any) -> Entry:
    """Somebody decides a case; every number gives another entry."""
    given = {
        "at": NOW + timedelta(seconds=number),
        "actor": Actor("person", f"p-{number % 3}"),
        "verb": "case.decide",
        "subject_kind": "case",
        "subject_id": f"c-{number}",
        "params": {"outcome": "upheld", "points": number},
        **fields,
    }
    return Entry(**given)


class Log:
    """The log of `store`, with the verbs that tests use most, each in a transaction of its own."""

    def __init__(self, store: Store, key: SigningKey = KEY) -> None:
        self.store = store
        self.key = key
        self.now: datetime = NOW
        self.count = 0

    def record(self, count: int = 1) -> None:
        """Records the next `count` entries."""
        with self.store.transaction() as connection:
            for _ in range(count):
                actions.record(connection, make_entry(self.count))
                self.count += 1

    def record_sealed(self, text: str = REASON, salt: bytes = b"s" * 16) -> int:
        """Records an entry that commits to `text`."""
        with self.store.transaction() as connection:
            index = actions.record(connection, make_entry(self.count), {"reason": seal(text, salt)})
        self.count += 1
        return index

    def sign(self) -> Sealing:
        """Signs a checkpoint, a minute later."""
        self.now += timedelta(minutes=1)
        with self.store.transaction() as connection:
            return actions.checkpoint(connection, self.key, self.now)

    def grow(self, *counts: int) -> Sealing:
        """Records and signs, in turn."""
        for count in counts:
            self.record(count)
            sealed = self.sign()
        return sealed

    def verify(self, *elsewhere: Elsewhere, trusted: Sequence[VerifierKey] | None = None) -> Report:
        """What verifying says."""
        with self.store.reading() as connection:
            return verifying.verify(connection, trusted or [self.key.verifier], elsewhere)

    def leaves(self) -> list[bytes]:
        """The entries as they are hashed."""
        with self.store.reading() as connection:
            return [row.leaf for row in queries.entries(connection)]


def codes(report: Report) -> set[str]:
    """The codes of what was found."""
    return {one.code for one in report.findings}
