"""What claims in segments would reach on PostgreSQL: the design of docs/decisions/0067, alone, with its rules.

A campaign's claims are a sequence of segments whose primary key is (campaign, number). Who has read all segments below
n decides a batch in memory and inserts segment n; who loses that race takes his decisions back, reads, and decides
again. No lock, no leader; a kill leaves nothing or a whole segment.

`python -m benchmarks --only claims` has its claims a second. `python -m benchmarks.claim_segments [--kills 20]` kills
processes of claimants, and holds what they were told against the segments.
"""

from __future__ import annotations

import argparse
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np
import psycopg
import pyarrow as pa

from benchmarks import claim_segments_kernel as kernel
from benchmarks.claim_segments_kernel import CLAIMED, GIVEN, GONE, SPENT, Bytes, Numbers, Offsets, Words
from benchmarks.ledger import _postgresql as postgresql

BATCH: Final = 4_000
_KEY: Final = np.array([0x0706050403020100, 0x0F0E0D0C0B0A0908], np.uint64)
"""Of the hashes: a secret of the installation where names come from outside."""
_HEAD: Final = struct.Struct("<iii")
_SLOTS: Final = 1 << 16
_CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS bench_segments (campaign text, number int, kind int, body bytea)",
    "CREATE UNIQUE INDEX IF NOT EXISTS bench_fence ON bench_segments (campaign, number)",
    "ALTER TABLE bench_segments ALTER body SET STORAGE EXTERNAL",  # names hardly shrink; compressing costs more
)
_READ: Final = "SELECT number, kind, body FROM bench_segments WHERE campaign = %s AND number >= %s ORDER BY number"
_WRITE: Final = "INSERT INTO bench_segments VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
_CLAIMS: Final = 0
"""The kind of a segment of claims; others are of coupons that are CLAIMED for good or GONE."""
_PAUSE_S_MAX: Final = 0.3


class Terms(msgspec.Struct, frozen=True):
    """A campaign: coupons, money in minor units, coupons of an account, what each takes off."""

    count: int = 10**9
    money: int = 10**12
    cap: int = 3
    amount: int = 500


class Column(msgspec.Struct, frozen=True):
    """Texts, one after another, where each ends, and their hashes."""

    raw: Bytes
    ends: Offsets
    hashes: tuple[Words, Words]


def column(texts: Sequence[str]) -> Column:
    """Of a list of texts."""
    array = pa.array(texts, pa.string())
    _, ends, raw = array.buffers()
    offsets = np.frombuffer(ends, np.int32, len(array) + 1)
    return hashed(np.frombuffer(raw, np.uint8, offsets[-1]), offsets)


def hashed(raw: Bytes, ends: Offsets) -> Column:
    """Of what a segment holds."""
    low, high = np.empty(len(ends) - 1, np.uint64), np.empty(len(ends) - 1, np.uint64)
    kernel.hash_all(raw, ends, _KEY, low, high)
    return Column(raw, ends, (low, high))


class Shelf(Protocol):
    """Where the segments of a campaign are kept."""

    def since(self, number: int) -> list[tuple[int, int, bytes]]:
        """Number, kind and body of those from `number` on, in order."""

    def put(self, number: int, kind: int, body: bytes) -> bool:
        """Keeps a segment for good; False where there is one of that number."""


class Rows:
    """Segments in rows of PostgreSQL, a commit each."""

    def __init__(self, url: str, campaign: str) -> None:
        """On a connection of its own to `url`, which has the table."""
        self._connection = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
        self._campaign = campaign

    def since(self, number: int) -> list[tuple[int, int, bytes]]:
        """As `Shelf`."""
        return self._connection.execute(_READ, (self._campaign, number), binary=True).fetchall()

    def put(self, number: int, kind: int, body: bytes) -> bool:
        """As `Shelf`."""
        row = (self._campaign, number, kind, body)
        return self._connection.execute(_WRITE, row, prepare=True, binary=True).rowcount == 1


class Segments:
    """One process and one campaign; not for several threads at once."""

    def __init__(self, shelf: Shelf, terms: Terms) -> None:
        self._shelf, self.terms = shelf, terms
        self.number = 0
        self.lost = 0
        self.purse: Numbers = np.array([terms.count, terms.money, 0, 0], np.int64)
        self._known = (*_names(_SLOTS), np.zeros(_SLOTS, np.int64), np.zeros(_SLOTS, np.uint8))
        self._holders = (*_names(_SLOTS), np.zeros(_SLOTS, np.int64))

    @property
    def bytes_held(self) -> int:
        """Memory of the tables."""
        return sum(each.nbytes for each in (*self._known, *self._holders))

    def catch_up(self) -> None:
        """Reads what others have written since."""
        for number, kind, body in self._shelf.since(self.number):
            assert number == self.number, "numbers have no gaps"
            coupons, accounts, _ = unpacked(body)
            if kind == _CLAIMS:
                verdicts, _ = self._decide(coupons, accounts)
                assert not verdicts.any(), "what stands in a segment was given"
            else:
                assert self._change(coupons, kind).all(), "what a segment changes was reserved"
            self.number += 1

    def claim(self, coupons: Sequence[str], accounts: Sequence[str], at: Numbers) -> Bytes:
        """A verdict for each (GIVEN, STANDS, …); those given are on disk. `at`: microseconds since 1970."""
        of, by = column(coupons), column(accounts)
        while True:
            verdicts, undo = self._decide(of, by)
            rows = np.flatnonzero(verdicts == GIVEN)
            if len(rows) == len(verdicts):
                body = packed(of, by, at)
            elif len(rows):
                some = rows.tolist()
                body = packed(column([coupons[row] for row in some]), column([accounts[row] for row in some]), at[rows])
            else:
                body = b""  # a refusal holds as of the last segment read: make sure that there is none since
            if self._written(_CLAIMS, body):
                return verdicts
            kernel.take_back(self._known, self._holders, self.terms.amount, self.purse, undo)
            self.catch_up()

    def change(self, coupons: Sequence[str], to: int) -> Bytes:
        """Settles reserved coupons (`to` CLAIMED) or gives them back (GONE), on disk; for each, whether it was done."""
        of = column(coupons)
        while True:
            done = self._change(of, to)
            rows = np.flatnonzero(done).tolist()
            part = column([coupons[row] for row in rows])
            if self._written(to, packed(part, column([]), np.empty(0, np.int64)) if rows else b""):
                return done
            kernel.revert(of.hashes, self._known, self._holders, self.terms.amount, self.purse, done)
            self.catch_up()

    def _written(self, kind: int, body: bytes) -> bool:
        if not body:
            return not self._shelf.since(self.number)
        written = self._shelf.put(self.number, kind, body)
        self.number += written
        self.lost += not written
        return written

    def _decide(self, coupons: Column, accounts: Column) -> tuple[Bytes, Numbers]:
        rows = len(coupons.ends) - 1
        self._make_room(rows)
        verdicts, undo = np.empty(rows, np.uint8), np.empty((4, rows), np.int64)
        terms = (self.terms.cap, self.terms.amount)
        kernel.decide(
            coupons.hashes, self._known, accounts.hashes, self._holders, terms, self.purse, verdicts, undo
        )  # fmt: skip
        return verdicts, undo

    def _change(self, coupons: Column, to: int) -> Bytes:
        done = np.empty(len(coupons.ends) - 1, np.uint8)
        kernel.change(coupons.hashes, self._known, self._holders, to, self.terms.amount, self.purse, done)
        return done

    def _make_room(self, more: int) -> None:
        """Tables stay half empty."""
        if 2 * (self.purse[3] + more) > len(self._holders[0]):
            old, slots = self._holders, _slots(int(self.purse[3]) + more)
            self._holders, places = (*_names(slots), np.zeros(slots, np.int64)), np.empty(len(old[0]), np.int64)
            kernel.move(old[:2], self._holders[:2], places)
            there = old[1] != 0
            self._holders[2][places[there]] = old[2][there]
            there = self._known[1] != 0
            self._known[2][there] = places[self._known[2][there]]
        if 2 * (self.purse[2] + more) > len(self._known[0]):
            was, slots = self._known, _slots(int(self.purse[2]) + more)
            self._known = (*_names(slots), np.zeros(slots, np.int64), np.zeros(slots, np.uint8))
            places = np.empty(len(was[0]), np.int64)
            kernel.move(was[:2], self._known[:2], places)
            there = was[1] != 0
            self._known[2][places[there]], self._known[3][places[there]] = was[2][there], was[3][there]


def _names(slots: int) -> tuple[Words, Words]:
    return np.zeros(slots, np.uint64), np.zeros(slots, np.uint64)


def _slots(names: int) -> int:
    return 1 << (4 * names - 1).bit_length()


def packed(coupons: Column, accounts: Column, at: Numbers) -> bytes:
    """The body of a segment: lengths, ends, moments, texts."""
    head = _HEAD.pack(len(coupons.ends) - 1, len(accounts.ends) - 1, len(coupons.raw))
    columns = (coupons.ends, accounts.ends, at, coupons.raw, accounts.raw)
    return b"".join((head, *(each.tobytes() for each in columns)))


def unpacked(body: bytes) -> tuple[Column, Column, Numbers]:
    """Coupons, accounts and moments of a segment."""
    coupons, accounts, raw = _HEAD.unpack_from(body)
    place = _HEAD.size
    of = np.frombuffer(body, np.int32, coupons + 1, place)
    by = np.frombuffer(body, np.int32, accounts + 1, place + of.nbytes)
    at = np.frombuffer(body, np.int64, accounts, place + of.nbytes + by.nbytes)
    texts = np.frombuffer(body, np.uint8, -1, place + of.nbytes + by.nbytes + at.nbytes)
    return hashed(texts[:raw], of), hashed(texts[raw:], by), at


def texts(one: Column) -> list[str]:
    """The texts of a column."""
    raw, ends = one.raw.tobytes(), one.ends.tolist()
    return [raw[start:end].decode() for start, end in pairwise(ends)]


def opened(url: str, campaign: str, terms: Terms) -> Segments:
    """On a connection of its own to `url`, which has the table."""
    return Segments(Rows(url, campaign), terms)


def create(url: str) -> None:
    """Makes the table."""
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        for each in _CREATE:
            connection.execute(each)


def claim_on(url: str, campaign: str, seed: str, terms: str, told: str) -> None:
    """A process that claims, settles and gives back until nothing is left, and notes what it was told."""
    kept = msgspec.json.decode(terms, type=Terms)
    segments, draw = opened(url, campaign, kept), random.Random(seed)
    print("ready", flush=True)
    accounts = kept.count  # twice as many places as coupons, at a cap of two
    with Path(f"{told}.{seed}").open("a", buffering=1) as notes:
        verdicts = np.zeros(1, np.uint8)
        while not (verdicts == SPENT).any():
            size = draw.randint(BATCH // 2, BATCH)
            coupons = [f"k{draw.getrandbits(24):x}" for _ in range(size)]
            by = [f"a{draw.randrange(accounts)}" for _ in range(size)]
            verdicts = segments.claim(coupons, by, np.full(size, time.time_ns() // 1000))
            mine = [
                f"{coupon} {account}" for coupon, account, v in zip(coupons, by, verdicts, strict=True) if v == GIVEN
            ]
            notes.write("".join(f"given {each}\n" for each in mine))
            given = [each.split()[0] for each in mine]
            if given and draw.random() < 0.3:
                done = segments.change(given[: len(given) // 2], CLAIMED)
                assert done.all()
                notes.write("".join(f"settled {each}\n" for each in given[: len(given) // 2]))
            elif given and draw.random() < 0.2:
                notes.write("".join(f"leaving {each}\n" for each in given[:50]))  # before: it may be done unheard
                segments.change(given[:50], GONE)


class Outcome(msgspec.Struct, frozen=True):
    """`kills` of processes, `segments` of them all; coupons `told` to claimants and `held` at the end; what is wrong:
    told and not there (`missing`), beyond the budget or a cap (`over`), given twice (`twice`).
    """

    kills: int
    segments: int
    told: int
    held: int
    missing: int
    over: int
    twice: int
    exhausted: bool

    @property
    def whole(self) -> bool:
        """Whether all is as it must be."""
        return self.exhausted and not (self.missing or self.over or self.twice)


def torment(url: str, folder: Path, *, kills: int, count: int, processes: int = 3, seed: int = 0) -> Outcome:
    """Kills claimants at random moments, lets the rest come to the end, and reads the segments by plain rules."""
    create(url)
    terms, draw, campaign = Terms(count=count, money=count * 500, cap=2), random.Random(seed), f"kills-{seed}"
    told, killed = folder / "told", 0
    running = [_start(url, campaign, seed + place, terms, told) for place in range(processes)]
    while killed < kills and any(child.poll() is None for child in running):
        time.sleep(draw.uniform(0, _PAUSE_S_MAX))
        place = draw.randrange(processes)
        running[place].kill()  # SIGKILL
        running[place].wait()
        killed += 1
        running[place] = _start(url, campaign, seed + processes + killed, terms, told)
    for child in running:
        assert child.wait() == 0
    return _held_against(url, campaign, terms, told, killed)


def _held_against(url: str, campaign: str, terms: Terms, told: Path, killed: int) -> Outcome:
    held: dict[str, str] = {}
    by_account: Counter[str] = Counter()
    settled: set[str] = set()
    twice = over = number = 0
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        for _, kind, body in connection.execute(_READ, (campaign, 0), binary=True):
            number += 1
            coupons, accounts, _ = unpacked(body)
            if kind == _CLAIMS:
                for coupon, account in zip(texts(coupons), texts(accounts), strict=True):
                    twice += coupon in held
                    held[coupon] = account
                    by_account[account] += 1
                    over += by_account[account] > terms.cap
                over += len(held) > terms.count
                continue
            for coupon in texts(coupons):
                assert coupon in held, "only what was given is changed"
                assert coupon not in settled, "what is claimed for good is not reserved"
                if kind == GONE:
                    by_account[held.pop(coupon)] -= 1
                else:
                    settled.add(coupon)
    noted = [line.split() for path in told.parent.glob(f"{told.name}.*") for line in path.read_text().splitlines()]
    leaving = {words[1] for words in noted if words[0] == "leaving"}
    given = {words[1]: words[2] for words in noted if words[0] == "given" and len(words) == 3}
    missing = sum(held.get(each) is None for each in given if each not in leaving)
    missing += len({words[1] for words in noted if words[0] == "settled" and len(words) == 2} - settled)
    return Outcome(
        kills=killed, segments=number, told=len(given), held=len(held), missing=missing, over=over, twice=twice,
        exhausted=len(held) == terms.count,
    )  # fmt: skip


_CHILD: Final = "import sys; from benchmarks.claim_segments import claim_on; claim_on(*sys.argv[1:])"


def _start(url: str, campaign: str, seed: int, terms: Terms, told: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CHILD, url, campaign, str(seed), msgspec.json.encode(terms).decode(), str(told)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
    return child


def main() -> int:
    """Runs and prints; 1 when something is wrong, or there is no PostgreSQL."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claim_segments", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--coupons", type=int, default=2_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="agora-claims-") as folder, postgresql() as url:
        if url is None:
            return 1
        outcome = torment(url, Path(folder), kills=options.kills, count=options.coupons)
    print(msgspec.json.encode(outcome).decode())
    return 0 if outcome.whole else 1


if __name__ == "__main__":
    sys.exit(main())
