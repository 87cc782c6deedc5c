"""Has a system work while things go wrong, and holds what came of it against what must hold."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit import actions as audit
from agoranomos.audit import queries as entries
from agoranomos.audit import verifying
from agoranomos.audit.model import read_leaf
from agoranomos.audit.notes import SigningKey
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.ledger import posting, queries
from agoranomos.kernel.ledger.model import Account
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store
from benchmarks.faults.member import AMOUNT, CREDIT, DEBIT, KIND, VERB
from benchmarks.faults.proxy import Proxy

KEY: Final = SigningKey("faults.example/audit", b"k" * 32)
PATIENCE_S: Final = 180.0
_PAUSE_S: Final = 0.05
_ATTEMPTS_MAX: Final = 1_000
"""A fault is not the job's: no job may be given up."""
_FULL_BYTES: Final = 1 << 17


class Result(msgspec.Struct, frozen=True):
    """`faults` were done while `jobs` were worked off; what was done twice, or not at all; what else cannot be."""

    fault: str
    jobs: int
    faults: int
    lost: int
    doubled: int
    unbalanced: int
    unverified: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether everything was done once, the books are right and the log is as it was signed."""
        return not (self.lost or self.doubled or self.unbalanced or self.unverified)


class System:
    """Two members on one store, as a fault meets them; `url` is what they are given, by way of `proxy` if there is
    one."""

    def __init__(self, store: Store, url: str, draw: random.Random, proxy: Proxy | None = None) -> None:
        self.store = store
        self.draw = draw
        self.proxy = proxy
        self._url = url
        self._count = 0
        self.offsets = [0.0, 0.0]
        self.file_bytes_max = 0
        self.members: list[subprocess.Popen[str]] = []

    def begin(self) -> None:
        """Starts both."""
        self.members = [self._started(which) for which in range(len(self.offsets))]

    def _started(self, which: int) -> subprocess.Popen[str]:
        self._count += 1
        words = [self._url, f"member-{self._count}", str(self.offsets[which]), str(self.file_bytes_max)]
        made = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.faults.member", *words],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert made.stdout is not None
        made.stdout.readline()  # ready, or dead of the fault: then its time comes again
        return made

    def again(self, which: int, number: signal.Signals) -> None:
        """Ends a member by a signal and starts another one in its place."""
        self.members[which].send_signal(number)
        self.ended(which)
        self.members[which] = self._started(which)

    def ended(self, which: int) -> None:
        """Waits for the end of a member."""
        self.members[which].communicate(timeout=PATIENCE_S)

    def end(self) -> None:
        """Ends both, whatever they are at."""
        for which, member in enumerate(self.members):
            member.kill()
            self.ended(which)


def kill(system: System) -> None:
    """A process is gone, and comes back."""
    system.again(system.draw.randrange(2), signal.SIGKILL)


def roll(system: System) -> None:
    """A new version, one process after the other."""
    for which in range(len(system.members)):
        system.again(which, signal.SIGTERM)


def hang_up(system: System) -> None:
    """The database hangs up on everybody."""
    assert system.proxy is not None
    time.sleep(0.2)
    system.proxy.cut()


def go_away(system: System) -> None:
    """The database is away for longer than a lease."""
    assert system.proxy is not None
    system.proxy.refusing = True
    system.proxy.cut()
    time.sleep(2.0)
    system.proxy.refusing = False


def dawdle(system: System) -> None:
    """The network is slow, so that leases run out over what is being done."""
    assert system.proxy is not None
    system.proxy.delay_s = 0.2
    time.sleep(3.0)
    system.proxy.delay_s = 0.0


def misdate(system: System) -> None:
    """A clock jumps by an hour: to one process all leases of the other seem to have ended."""
    system.offsets[1] = system.draw.choice((-3_600.0, 3_600.0))
    system.again(1, signal.SIGTERM)


def jump(system: System) -> None:
    """The clock of a process that runs jumps by an hour, and back again."""
    forth, back = system.draw.choice(((signal.SIGUSR1, signal.SIGUSR2), (signal.SIGUSR2, signal.SIGUSR1)))
    which = system.draw.randrange(2)
    system.members[which].send_signal(forth)
    time.sleep(0.3)
    system.members[which].send_signal(back)


def fill_up(system: System) -> None:
    """No file can grow any more; then there is room again."""
    system.file_bytes_max = _FULL_BYTES
    roll(system)
    time.sleep(0.5)
    system.file_bytes_max = 0
    roll(system)


FAULTS: Final[dict[str, Callable[[System], None]]] = {
    "killed": kill, "rolling restart": roll, "a clock an hour off": misdate, "a clock that jumps": jump,
    "no room on the disk": fill_up,
    "connections cut": hang_up, "database away": go_away, "slow network": dawdle,
}  # fmt: skip
OF_A_NETWORK: Final = frozenset(("connections cut", "database away", "slow network"))
OF_A_FILE: Final = frozenset(("no room on the disk",))


def torment(
    store: Store, url: str, fault: str, *, jobs: int, faults: int, proxy: Proxy | None = None, seed: int = 0
) -> Result:
    """Has two processes work off `jobs` while `fault` happens `faults` times; each job is asked for twice."""
    begun = time.monotonic()
    _asked(store, jobs)
    system = System(store, url, random.Random(seed), proxy)
    done = 0
    try:
        system.begin()
        while True:
            left = _left(store)
            if done < faults and left <= jobs * (faults - done) // (faults + 1):
                FAULTS[fault](system)
                done += 1
            elif not left:
                break
            if time.monotonic() - begun > PATIENCE_S:
                raise TimeoutError(f"{left} jobs are left after {PATIENCE_S:.0f} s of {fault}")
            time.sleep(_PAUSE_S)
    finally:
        system.end()
    return _held_against(store, fault, jobs, done, time.monotonic() - begun)


def _asked(store: Store, jobs: int) -> None:
    now = system_clock()
    with store.transaction() as connection:
        accounts = [
            Account(id=DEBIT, unit="CNY", kind="faults", opened_at=now, floor=None),
            Account(id=CREDIT, unit="CNY", kind="faults", opened_at=now),
        ]
        posting.open_accounts(connection, accounts)
    for _ in range(2):  # a duplicate of every wish
        with store.transaction() as connection:
            for number in range(jobs):
                queue.enqueue(connection, KIND, f"job-{number}", due_at=now, now=now, attempts_max=_ATTEMPTS_MAX)


def _left(store: Store) -> int:
    with store.reading() as connection:
        return sum(1 for job in queue.listed(connection, state="waiting", kind=KIND, limit=10_000))


def _held_against(store: Store, fault: str, jobs: int, faults: int, seconds: float) -> Result:
    with store.transaction() as connection:
        audit.checkpoint(connection, KEY, system_clock())
    with store.reading() as connection:
        report = verifying.verify(connection, [KEY.verifier])
        wrong = trial_balance(connection)
        balance = queries.balance(connection, CREDIT)
        told = _told(connection)
    paid = balance.credits_posted // AMOUNT
    doubled = sum(count - 1 for count in told.values())
    return Result(
        fault=fault, jobs=jobs, faults=faults, lost=jobs - len(told), doubled=max(doubled, paid - jobs),
        unbalanced=len(wrong) + (paid != jobs), unverified=len(report.findings), seconds=round(seconds, 1),
    )  # fmt: skip


def _told(connection: sa.Connection) -> Counter[str]:
    """How often the log says of each job that it was done."""
    found: Counter[str] = Counter()
    for kept in entries.entries(connection):
        entry = read_leaf(kept.leaf)
        if entry.verb == VERB:
            found[entry.subject_id] += 1
    return found
