"""A real Spark cluster on this machine: a master and workers, each a process that can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from agoranomos.engine.spark.session import why_not

_PATIENCE_S: Final = 120
_HERE: Final = "127.0.0.1"
SMALL: Final = {"spark.executor.memory": "512m", "spark.driver.memory": "512m", "spark.driver.host": _HERE,
                "spark.driver.bindAddress": _HERE, "spark.python.worker.reuse": "true"}  # fmt: skip
"""Settings for a cluster of one small machine."""


def skip_without_spark() -> None:
    """Skips, and says how to get what is missing."""
    reason = why_not()
    if reason is not None:
        pytest.skip(f"no cluster for the tests: {reason} (make spark)")


class Standalone:
    """The master's address, and the workers' processes."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        self._master, said = self._start("master", "org.apache.spark.deploy.master.Master",
                                         "--host", _HERE, "--port", "0", "--webui-port", "0")  # fmt: skip
        self.url = _until(said, self._master, r"Starting Spark master at (spark://\S+)")
        self.workers = [self._worker(number) for number in range(workers)]

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        process, said = self._start(
            f"worker-{number}", "org.apache.spark.deploy.worker.Worker", "--host", _HERE, "--cores", "1",
            "--memory", "700m", "--webui-port", "0", "--work-dir", str(self._folder / f"work-{number}"), self.url,
        )  # fmt: skip
        _until(said, process, r"(Successfully registered) with master")
        return process

    def _start(self, name: str, *words: str) -> tuple[subprocess.Popen[bytes], Path]:
        found = find_spec("pyspark")
        assert found is not None
        assert found.origin is not None
        said = self._folder / f"{name}.log"
        environment = {
            **os.environ, "SPARK_LOCAL_IP": _HERE, "SPARK_DAEMON_MEMORY": "256m",
            "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        }  # fmt: skip
        with said.open("wb") as log:
            process = subprocess.Popen(
                [str(Path(found.origin).parent / "bin" / "spark-class"), *words], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env=environment, start_new_session=True,
            )  # fmt: skip
        return process, said

    def kill(self, number: int) -> None:
        """Kills a worker and all that it started, as the loss of a machine would."""
        children = _descendants(self.workers[number].pid)
        for pid in (self.workers[number].pid, *children):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.workers[number].wait()

    def revive(self, number: int) -> None:
        """Starts a worker in the place of one that was killed."""
        self.workers[number] = self._worker(number)

    def processes(self) -> list[int]:
        """The master, the workers and all that they started."""
        return [pid for each in (self._master, *self.workers) for pid in (each.pid, *_descendants(each.pid))]

    def stop(self) -> None:
        """Ends all of it."""
        for process in (*self.workers, self._master):
            for pid in (process.pid, *_descendants(process.pid)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            process.wait()


def _descendants(pid: int) -> list[int]:
    """The processes that a process started, and theirs."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents.setdefault(int((folder / "stat").read_text().rpartition(")")[2].split()[1]), []).append(
                int(folder.name)
            )
        except (OSError, IndexError):
            continue
    found, waiting = [], [pid]
    while waiting:
        more = parents.get(waiting.pop(), [])
        found += more
        waiting += more
    return found


def _until(said: Path, process: subprocess.Popen[bytes], pattern: str) -> str:
    """The first group of `pattern` in what a process says, as soon as it says so."""
    begun = time.monotonic()
    while process.poll() is None and time.monotonic() - begun < _PATIENCE_S:
        found = re.search(pattern, said.read_text("utf-8", "replace"))
        if found is not None:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(said.read_text("utf-8", "replace"))


@contextmanager
def standalone(folder: Path, workers: int = 2) -> Iterator[Standalone]:
    """A cluster of `workers` workers with one core each, for the block."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Standalone(folder, workers)
    try:
        yield made
    finally:
        made.stop()
