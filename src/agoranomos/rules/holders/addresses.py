"""Where holders are: `unix:/path` or `host:port`; parts apart by spaces, stand-bys of a part by commas."""

from __future__ import annotations

import re
import socket
from typing import Final

import msgspec

from agoranomos.kernel.errors import Invalid

SECRET_MIN: Final = 32
"""Characters of the secret that holders and those who ask them share."""
_UNIX: Final = "unix:"
_PATH_MAX: Final = 100
"""Linux takes 107 bytes, and a socket is made under a longer name first."""


class Address(msgspec.Struct, frozen=True):
    """A socket of this machine at `path`, or a port of `host`."""

    path: str = ""
    host: str = ""
    port: int = 0

    def connect(self, timeout_s: float) -> socket.socket:
        """Raises OSError."""
        if self.path:
            made = socket.socket(socket.AF_UNIX)
            try:
                made.settimeout(timeout_s)
                made.connect(self.path)
            except OSError:
                made.close()
                raise
            return made
        made = socket.create_connection((self.host, self.port), timeout_s)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return made

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{_UNIX}{self.path}" if self.path else f"{host}:{self.port}"


def address_of(text: str) -> Address:
    """Raises Invalid."""
    if text.startswith(_UNIX):
        path = text.removeprefix(_UNIX)
        if not path.startswith("/") or len(path.encode()) > _PATH_MAX:
            raise Invalid(f"{text} is no socket: write unix:/path, with at most {_PATH_MAX} bytes of path")
        return Address(path=path)
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})", text)
    if found is None or not 0 < int(found[3]) < 1 << 16:
        raise Invalid(f"{text} is no address of a holder: write unix:/path or host:port")
    return Address(host=found[1] or found[2], port=int(found[3]))


def addresses_of(text: str) -> tuple[tuple[Address, ...], ...]:
    """For each part, from the first on, the addresses at which it is held. Raises Invalid."""
    return tuple(tuple(address_of(each) for each in part.split(",")) for part in text.split())


def require_secret(secret: str, addresses: tuple[Address, ...]) -> bytes:
    """The secret as bytes. Raises Invalid where it is missing, or so short that it could be guessed."""
    if secret and len(secret) < SECRET_MIN:
        raise Invalid(f"AGORA_FEATURE_SECRET is too short: at least {SECRET_MIN} characters")
    if not secret and any(each.host for each in addresses):
        raise Invalid("over the network, holders of features need AGORA_FEATURE_SECRET, the same for all")
    return secret.encode()
