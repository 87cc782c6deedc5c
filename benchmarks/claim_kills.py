"""Claims by 64 clients in several processes that are killed again and again: is anything given twice, lost or stranded?

python -m benchmarks.claim_kills [--kills 20] [--rush] [--url postgresql://…]
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement.policy import load_policy
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store, open_store
from agoranomos.promotions.budgets import leases
from agoranomos.promotions.budgets.model import Asked
from agoranomos.promotions.budgets.policy import Rush
from agoranomos.promotions.budgets.tables import promo_coupons, promo_leases
from agoranomos.promotions.campaigns.queries import put_declared
from agoranomos.promotions.guard.model import Rules
from agoranomos.promotions.rooms import Promotions

CAMPAIGN: Final = "kills"
FACE: Final = 500
CAP: Final = 2
ACCOUNTS: Final = 5_000
_CHILD: Final = "import sys; from benchmarks.claim_kills import claim_on; claim_on(*sys.argv[1:])"
_PAUSE_S_MAX: Final = 0.6


class Outcome(msgspec.Struct, frozen=True):
    """`kills` of processes; coupons `acknowledged` to clients and `kept` in the store; what is wrong: acknowledged and
    not there (`lost`), beyond the budget or a cap (`over`), neither left nor given when all is over (`stranded`), and
    what the ledger's trial balance finds (`unbalanced`). `exhausted`: the budget could be given to its last coupon.
    """

    kills: int
    acknowledged: int
    kept: int
    lost: int
    over: int
    stranded: int
    unbalanced: int
    exhausted: bool

    @property
    def whole(self) -> bool:
        """Whether all is as it must be."""
        return self.exhausted and not (self.lost or self.over or self.stranded or self.unbalanced)


def claim_on(url: str, seed: str, clients: str, told: str, rush: str) -> None:
    """A process of clients that claim until they are refused for lack of budget, and note what they were given. With
    `rush` one claim is a rush, and the process writes its segments as rows and ends it, now and then.
    """
    store = open_store(url)
    rooms = _rooms(store, rush=bool(rush))
    till = rooms.guard.till
    spent = threading.Event()

    def client(number: int) -> None:
        draw = random.Random(f"{seed}/{number}")
        with Path(f"{told}.{seed}.{number}").open("a", buffering=1) as notes:
            while not spent.is_set():
                verdict, _ = till.submit(_drawn(draw)).result()
                if verdict.why == "budget_spent":
                    spent.set()
                elif verdict.why is None and verdict.coupon is not None:
                    notes.write(verdict.coupon.coupon_id + "\n")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(int(clients))]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    draw = random.Random(seed)
    while rush and not spent.wait(draw.uniform(0, _PAUSE_S_MAX)):
        with suppress(sa.exc.OperationalError), store.transaction() as connection:
            rooms.guard.follower.settle(connection, datetime.now(UTC))
    for thread in threads:
        thread.join()
    till.close()
    store.close()


def torment(
    url: str, folder: Path, *, kills: int, budget: int, processes: int = 4, seed: int = 0, rush: bool = False
) -> Outcome:  # fmt: skip
    """Kills processes of together 64 clients at random moments, lets the rest come to the end of the budget, and holds
    what they were told against the store at `url`, which is new and has its tables.
    """
    store = open_store(url)
    now = datetime.now(UTC)
    entry: dict[str, Any] = {
        "id": CAMPAIGN, "benefit": {"kind": "fixed", "value": {"amount": FACE, "currency": "CNY"}},
        "budget": {"count": budget, "amount": {"amount": budget * FACE, "currency": "CNY"}},
        "per_account": {"count": CAP}, "per_device": {"count": budget},
    }  # fmt: skip
    with store.transaction() as connection:
        put_declared(connection, CAMPAIGN, entry, now - timedelta(hours=1))
    draw, told, killed = random.Random(seed), folder / "told", 0
    running = [_start(url, told, seed + number, 64 // processes, rush=rush) for number in range(processes)]
    while killed < kills and any(child.poll() is None for child in running):
        time.sleep(draw.uniform(0, _PAUSE_S_MAX))
        place = draw.randrange(processes)
        running[place].kill()  # SIGKILL
        running[place].wait()
        killed += 1
        running[place] = _start(url, told, seed + processes + killed, 64 // processes, rush=rush)
    for child in running:
        child.wait()
    return _held_against(store, told, killed, budget, rush=rush)


def _held_against(store: Store, told: Path, killed: int, budget: int, *, rush: bool) -> Outcome:
    rooms = _rooms(store, rush=rush)
    desk = rooms.desk
    noted = [line for path in told.parent.glob(f"{told.name}.*") for line in path.read_text().split()]
    with closing(store), store.transaction() as connection:
        later = datetime.now(UTC) + timedelta(minutes=5)  # all blocks are over, and no reservation is
        while leases.close_expired(connection, later):
            pass
        while not rooms.guard.follower.settle(connection, later):
            pass
        assert not connection.execute(sa.select(promo_leases).where(promo_leases.c.closed_at.is_(None))).all()
        rows = connection.execute(sa.select(promo_coupons)).all()
        declared = desk.declared(connection, CAMPAIGN)
        assert declared is not None
        terms = desk.rules.terms(declared.campaign)
        stranded = over = 0
        for purse, left, out in leases.balances(connection, terms, later):
            given = len(rows) if purse.counts else sum(row.amount for row in rows)
            stranded += abs(purse.limit - left - given) + out
            over += max(0, given - purse.limit)
        by_account = Counter(row.account_id for row in rows)
        over += sum(count - CAP for count in by_account.values() if count > CAP)
        unbalanced = len(trial_balance(connection))
    kept = {row.coupon_id for row in rows}
    return Outcome(
        kills=killed, acknowledged=len(set(noted)), kept=len(kept), lost=len(set(noted) - kept), over=over,
        stranded=stranded, unbalanced=unbalanced, exhausted=len(kept) == budget,
    )  # fmt: skip


def _drawn(draw: random.Random) -> Asked:
    return Asked(
        coupon_id=f"k{draw.getrandbits(60):x}", campaign_id=CAMPAIGN, account_id=f"a{draw.randrange(ACCOUNTS)}",
        at=datetime.now(UTC), source="kills", event_id="e", device_id=f"d{draw.randrange(50)}",
    )  # fmt: skip


def _rooms(store: Store, *, rush: bool) -> Promotions:
    rooms = Promotions(lambda: store, load_policy(), lambda: datetime.now(UTC))
    policies = rooms.desk.rules.policies
    begins = Rush(claims=1 if rush else None, quiet_s=0)
    budgets = msgspec.structs.replace(policies.budgets, rush=begins)
    rooms.desk.rules = Rules(msgspec.structs.replace(policies, budgets=budgets))
    return rooms


def _start(url: str, told: Path, seed: int, clients: int, *, rush: bool) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CHILD, url, str(seed), str(clients), str(told), "rush" * rush]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
    return child


def main() -> int:
    """Runs and prints; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claim_kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--budget", type=int, default=8_000)
    parser.add_argument("--rush", action="store_true", help="claims in segments, which become rows later")
    parser.add_argument("--url", help="a new database with its tables; an SQLite file by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="agora-claims-") as folder:
        url = options.url or f"sqlite:///{folder}/claims.db"
        store = open_store(url)
        store.upgrade()
        store.close()
        outcome = torment(url, Path(folder), kills=options.kills, budget=options.budget, rush=options.rush)
    print(msgspec.json.encode(outcome).decode())
    return 0 if outcome.whole else 1


if __name__ == "__main__":
    sys.exit(main())
