"""`agora` for pages full of commands: the same program, without its start each time.

Half of what a short command takes is to import the libraries. So one process imports them, and a copy of it (a fork)
runs each command with the arguments, the folder, the environment and the three streams of who called. What is called
is a small script of the name `agora`, so that a page's commands need no other words.

    python -m tests.forking SOCKET

serves until its standard input ends.
"""

from __future__ import annotations

import gc
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
ORDER_MAX = 1 << 20
"""Bytes of arguments and environment."""
_CALLER = """#!{python} -IS
import json, os, signal, socket, sys
door = socket.socket(socket.AF_UNIX)
door.connect({address!r})
order = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode("utf-8", "surrogateescape")
socket.send_fds(door, [len(order).to_bytes(4, "big")], [0, 1, 2])
door.sendall(order)
signal.signal(signal.SIGTERM, lambda *_: door.shutdown(socket.SHUT_WR))
ended = door.recv(1)
sys.exit(ended[0] if ended else 70)
"""


@contextmanager
def commands_at_hand(folder: Path) -> Iterator[Path]:
    """A folder for the front of `PATH`, whose `agora` is answered by one process as long as the context lasts."""
    programs, address = folder / "programs", folder / "door"
    programs.mkdir()
    caller = programs / "agora"
    caller.write_text(_CALLER.format(python=sys.executable, address=str(address)), "utf-8")
    caller.chmod(0o755)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.forking", str(address)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith("AGORA_")},
    ) as server:  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        try:
            yield programs
        finally:
            server.stdin.close()
            server.wait(60)


def _serve(address: str) -> None:
    door = socket.socket(socket.AF_UNIX)
    door.bind(address)
    door.listen(64)
    print("ready", flush=True)
    watched = selectors.DefaultSelector()
    watched.register(door, selectors.EVENT_READ)
    watched.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in watched.select():
            if key.fileobj is not door:
                return
            caller, _ = door.accept()
            if os.fork() == 0:
                _answer(caller, door)
            caller.close()
        while _ended():
            pass


def _ended() -> bool:
    """Whether some command was over, which now is forgotten."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _answer(caller: socket.socket, door: socket.socket) -> None:
    """Waits for one command, which a copy of this copy runs, and tells the caller how it ended; never returns.

    A caller who goes, or is asked to, takes the command with him.
    """
    door.close()
    size, streams, _, _ = socket.recv_fds(caller, 4, 3)
    arguments, folder, environment = json.loads(_read(caller, int.from_bytes(size, "big")))
    command = os.fork()
    if command == 0:
        caller.close()
        os._exit(_run(arguments, folder, environment, streams))
    for stream in streams:
        os.close(stream)
    watched = selectors.DefaultSelector()
    watched.register(os.pidfd_open(command), selectors.EVENT_READ)
    gone = watched.register(caller, selectors.EVENT_READ)
    while any(key is gone for key, _ in watched.select()):
        watched.unregister(caller)
        os.kill(command, signal.SIGTERM)
    _, status = os.waitpid(command, 0)
    code = os.waitstatus_to_exitcode(status)
    try:
        caller.sendall(bytes([code if code >= 0 else 128 - code]))
    finally:
        os._exit(0)


def _read(caller: socket.socket, size: int) -> bytes:
    assert size <= ORDER_MAX
    read = b""
    while len(read) < size:
        more = caller.recv(size - len(read))
        if not more:
            os._exit(1)
        read += more
    return read


def _run(arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> int:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["agora", *arguments]
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - for the program's life
    sys.stderr = open(2, "w", closefd=False, errors="backslashreplace", buffering=1)  # noqa: SIM115
    signal.set_wakeup_fd(-1)
    random.seed()
    program = sys.modules["__main__"] = import_module("agoranomos.main")  # processes that it starts begin there
    try:
        program.main()
        code: object = 0
    except SystemExit as end:
        code = end.code
    except BaseException:  # as the interpreter does with what nobody caught
        sys.excepthook(*sys.exc_info())
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    assert code is None or isinstance(code, int)
    return code or 0


def _import_what_commands_need() -> None:
    main = import_module("agoranomos.main")
    for module in sorted({module for module, _ in main._COMMANDS.values()}):
        import_module(module)
    import_module("agoranomos.hearing")
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _import_what_commands_need()
    _serve(sys.argv[1])
