"""The worker process: opens the judge once, then takes units from its pipe until that is closed."""

from __future__ import annotations

import os
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import pyarrow as pa

from agoranomos.engine.scan.judging import Judge, JudgeSource
from agoranomos.engine.scan.memory import peak_bytes, release
from agoranomos.engine.scan.units import Unit
from agoranomos.engine.scan.work import Done, JudgeError, work
from agoranomos.kernel.errors import AgoranomosError


class Rows(msgspec.Struct, frozen=True):
    """So many more rows were read."""

    count: int


class Finished(msgspec.Struct, frozen=True):
    """A unit is done; `peak` is the process's largest memory so far, in bytes."""

    done: Done
    peak: int


class Failed(msgspec.Struct, frozen=True):
    """The worker cannot go on: `errno` when writing failed, else `message` says why; `detail` for
    a log."""

    message: str
    detail: str
    errno: int = 0


Message = Rows | Finished | Failed


def main(pipe: Connection, source: JudgeSource, folder: str) -> None:
    """Runs until the pipe is closed, or the process that started it is gone."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    parent = os.getppid()

    def report(rows: int) -> None:
        if os.getppid() != parent:
            os._exit(1)
        pipe.send(Rows(rows))

    try:
        judge = _opened(source)
        while True:
            unit = pipe.recv()
            if not isinstance(unit, Unit):
                break
            done = work(unit, judge, Path(folder), report)
            release()
            pipe.send(Finished(done, peak_bytes()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        pipe.send(_failure(error))


def _opened(source: JudgeSource) -> Judge:
    try:
        return source.open()
    except Exception as error:
        raise JudgeError(f"could not be opened: {type(error).__name__}: {error}") from error


def _failure(error: Exception) -> Failed:
    detail = traceback.format_exc()
    if isinstance(error, OSError) and error.errno:
        return Failed(error.strerror or str(error), detail, error.errno)
    if isinstance(error, JudgeError):
        return Failed(f"the judge {error}", detail)
    if isinstance(error, AgoranomosError):
        return Failed(error.message, detail)
    return Failed(f"{type(error).__name__}: {error}", detail)
