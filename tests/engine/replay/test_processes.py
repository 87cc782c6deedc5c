"""A replay in several processes says what one process says, byte for byte; and what becomes of it when one ends."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.engine.replay.beside import Beside
from agoranomos.engine.replay.blocks import write_block
from agoranomos.engine.replay.desks import Desks, Seat
from agoranomos.engine.replay.hearing import Hearing
from agoranomos.engine.replay.outputs import Line, merged_lines
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.reading import read
from agoranomos.engine.replay.run import replay_desks
from agoranomos.engine.replay.work import Taken, Work
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import parse_event
from tests.drawing import examples
from tests.engine.replay import dice
from tests.engine.stream.monitors import Echo, make_event

SILENT = Progress(lambda _: None)


def history(seed: int, count: int) -> list[dict[str, Any]]:
    """Events of three types in order, several at one moment, and repeats."""
    draw = random.Random(seed)
    made, minutes = [], 0.0
    for number in range(count):
        minutes += draw.choice((0, 0, 0.001, 1, 7, 200))
        event = make_event(f"e{number:05}", minutes)
        match draw.choice(dice.TYPES):
            case "listing.removed":
                event |= {"type": "listing.removed", "data": {"listing_id": f"l{number}", "by": "seller"}}
            case "store.closed":
                event |= {"type": "store.closed", "data": {"store_id": f"s{number}", "reason": "voluntary"}}
        made += [event] * draw.choice((1, 1, 1, 2))
    return made


def written(path: Path, events: list[dict[str, Any]]) -> Path:
    path.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
    return path


def replayed(path: Path, out: Path, desks: Desks, processes: int) -> dict[str, bytes]:
    replay_desks(event_files([path]), desks, out, progress=SILENT, processes=processes, own_process_bytes_min=0)
    return {each.name: each.read_bytes() for each in out.iterdir()}


def taken_of(path: Path, folder: Path) -> tuple[Work, Taken]:
    folder.mkdir()
    work = Work(tuple(event_files([path])), str(folder), str(folder / "rejects"), 40_000)
    return work, read(work, lambda _: None)


def told(work: Work, taken: Taken, desks: Desks, shares: list[list[int]], folder: Path) -> list[Line]:
    """What is merged from these shares, each heard as in a process of its own."""
    files = []
    for number, share in enumerate(shares):
        files.append(folder / f"said-{number}")
        with files[-1].open("wb") as kept:
            for lines in Hearing(desks, share).lines(work, taken, lambda _: None):
                write_block(kept, lines)
    return list(merged_lines(files))


@pytest.mark.parametrize("seed", range(6))
def test_whoever_sits_with_whom_the_order_is_that_of_one_run(seed: int, tmp_path: Path) -> None:
    events = history(seed, examples(200) if seed else 700)
    desks = dice.desks(seed)
    work, taken = taken_of(written(tmp_path / "e.jsonl", events), tmp_path / "work")
    whole = Run([monitor for _, monitor in desks.monitors()])
    unique = [*{event["id"]: parse_event(event) for event in events}.values()]
    said = [*whole.feed([event for event in unique if event.type in whole.hears]), *whole.pass_until(unique[-1].time)]
    expected = [msgspec.json.encode(each) + b"\n" for each in said]
    refused = [msgspec.json.encode(each) + b"\n" for each in whole.refused()]
    draw = random.Random(seed)
    numbers = [*range(len(desks.seats))]
    for processes in (1, 2, 3, len(numbers)):
        draw.shuffle(numbers)
        shares = [numbers[first::processes] for first in range(processes)]
        lines = told(work, taken, desks, shares, tmp_path)
        assert [text for name, text in lines if name != "rejects.jsonl"] == expected
        assert [text for name, text in lines if name == "rejects.jsonl"] == refused
    assert len(expected) > len(unique), "the dice do speak"
    assert refused


@pytest.mark.slow
def test_processes_change_no_byte(tmp_path: Path) -> None:
    desks = dice.desks(7)
    path = written(tmp_path / "e.jsonl", history(7, 2_000))
    path.write_bytes(path.read_bytes() + b"no event\n")
    one = replayed(path, tmp_path / "one", desks, 1)
    assert replayed(path, tmp_path / "two", desks, 2) == one
    assert replayed(path, tmp_path / "three", desks, 3) == one
    summary = msgspec.json.decode(one["summary.json"])
    assert set(summary["monitors"]) == {monitor.name for _, monitor in desks.monitors()}
    assert summary["events"]["rejected"] == 1 + one["rejects.jsonl"].count(b"cannot use it")
    assert summary["events"]["repeated"] > 0
    for name in ("findings", "actions"):
        assert sum(summary[name].values()) == one[f"{name}.jsonl"].count(b"\n") > 0


def test_a_small_history_is_heard_here(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", history(1, 20))
    here: list[int] = []

    def make() -> list[Monitor]:
        here.append(os.getpid())
        return [Echo()]

    seats = (Seat("a", make), Seat("b", list))
    replay_desks(event_files([path]), Desks(seats), tmp_path / "out", progress=SILENT, processes=4)
    assert here == [os.getpid()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seat", "error", "words"),
    [
        (dice.killed, Invalid, "heard the events was stopped from outside"),
        (dice.refused, Invalid, "policy of echoes"),
        (partial(dice.echo, "a"), Conflict, "two monitors have one name"),
    ],
)
def test_what_goes_wrong_in_one_leaves_the_last_results(
    seat: Any, error: type[Exception], words: str, tmp_path: Path
) -> None:
    path, out = written(tmp_path / "e.jsonl", history(2, 30)), tmp_path / "out"
    before = replayed(path, out, Desks((Seat("a", partial(dice.echo, "a")),)), 1)
    with pytest.raises(error, match=words):
        replayed(path, out, Desks((Seat("a", partial(dice.echo, "a")), Seat("b", seat))), 2)
    assert {each.name: each.read_bytes() for each in out.iterdir()} == before
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_what_cannot_be_made_is_said_while_the_events_are_read() -> None:
    with Beside("heard", dice.refuse) as beside, pytest.raises(Invalid, match="policy of echoes"):
        beside.hear()


WAITING = """
import sys
from functools import partial
from pathlib import Path
from agoranomos.engine.replay.desks import Desks, Seat
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay_desks
from agoranomos.engine.stream.lines import event_files
from tests.engine.replay import dice
desks = Desks((Seat("a", partial(dice.echo, "a")), Seat("b", dice.wait_for_ever)))
try:
    replay_desks(
        event_files([sys.argv[1]]), desks, Path(sys.argv[2]), progress=Progress(print), processes=2,
        own_process_bytes_min=0,
    )
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.slow
def test_an_interruption_ends_all_processes_and_leaves_nothing(tmp_path: Path) -> None:
    path, out = written(tmp_path / "e.jsonl", history(3, 10)), tmp_path / "out"
    command = [sys.executable, "-c", WAITING, str(path), str(out)]
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    with subprocess.Popen(command, start_new_session=True, env=environment, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        child = int(run.stdout.readline())  # as soon as it waits
        os.killpg(run.pid, signal.SIGINT)
        assert run.wait(60) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert [*out.iterdir()] == []
