"""Whose word is taken for where a request comes from."""

from __future__ import annotations

import pytest

from directfanz.http.addresses import Proxies
from directfanz.http.limits import network_of

TRUSTED = Proxies(["127.0.0.1/32", "10.0.0.0/8", "::1/128"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", b"198.51.100.1", "203.0.113.7"),  # a stranger's word
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", b"198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", b"1.2.3.4, 198.51.100.1", "198.51.100.1"),  # what the client wrote before our proxy
        ("127.0.0.1", b"198.51.100.1, 10.1.2.3", "198.51.100.1"),  # two of ours
        ("127.0.0.1", b"10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("127.0.0.1", b"nonsense, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", b"nonsense", "127.0.0.1"),
        ("127.0.0.1", b"", "127.0.0.1"),
        ("::1", b"2001:db8::1", "2001:db8::1"),
        ("", b"198.51.100.1", ""),
    ],
)
def test_forwarded_for_counts_as_far_as_our_proxies_vouch(peer: str, forwarded: bytes | None, address: str) -> None:
    assert TRUSTED.address_of(peer, forwarded) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("testclient", "unknown"),
    ],
)
def test_a_home_with_many_addresses_has_one_allowance(address: str, network: str) -> None:
    assert network_of(address) == network
