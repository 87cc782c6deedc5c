"""An application on sockets that are open already, until the process is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import uvicorn

from agoranomos.web.patience import PatientProtocol

DRAIN_S: Final = 10
"""How long requests that were begun may take when the process is told to stop."""
BEAT_S: Final = 5
"""Seconds between two signs of life."""


def bound(host: str, port: int) -> socket.socket:
    """A socket at the address, on which nobody listens yet. Raises OSError."""
    # TCP by name: asyncio sends at once (TCP_NODELAY) where a socket says what it is. Else the second half of an answer
    # waits 40 ms until the first is acknowledged (RFC 896 beside RFC 1122, 4.2.3.2).
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


def serve_on(sockets: Sequence[socket.socket], app: Any, beat: Callable[[], None] = lambda: None) -> None:
    """Answers on `sockets` until SIGINT, or SIGTERM, which is raised again at the end; `beat` is called every BEAT_S
    seconds, the first time when the application answers.
    """

    async def alive() -> None:
        beat()

    config = uvicorn.Config(
        app, log_config=None, access_log=False, http=PatientProtocol, timeout_graceful_shutdown=DRAIN_S,
        callback_notify=alive, timeout_notify=BEAT_S,
    )  # fmt: skip
    with suppress(KeyboardInterrupt):  # raised again as well: somebody at the terminal wanted just this
        uvicorn.Server(config).run(sockets=list(sockets))
