"""Holders of features beside the workers of one `agora serve`: their sockets, and what one of them does."""

from __future__ import annotations

import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from agoranomos.engine.features.sharing import share_of
from agoranomos.kernel.collecting import spare_what_stays
from agoranomos.rules.holders.addresses import address_of, require_secret
from agoranomos.rules.holders.commands import SWITCH_S
from agoranomos.rules.holders.serving import hold as hold_at
from agoranomos.web import logs
from agoranomos.web.workers import Lifeline
from agoranomos.wiring import Wiring

_NAME: Final = "{}.sock"


@contextmanager
def sockets(parts: int) -> Iterator[list[str]]:
    """The words by which workers and holders find each other: a new folder, into which only this user can look."""
    if not parts:
        yield []
        return
    with tempfile.TemporaryDirectory(prefix="agora-") as folder:  # short: names of sockets have a hundred bytes
        yield ["--sockets", folder]


def addresses(folder: str, parts: int) -> str:
    """Where the holders of all parts answer; see `rules.holders.addresses`."""
    return " ".join(f"unix:{Path(folder, _NAME.format(part))}" for part in range(1, parts + 1))


def hold(wiring: Wiring, folder: str, part: str, line: int) -> None:
    """One holder, until it is told to stop or its parent is gone; `line` is the socket of its lifeline."""
    logs.configure(wiring.clock, requests=False)
    lifeline, share = Lifeline(line), share_of(part)
    signal.signal(signal.SIGTERM, _stop)
    lifeline.watch()
    holder = wiring.holder(share, alive=lifeline.busy)
    address = address_of(f"unix:{Path(folder, _NAME.format(share.part))}")
    sys.setswitchinterval(SWITCH_S)
    spare_what_stays()
    secret = require_secret(wiring.feature_settings.secret, (address,))
    hold_at(holder, address, secret, secrets.token_bytes, lifeline.beat)


def _stop(number: int, _: object) -> None:
    sys.exit(128 + number)
