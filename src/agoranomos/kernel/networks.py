"""The neighbourhood of an internet address."""

from __future__ import annotations

import ipaddress


def network_of(address: str | None) -> str:
    """The network that an address is one of: 256 neighbours (/24) of IPv4, a customer's whole line (/48) of IPv6; ""
    of what is no address.
    """
    plain = (address or "").strip().partition("%")[0]  # without the interface that a link-local one names
    try:
        parsed = ipaddress.ip_address(plain)
    except ValueError:
        return ""
    if parsed.version == 4:
        return f"{plain.rpartition('.')[0]}.0/24"  # what has passed is written in one way only
    return str(ipaddress.ip_network((parsed, 48), strict=False))
