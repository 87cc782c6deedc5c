"""Addresses that somebody else chose, judged before anything is sent to them."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from agoranomos.kernel.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
URL_LENGTH_MAX: Final = 2_000


def check_url(url: str, *, allow_private: bool) -> str:
    """`url` as it can be posted to. Raises Invalid with what is wrong about it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Invalid("the URL of an endpoint looks like https://example.com/hooks", pointer="/url") from error
    if parts.scheme not in ("https", "http") or not parts.hostname or not url.isascii() or not url.isprintable():
        raise Invalid("the URL of an endpoint looks like https://example.com/hooks", pointer="/url")
    if parts.scheme == "http" and not allow_private:
        raise Invalid("deliver over https; plain http is for private addresses only", pointer="/url")
    if "@" in parts.netloc or parts.fragment or port == 0 or len(url) > URL_LENGTH_MAX or any(map(str.isspace, url)):
        raise Invalid("the URL of an endpoint has no user, no fragment and no spaces", pointer="/url")
    literal = _literal(parts.hostname)
    if literal is not None and not allow_private and not is_public(literal):
        raise Invalid("this address is private; only an endpoint added with allow_private may be", pointer="/url")
    return url


def is_public(address: Address) -> bool:
    """Whether `address` is one of the open Internet; IPv4 within IPv6 counts as what it leads to."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
