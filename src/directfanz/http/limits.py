"""How often a route may be called, declared where the route is.

    @post("/sign-in", opt=rate_limit("sign-in", per_minute=10))

A limit counts per signed-in caller, or per address for strangers; `by_address=True` counts per address always. Routes of
the API that change something have `API_WRITES` without asking. The edge bounds the rest per address.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from directfanz.http.caller import Caller

OPTION = "rate_limit"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in any window of so many seconds."""

    name: str
    calls: int
    seconds: int
    by_address: bool = False


API_WRITES = Limit("api-writes", 120, 60)


def rate_limit(
    name: str, *, per_minute: int | None = None, per_hour: int | None = None, by_address: bool = False
) -> dict[str, Any]:
    """For a route's `opt`. Routes with the same name share one allowance."""
    if (per_minute is None) == (per_hour is None):
        raise ValueError("say either per_minute or per_hour")
    calls, seconds = (per_minute, 60) if per_minute is not None else (per_hour, 3600)
    return {OPTION: Limit(name, calls or 0, seconds, by_address)}


def counted_as(limit: Limit, caller: Caller) -> str:
    """Whose allowance a call uses."""
    if caller.user_id is not None and not limit.by_address:
        return str(caller.user_id)
    return network_of(caller.address)


def network_of(address: str) -> str:
    """A home has a whole /64 of IPv6 addresses to change between."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else ":".join(parsed.exploded.split(":")[:4])
    return address
