"""How often somebody may do something: the generic cell rate algorithm, decided on the cache node in one step.

A limit of 60 per minute with a burst of 10 lets ten pass at once and then one each second. One number is kept per person and
endpoint: the moment at which all that was taken is paid back. No window has an edge at which twice as many pass.
Time comes from our clock, not the node's, so that a failover to a node with another time changes nothing.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Literal

from directfanz.backends.cache.contract import Cache
from directfanz.backends.clock.contract import Clock
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import RateLimited, Unavailable

log = logging.getLogger("directfanz.cache")

# KEYS: the limit's key. ARGV, all in microseconds: now, what one costs, how far ahead one may be, what this takes.
# Answers whether it was let pass, and how far ahead the key is now (or would be, had it been let pass).
_TAKE = """
local now, ahead, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local paid_back = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local after = paid_back + cost
if after - now > ahead then return {0, string.format('%.0f', after - now)} end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1000)
return {1, string.format('%.0f', after - now)}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many per so many seconds; `burst` at once (all of them, if not said)."""

    requests: int
    seconds: float
    burst: int = 0

    @property
    def at_once(self) -> int:
        return self.burst or self.requests

    @property
    def cost_microseconds(self) -> int:
        return max(1, round(self.seconds * 1_000_000 / self.requests))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the RateLimit headers say."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int  # until the whole burst is there again
    retry_after_seconds: int  # until the next one passes; 0 when this one did

    def require(self, message: str = "That was too often. Wait a moment, then try again.") -> None:
        if not self.allowed:
            raise RateLimited(message, retry_after_seconds=self.retry_after_seconds)


class RateLimiter:
    def __init__(self, cache: Cache, clock: Clock, telemetry: Telemetry) -> None:
        self._cache = cache
        self._clock = clock
        self._refused = telemetry.counter("rate_limited_total")

    async def take(
        self, who: str, endpoint: str, limit: Limit, *, cost: int = 1, when_down: Literal["pass", "refuse"] = "pass"
    ) -> Verdict:
        """While the cache is away everything passes, so that it does not take the site with it. Guards of secrets
        (sign-in, codes) say `refuse` instead: then `Unavailable` is raised."""
        now = int(self._clock.now().timestamp() * 1_000_000)
        one = limit.cost_microseconds
        ahead = one * limit.at_once
        try:
            passed, used = await self._cache.script(_TAKE, [_key(who, endpoint)], [now, ahead, one * cost])
        except Unavailable:
            if when_down == "refuse":
                raise
            log.warning("the cache is away: %s is not limited", endpoint)
            return Verdict(True, limit.at_once, limit.at_once, 0, 0)
        return self._verdict(endpoint, limit, bool(passed), int(used), one * cost)

    def _verdict(self, endpoint: str, limit: Limit, passed: bool, used: int, asked: int) -> Verdict:
        one = limit.cost_microseconds
        ahead = one * limit.at_once
        if passed:
            return Verdict(True, limit.at_once, (ahead - used) // one, _seconds(used), 0)
        self._refused.add(1, endpoint=endpoint)
        left = max(0, (ahead - (used - asked)) // one)
        return Verdict(False, limit.at_once, left, _seconds(used - asked), max(1, _seconds(used - ahead)))

    async def forget(self, who: str, endpoint: str) -> None:
        """A success clears what failures counted."""
        await self._cache.delete(_key(who, endpoint))


def _key(who: str, endpoint: str) -> str:
    # The documented braces mark what is filled in. They are no hash tags: keys of one endpoint spread over the cluster.
    return f"rate_limit:{who}:{endpoint}"


def _seconds(microseconds: int) -> int:
    return math.ceil(microseconds / 1_000_000)
