"""Sign-in with the company account, as settings and pages know it; how it is done stands in `oidc`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Protocol
from urllib.parse import urlsplit

import msgspec

from agoranomos.kernel.errors import AgoranomosError, Invalid

BEGIN: Final = "/sign-in/company"
BACK: Final = "/sign-in/company/back"
"""Where the provider sends the browser; registered there as redirect URI."""
PENDING_S: Final = 600
"""How long signing in at the provider may take."""
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def is_safe_url(url: str) -> bool:
    """Whether `url` is https, or http on this machine, with a host, no user and no fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return safe and bool(parts.hostname) and parts.username is None and not parts.fragment


class SignInSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`public_url` is the address that browsers use, `issuer` the identity provider's (OpenID Connect Discovery 1.0,
    section 4). Empty: not set.
    """

    public_url: str = ""
    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https, so that cookies may be kept to it."""
        return self.public_url.startswith("https://")

    @property
    def has_provider(self) -> bool:
        """Whether an identity provider is set."""
        return bool(self.issuer)

    def require_usable(self) -> None:
        """Raises Invalid, naming the variable, for what cannot work or is not safe."""
        if self.public_url and not is_safe_url(self.public_url):
            raise Invalid("AGORA_PUBLIC_URL must begin with https:// (http:// on this machine only)")
        if not self.issuer:
            return
        if not is_safe_url(self.issuer) or urlsplit(self.issuer).query:
            raise Invalid("AGORA_OIDC_ISSUER must begin with https:// (http:// on this machine only)")
        for name, value in (
            ("AGORA_OIDC_CLIENT_ID", self.client_id),
            ("AGORA_OIDC_CLIENT_SECRET", self.client_secret),
            ("AGORA_PUBLIC_URL", self.public_url),
        ):
            if not value:
                raise Invalid(f"sign-in through {self.issuer} needs {name} too")


class SignInFailed(AgoranomosError):
    """Signing in through the company account failed; begin again.

    `why`: `stale` (begun elsewhere, or too long ago), `refused` (the provider's answer does not hold), `away` (it
    does not answer).
    """

    def __init__(self, why: Literal["stale", "refused", "away"], message: str) -> None:
        super().__init__(message)
        self.why = why


class Issued(msgspec.Struct, frozen=True):
    """For whom the provider vouches; `email` only when it has verified the address. `to` is where they wanted to go."""

    issuer: str
    subject: str
    email: str | None
    to: str


class Begun(msgspec.Struct, frozen=True):
    """Where the browser goes, and what it keeps meanwhile."""

    url: str
    cookie: str


class Vouching(Protocol):
    """See `oidc.IdentityProvider`."""

    def begin(self, to: str) -> Begun:
        """Where the browser of somebody goes who wants to go `to` in the end. Raises SignInFailed."""

    def finish(self, answer: Mapping[str, str], cookie: str) -> Issued:
        """For whom the provider vouches. Raises SignInFailed."""
