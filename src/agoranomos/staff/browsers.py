"""What a browser may bring along or be given: where it wants to go, where it asks from, its cookies."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Any, Final

from litestar import Request
from litestar.datastructures import Cookie
from litestar.params import QueryParameter

from agoranomos.staff.authenticating import SESSION_COOKIE
from agoranomos.staff.company import BEGIN, PENDING_S
from agoranomos.staff.model import SESSION_LONGEST

SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
ACCOUNT: Final = "/account"
PENDING_COOKIE: Final = "agora_sign_in"
AnyRequest = Request[Any, Any, Any]
FromNext = Annotated[str, QueryParameter(name="next")]
_OWN_PATH: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1999}")  # printable ASCII without the backslash


def own_path(wanted: str) -> str:
    """`wanted` when it is an address of ours to go to after signing in, else that of the account.

    Browsers read `//host`, `/\\host` and addresses with control characters in them as those of others.
    """
    ours = _OWN_PATH.fullmatch(wanted) is not None and not wanted.startswith((SIGN_IN, SIGN_OUT))
    return wanted if ours else ACCOUNT


def client_of(request: AnyRequest) -> str:
    """The network that asks: an IPv4 address, or the /64 of an IPv6 one, which is one customer's."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return f"{int(address) >> 64:x}::/64" if isinstance(address, IPv6Address) else host


class Cookies:
    """The cookies of sign-in: never readable by a script, never sent along by a foreign page's form.

    With `secure` they are never sent without encryption.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    def holding(self, secret: str) -> Cookie:
        """Of the browser in which somebody signed in."""
        return self._cookie(SESSION_COOKIE, secret, int(SESSION_LONGEST.total_seconds()))

    def pending(self, value: str) -> Cookie:
        """Of the browser that was sent to the identity provider."""
        return self._cookie(PENDING_COOKIE, value, PENDING_S, BEGIN)

    def nobody(self) -> Cookie:
        """Takes the first back."""
        return self._cookie(SESSION_COOKIE, "", 0)

    def settled(self) -> Cookie:
        """Takes the second back."""
        return self._cookie(PENDING_COOKIE, "", 0, BEGIN)

    def _cookie(self, name: str, value: str, age_s: int, path: str = "/") -> Cookie:
        return Cookie(
            key=name, value=value, path=path, max_age=age_s, httponly=True, secure=self._secure, samesite="lax"
        )


def field(data: dict[str, Any], name: str) -> str:
    """One field of a form; a repeated one counts once, an upload not at all."""
    value = data.get(name)
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""
