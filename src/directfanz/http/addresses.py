"""Where a request comes from.

A proxy of ours writes the address into X-Forwarded-For; a stranger can write that header too. So it is read from the
right, and only as far as the machines named in `trusted_proxies` vouch for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network


class Proxies:
    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(ip_network(each, strict=False) for each in networks)
        self.trusts = lru_cache(4096)(self._trusts)

    def address_of(self, peer: str, forwarded_for: bytes | None) -> str:
        if forwarded_for is None or not self.trusts(peer):
            return peer
        address = peer
        for hop in reversed(forwarded_for.decode("latin-1").split(",")):
            hop = hop.strip()
            if not _is_address(hop):
                return address
            address = hop
            if not self.trusts(hop):
                return address
        return address

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)


@lru_cache(4096)
def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
