"""The vault: values put away and read back in a CPU second, beside what the ciphers alone would take; texts masked.

The floor is AES-256-GCM with a key for each person and HMAC-SHA-256 in a loop, without a store or an audit log.
"""

from __future__ import annotations

import hmac
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.masking.masks import labelled, masked
from agoranomos.kernel.store import Store, open_store
from agoranomos.vault import actions
from agoranomos.vault.keys import KeyRing, Vault
from agoranomos.vault.tokens import Kind, Personal, token_of
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

KINDS: Final[tuple[Kind, ...]] = ("name", "id_number", "phone", "email", "address")
BATCH: Final = 2_000
GOAL: Final = 20_000
FLOOR: Final = "floor: the ciphers alone"
Row = tuple[str, Kind, str]
NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)
ACTOR: Final = Actor("system", "benchmark")


def timed(work: Callable[[], object]) -> float:
    """CPU seconds that `work` took."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def people(count: int) -> list[Row]:
    """(subject, kind, value): five values each."""
    draw = random.Random(7)
    return [
        (f"seller:s-{number}", kind, f"{kind} {draw.randrange(10**12):012} of somebody")
        for number in range(count)
        for kind in KINDS
    ]


def kept(store: Store, vault: Vault, rows: list[Row]) -> None:
    """Tokens made, values sealed and stored, in batches as the intake does."""
    for start in range(0, len(rows), BATCH):
        part = [
            Personal(token_of(vault.keys, kind, value), who, value) for who, kind, value in rows[start : start + BATCH]
        ]
        with store.transaction() as connection:
            actions.keep(connection, vault, part, now=NOW)


def revealed(store: Store, vault: Vault, subjects: list[str]) -> int:
    """All values read back, in batches, each person with an entry in the audit log."""
    count = 0
    for start in range(0, len(subjects), BATCH // len(KINDS)):
        part = subjects[start : start + BATCH // len(KINDS)]
        with store.transaction() as connection:
            count += len(
                actions.read_all(
                    connection, vault, part, kinds=KINDS, purpose=f"referral:{start}", actor=ACTOR, now=NOW
                )
            )
    return count


def bare(rows: list[Row]) -> list[tuple[bytes, bytes]]:
    """HMAC and AES-GCM alone, with a key for each person."""
    ciphers = {who: AESGCM(os.urandom(32)) for who, _, _ in rows}
    key, sealed = os.urandom(32), []
    for who, _, value in rows:
        plain, nonce = value.encode(), os.urandom(12)
        token = hmac.digest(key, plain, "sha256")
        sealed.append((token, ciphers[who].encrypt(nonce, plain, token)))
    return sealed


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - the form of all benchmarks
    """One table: the vault on SQLite, and masking."""
    rows = people(max(1, size.transfers // len(KINDS)))
    rates: dict[str, list[float]] = {}
    for _ in range(size.rounds):
        for name, rate in _round(rows).items():
            rates.setdefault(name, []).append(rate)
    floor = statistics.median(rates[FLOOR])
    shown = tuple((name, spread(each), f"{statistics.median(each) / floor:.2f}") for name, each in rates.items())
    return [Table("The vault on SQLite: values a CPU second", ("way", "a CPU second", "of the floor"), shown, _NOTES)]


def _round(rows: list[Row]) -> dict[str, float]:
    subjects = sorted({who for who, _, _ in rows})
    texts = [
        f"我叫王小明，电话 138 {number:04} 5678，假货，订单 {10**17 + number}" for number in range(len(rows) // 4 + 1)
    ]
    with (
        tempfile.TemporaryDirectory(prefix="agora-vault-") as folder,
        closing(open_store(f"{folder}/agora.db")) as store,
    ):
        vault = Vault(KeyRing([b"k" * 32]), os.urandom)
        read: list[int] = []
        ways: dict[str, tuple[Callable[[], object], int]] = {
            FLOOR: (lambda: bare(rows), len(rows)),
            "tokens alone": (lambda: [token_of(vault.keys, kind, value) for _, kind, value in rows], len(rows)),
            "put away": (lambda: kept(store, vault, rows), len(rows)),
            "put away again": (lambda: kept(store, vault, rows), len(rows)),
            "read back": (lambda: read.append(revealed(store, vault, subjects)), len(rows)),
            "texts masked": (lambda: [masked(text, labelled) for text in texts], len(texts)),
        }
        rates = {name: count / max(1e-9, timed(way)) for name, (way, count) in ways.items()}
    assert read == [len(rows)]
    return rates


_NOTES: Final = (
    f"Five values of each person, in batches of {BATCH:,}; who reads has an entry in the audit log for each person.",
    f"Goal: {GOAL:,} put away, and read back.",
)
