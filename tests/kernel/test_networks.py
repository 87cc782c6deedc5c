"""Networks of addresses, against the standard library's."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.kernel.networks import network_of


@given(st.ip_addresses())
def test_it_is_the_network_that_holds_the_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    network = ipaddress.ip_network(network_of(str(address)))
    assert address in network
    assert network.prefixlen == {4: 24, 6: 48}[address.version]


@given(st.text(alphabet="0123456789abc.:%/ ", max_size=20))
def test_what_the_library_refuses_has_none(text: str) -> None:
    try:
        ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        assert network_of(text) == ""
    else:
        assert ipaddress.ip_network(network_of(text))


@pytest.mark.parametrize(("address", "network"), [
    ("10.1.2.3", "10.1.2.0/24"), (" 10.1.2.3 ", "10.1.2.0/24"), ("2001:db8:1:2::9", "2001:db8:1::/48"),
    ("fe80::1%eth0", "fe80::/48"), ("nonsense", ""), ("10.1.2", ""), ("010.1.2.3", ""), ("", ""), (None, ""),
])  # fmt: skip
def test_by_hand(address: str | None, network: str) -> None:
    assert network_of(address) == network
