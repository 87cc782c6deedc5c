"""A session on a cluster, and whether its machines can do our work: the same program, the same files.

The machines of the cluster open files by the paths that they have here, so that these must lie on a mount that all of
them share. What differs is said before any work begins, with the name of the machine.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from agoranomos import __version__
from agoranomos.kernel.errors import Invalid

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MARK: Final = ".agora-cluster"
_PROBES_PER_SLOT: Final = 2


def why_not() -> str | None:
    """Why no cluster can be used from here, and what to do about it; None when one can."""
    if find_spec("pyspark") is None:
        return "Spark is not installed: pip install 'agoranomos[spark]'"
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        return "Spark needs Java 17 (Debian: apt-get install openjdk-17-jre-headless)"
    return None


@contextmanager
def cluster(
    master: str,
    *,
    shared: Sequence[Path] = (),
    seen: Sequence[Path] = (),
    settings: Mapping[str, str] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[SparkSession]:
    """A session on the cluster at `master` (`spark://…`, `local[2]`, `yarn`, `k8s://…`), ended with the block.

    All its machines must write into the folders `shared` and see the files `seen`; `settings` are Spark's own, beside
    those of its configuration files.
    Raises Invalid when there is no cluster to be had, or when its machines cannot do our work.
    """
    reason = why_not()
    if reason is not None:
        raise Invalid(f"{reason}, or leave --engine spark out to work on this machine")
    tell(f"Calling the cluster {master}.")
    session = _begun(master, settings or {})
    try:
        check(session, shared, seen)
        tell(f"The cluster has {slots(session)} places to work at.")
        yield session
    finally:
        session.stop()


def slots(session: SparkSession) -> int:
    """How many tasks the cluster works on at a time."""
    return max(1, int(session.sparkContext.defaultParallelism))


def _begun(master: str, settings: Mapping[str, str]) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    ours = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # A task may be lost with its machine more often than it may fail by its own fault.
        "spark.task.maxFailures": "4",
        "spark.executorEnv.PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "spark.executorEnv.NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", ""),
    }
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # it has no setting for sessions that are begun in Python
    building = SparkSession.builder.master(master).appName("agora")
    for name, value in (ours | dict(settings)).items():
        if value:
            building = building.config(name, value)
    try:
        with quiet():
            session = building.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        raise Invalid(
            f"The cluster {master} could not be had ({_first_line(error)}); is its address right, and is it up?"
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    return session


@contextmanager
def quiet() -> Iterator[None]:
    """Without Spark's word on versions of pandas, which is asked for and never used."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def check(session: SparkSession, shared: Sequence[Path], seen: Sequence[Path]) -> None:
    """Has every place of the cluster say which program it runs, whether it writes into the folders `shared` and sees
    the files `seen`; Invalid where not."""
    word = uuid4().hex
    marks = [folder / _MARK for folder in shared]
    for mark in marks:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(word)
    try:
        count = slots(session) * _PROBES_PER_SLOT
        asked = [str(mark) for mark in marks], [str(path.absolute()) for path in seen], word
        said = session.sparkContext.parallelize(range(count), count).map(lambda _: _about(*asked)).collect()
    except Exception as error:
        raise Invalid(
            "The machines of the cluster cannot run this program; install agoranomos[spark] on each, with Python "
            f"{platform.python_version()} at {sys.executable} or where PYSPARK_PYTHON says ({cause(error)})"
        ) from error
    finally:
        for mark in marks:
            mark.unlink(missing_ok=True)
    here = _program()
    for host, program, lacking in sorted(set(said)):
        if program != here:
            raise Invalid(f"{host} runs {program}, and this machine {here}; install the same on both")
        if lacking:
            raise Invalid(f"{host} cannot {lacking}: mount it there under the same path")


def _program() -> str:
    """With what decides on bytes: versions of DuckDB need not hash alike."""
    return f"agoranomos {__version__} on Python {platform.python_version()} with DuckDB {version('duckdb')}"


def _about(marks: Sequence[str], seen: Sequence[str], word: str) -> tuple[str, str, str]:
    """This machine, the program that it runs, and what it lacks of what is asked of it ("": nothing)."""
    unwritten = [f"write into {Path(mark).parent}" for mark in marks if not _shares(Path(mark), word)]
    unseen = [f"see {path}" for path in seen if not Path(path).exists()]
    return platform.node(), _program(), next(iter(unwritten + unseen), "")


def _shares(mark: Path, word: str) -> bool:
    try:
        return mark.read_text() == word and os.access(mark.parent, os.W_OK)
    except OSError:
        return False


def cause(error: BaseException) -> str:
    """Why a job failed: the line that names the exception of a worker, out of the pages that Spark prints."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [
        line for line in lines if ("Error" in line or "Exception" in line) and not line.startswith(("at ", "File"))
    ]
    return (named or lines or [type(error).__name__])[-1][:300]
