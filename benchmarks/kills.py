"""`agora ingest`, killed again and again at random moments until it has read its file: is anything lost or doubled?

python -m benchmarks.kills [--kills 30] [--events 20000]
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.intake import progress
from agoranomos.intake.ingesting import sources_of
from agoranomos.intake.tables import intake_events
from agoranomos.kernel.store import open_store

BROKEN_EVERY: Final = 97
_CHUNK_LINES: Final = 100  # small chunks, so that kills fall between and into many transactions
_PAUSE_S_MAX: Final = 0.5
_CHILD: Final = """
import sys
from pathlib import Path
from agoranomos.intake import ingesting
from agoranomos.main import cli
from agoranomos.wiring import Wiring
ingesting.CHUNK_LINES = int(sys.argv[2])
wiring = Wiring(Path(sys.argv[3]))
wiring.vault(), wiring.store(), wiring.hearers(), wiring.notings()  # what an ingest imports and opens
print("ready", flush=True)
cli(["ingest", sys.argv[1], "--json"])
"""


class Outcome(msgspec.Struct, frozen=True):
    """`kills` before it came to its end, `amid` of them with a part of the file in the store; what the store holds
    twice or not at all, or holds without need.
    """

    kills: int
    amid: int
    events: int
    lost: int
    doubled: int
    strange: int
    rejects_wrong: int

    @property
    def whole(self) -> bool:
        """Whether the store holds the file, no more and no less."""
        return not (self.lost or self.doubled or self.strange or self.rejects_wrong)


def write_events(path: Path, count: int) -> tuple[list[str], list[int]]:
    """A file of `count` lines, some of them broken; the ids of the events and the numbers of the broken lines."""
    ids, broken = [], []
    with path.open("wb") as file:
        for number in range(1, count + 1):
            if number % BROKEN_EVERY == 0:
                broken.append(number)
                file.write(b'{"id": "broken"\n')
                continue
            ids.append(f"e{number}")
            file.write(msgspec.json.encode(_event(number)) + b"\n")
    return ids, broken


def _event(number: int) -> dict[str, object]:
    personal = number % 5 == 0
    data = {"seller_id": f"s{number % 50}", "application_id": f"a{number}", "legal_name": f"Name {number % 70}"}
    return {
        "id": f"e{number}",
        "source": f"source-{number % 3}",
        "type": "seller.applied" if personal else "order.delivered",
        "time": "2026-05-01T08:00:00Z",
        "data": data | {"id_kind": "passport", "id_number": f"P{number}"} if personal else {"order_id": f"o{number}"},
    }


def torment(folder: Path, *, kills: int, events: int, seed: int = 0) -> Outcome:
    """Kills an ingest up to `kills` times, lets it finish, and holds the store in `folder` against the file."""
    draw = random.Random(seed)
    path, home = folder / "events.jsonl", folder / "home"
    ids, broken = write_events(path, events)
    killed = amid = 0
    while killed < kills and not _run(path, home, draw.uniform(0, _PAUSE_S_MAX), moved=killed % 2 == 1):
        killed += 1
        amid += 0 < _line(home) < events
    if killed == kills:
        _run(path, home, None)
    return _compared(path, home, (killed, amid), ids, broken)


def _line(home: Path) -> int:
    """How far the file has been read."""
    with closing(sqlite3.connect(home / "agoranomos.sqlite3")) as connection:
        return int(connection.execute("SELECT coalesce(max(line), 0) FROM intake_files").fetchone()[0])


def _run(path: Path, home: Path, pause_s: float | None, *, moved: bool = False) -> bool:
    """Whether it came to its end before it was killed, so many seconds after it was ready to read; or, `moved`, after
    it was further than the run before, which happens amid the file however slow the machine is.
    """
    command = [sys.executable, "-c", _CHILD, str(path), str(_CHUNK_LINES), str(home)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(home), text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        if pause_s is not None:
            before = _line(home) if moved else -1
            while moved and child.poll() is None and _line(home) <= before:
                time.sleep(0.01)
            time.sleep(pause_s)
            child.kill()  # SIGKILL
        child.stdout.read()
        return child.wait() == 0


def _environment(home: Path) -> dict[str, str]:

    return {**os.environ, "AGORA_HOME": str(home)}


def _compared(path: Path, home: Path, kills: tuple[int, int], ids: list[str], broken: list[int]) -> Outcome:
    store = open_store(str(home / "agoranomos.sqlite3"))
    with store.reading() as connection:
        held = connection.execute(sa.select(intake_events.c.id).order_by(intake_events.c.position)).scalars().all()
        run = progress.run_id(sources_of([str(path)]))
        rejects = [reject.line for reject in progress.rejects_of(connection, run)]
    store.close()
    counts = Counter(held)
    return Outcome(
        kills=kills[0],
        amid=kills[1],
        events=len(ids),
        lost=len(set(ids) - set(counts)),
        doubled=sum(count - 1 for count in counts.values()),
        strange=len(set(counts) - set(ids)) + (list(held) != ids),
        rejects_wrong=int(rejects != broken),
    )


def main() -> int:
    """Runs and prints; 1 when something was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--events", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="agora-kills-") as folder:
        outcome = torment(Path(folder), kills=options.kills, events=options.events)
    print(msgspec.json.encode(outcome).decode())
    return 0 if outcome.whole else 1


if __name__ == "__main__":
    sys.exit(main())
