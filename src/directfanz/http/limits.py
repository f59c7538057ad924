"""How often a route may be called, declared where the route is.

    @post("/sign-in", opt=rate_limit("sign-in", per_minute=10))

A limit counts per signed-in caller, or per address for strangers; `by_address=True` counts per address always. Routes of
the API that change something have `API_WRITES` without asking. The edge bounds the rest per address.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any, Literal

from directfanz.backends.cache.rate_limit import Limit as Rate
from directfanz.backends.cache.rate_limit import Verdict
from directfanz.http.caller import Caller
from directfanz.http.headers import Header

OPTION = "rate_limit"
WhenDown = Literal["pass", "refuse"]


@dataclass(frozen=True, slots=True)
class Limit:
    """`when_down`: whether calls pass or are refused while the cache that counts them is away."""

    name: str
    rate: Rate
    by_address: bool = False
    when_down: WhenDown = "pass"

    def counted_as(self, caller: Caller) -> str:
        """Whose allowance a call uses."""
        if caller.user_id is not None and not self.by_address:
            return str(caller.user_id)
        return network_of(caller.address)


API_WRITES = Limit("api-writes", Rate(120, 60))


def rate_limit(
    name: str,
    *,
    per_minute: int | None = None,
    per_hour: int | None = None,
    by_address: bool = False,
    when_down: WhenDown = "pass",
) -> dict[str, Any]:
    """For a route's `opt`. Routes with the same name share one allowance."""
    if (per_minute is None) == (per_hour is None):
        raise ValueError("say either per_minute or per_hour")
    rate = Rate(per_minute, 60) if per_minute is not None else Rate(per_hour or 0, 3600)
    return {OPTION: Limit(name, rate, by_address, when_down)}


def told(verdict: Verdict) -> list[Header]:
    """The same on an answer and on a refusal; `Retry-After` comes with the refusal's error."""
    return [
        (b"ratelimit-limit", str(verdict.limit).encode()),
        (b"ratelimit-remaining", str(verdict.remaining).encode()),
        (b"ratelimit-reset", str(verdict.reset_seconds).encode()),
    ]


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
