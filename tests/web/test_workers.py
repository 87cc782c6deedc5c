"""The parent of several workers, with workers that only say what they do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agoranomos.web.workers import Bounds, Workers

PATIENCE_S = 60.0
QUICK = Bounds(ready_s=PATIENCE_S, silent_s=PATIENCE_S, stop_s=PATIENCE_S, pause_s=0.01)
WORKER = """
import os, signal, socket, sys, time
log, number, line, hangs = sys.argv[1], sys.argv[2], socket.socket(fileno=int(sys.argv[3])), sys.argv[4]
def say(word):
    with open(log, "a") as file:
        file.write(f"{number} {os.getpid()} {word}\\n")
def stop(*_):
    say("stopped")
    os._exit(143)
signal.signal(signal.SIGTERM, signal.SIG_IGN if hangs == "deaf" else stop)
say("begun")
if hangs == "broken" or (hangs == "dumb" and os.path.exists(log + ".new")):
    os._exit(3)
for _ in range(4 if hangs == "busy" else 0):
    time.sleep(0.3)
    line.send(b"-")
if hangs == "silent":
    time.sleep(60)
say("ready")
line.send(b".")
while line.recv(1):
    pass
say("orphaned")
"""


class Office:
    """Workers, and what they said."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "said"
        self.log.touch()

    def said(self) -> list[tuple[str, int, str]]:
        lines = (line.split() for line in self.log.read_text("utf-8").splitlines())
        return [(number, int(pid), word) for number, pid, word in lines]

    def pids(self, word: str) -> list[int]:
        return [pid for _, pid, said in self.said() if said == word]

    def command(self, hangs: str = "") -> Callable[[int, int], list[str]]:
        def words(number: int, line: int) -> list[str]:
            return [sys.executable, "-S", "-E", "-c", WORKER, str(self.log), str(number), str(line), hangs]

        return words

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.01)

    def run(self, steps: Callable[[], None], *, hangs: str = "", bounds: Bounds = QUICK) -> int:
        """The exit code of two workers that meet `steps`, and are told to stop after them."""
        failed: list[BaseException] = []

        def drive() -> None:
            try:
                steps()
            except BaseException as error:  # told where the test can see it
                failed.append(error)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        begun = threading.Thread(target=drive)
        code = Workers(self.command(hangs), [], 2, bounds).run(begun.start)
        begun.join()
        if failed:
            raise failed[0]
        return code


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_the_first_starts_alone_and_all_stop_together(office: Office) -> None:
    assert office.run(lambda: office.until(lambda: len(office.pids("ready")) == 2)) == 128 + signal.SIGTERM
    words = [(number, word) for number, _, word in office.said()]
    assert words[:4] == [("0", "begun"), ("0", "ready"), ("1", "begun"), ("1", "ready")]
    assert sorted(words[4:]) == [("0", "stopped"), ("1", "stopped")]


def test_one_that_dies_is_started_again(office: Office) -> None:
    def steps() -> None:
        office.until(lambda: len(office.pids("ready")) == 2)
        os.kill(office.pids("ready")[1], signal.SIGKILL)
        office.until(lambda: len(office.pids("ready")) == 3)

    office.run(steps)
    assert [number for number, _, word in office.said() if word == "ready"] == ["0", "1", "1"]
    assert len(office.pids("stopped")) == 2


def test_sighup_replaces_one_after_the_other(office: Office) -> None:
    def steps() -> None:
        office.until(lambda: len(office.pids("ready")) == 2)
        os.kill(os.getpid(), signal.SIGHUP)
        office.until(lambda: len(office.pids("stopped")) == 2)

    office.run(steps)
    words = [(number, word) for number, _, word in office.said()]
    assert words[4:10] == [
        ("0", "begun"), ("0", "ready"), ("0", "stopped"), ("1", "begun"), ("1", "ready"), ("1", "stopped"),
    ]  # fmt: skip
    assert len(set(office.pids("stopped"))) == 4


def test_a_new_version_that_does_not_start_replaces_nobody(office: Office) -> None:
    def steps() -> None:
        office.until(lambda: len(office.pids("ready")) == 2)
        office.log.with_name("said.new").touch()
        os.kill(os.getpid(), signal.SIGHUP)
        office.until(lambda: len(office.pids("begun")) == 3)

    office.run(steps, hangs="dumb")
    assert sorted(office.pids("stopped")) == sorted(office.pids("ready"))
    assert len(office.pids("ready")) == 2


def test_a_worker_that_cannot_start_ends_the_program(office: Office) -> None:
    assert Workers(office.command("broken"), [], 2, QUICK).run() == 3
    assert len(office.pids("begun")) == 1, "the others are not tried"


def test_one_without_a_sign_of_life_is_killed(office: Office) -> None:
    bounds = Bounds(ready_s=PATIENCE_S, silent_s=0.5, stop_s=PATIENCE_S, pause_s=0.01)
    office.run(lambda: office.until(lambda: len(office.pids("ready")) >= 4), bounds=bounds)
    assert len(office.pids("stopped")) < len(office.pids("ready"))


def test_one_that_does_not_stop_is_killed(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    bounds = Bounds(ready_s=PATIENCE_S, silent_s=PATIENCE_S, stop_s=0.1, pause_s=0.01)
    office.run(lambda: office.until(lambda: len(office.pids("ready")) == 2), hangs="deaf", bounds=bounds)
    assert sum("is killed" in message for message in caplog.messages) == 2, "said once of each"
    for pid in office.pids("ready"):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_holders_start_before_workers_and_are_looked_after_alike(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    def kill_one() -> None:
        office.until(lambda: len(office.pids("ready")) == 4)
        os.kill(office.pids("ready")[1], signal.SIGKILL)
        office.until(lambda: len(office.pids("ready")) == 5)
        os.kill(os.getpid(), signal.SIGTERM)

    started, begun = list[list[str]](), threading.Thread(target=kill_one)

    def started_with() -> None:
        started.append([number for number, _, word in office.said() if word == "ready"])
        begun.start()

    assert Workers(office.command(), [], 2, QUICK, holders=2).run(started_with) == 128 + signal.SIGTERM
    begun.join()
    words = [(number, word) for number, _, word in office.said()]
    assert words[:6] == [(number, word) for number in "012" for word in ("begun", "ready")]
    assert started == [["0", "1", "2"]]
    assert [number for number, word in words if word == "ready"] == ["0", "1", "2", "3", "1"]
    assert "holder 2" in caplog.text


def test_one_that_is_busy_with_its_start_is_waited_for(office: Office) -> None:
    """It says that it goes on, for longer than a start may take without a word, and then that it answers."""
    bounds = Bounds(ready_s=0.6, silent_s=PATIENCE_S, stop_s=PATIENCE_S, pause_s=0.01)
    office.run(lambda: office.until(lambda: len(office.pids("ready")) == 2), hangs="busy", bounds=bounds)
    assert len(office.pids("begun")) == 2
    assert Workers(office.command("silent"), [], 1, bounds).run() == 1


def test_workers_hear_that_their_parent_is_gone() -> None:
    told = "import socket, signal, time; from agoranomos.web.workers import Lifeline; import sys; "
    told += "Lifeline(int(sys.argv[1])).watch(); time.sleep(60)"
    ours, theirs = socket.socketpair()
    with theirs:
        worker = subprocess.Popen([sys.executable, "-c", told, str(theirs.fileno())], pass_fds=[theirs.fileno()])
    ours.close()
    assert worker.wait(PATIENCE_S) == -signal.SIGTERM
