"""How often somebody may guess.

Each attempt is counted before its answer is known, so a thousand at once gain nothing. An account gets a few free tries, then a
wait that doubles up to a quarter of an hour. A browser that signed in before has a count of its own: strangers who guess
cannot keep the owner's own browser out, and passkeys, other providers and the reset link are not counted here at all. A
network has its own count over all accounts.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.cache.contract import Value
from directfanz.backends.cache.rate_limit import Limit, RateLimiter
from directfanz.domains.accounts.models import Visitor
from directfanz.domains.accounts.service.secrets import address_key
from directfanz.errors import RateLimited, Unavailable
from directfanz.http.limits import network_of
from directfanz.kit.ids import new_token

log = logging.getLogger("directfanz.accounts")

FREE_TRIES = 5
FIRST_WAIT_SECONDS = 15
LONGEST_WAIT_SECONDS = 900
# After a day without a try the count begins anew.
FORGOTTEN_AFTER_SECONDS = 86_400
# The owner is told once, at this many tries by strangers.
WARN_AT = 10
NETWORK_TRIES = 100
NETWORK_SECONDS = 900
DEVICE_PURPOSE = "device"
DEVICE_LIVES = timedelta(days=365)
ACCOUNTS_PER_DEVICE = 5

# KEYS[1] holds tries, blocked until, last try. Answers {tries, wait}: a wait above 0 means that this try does not count.
_TRY = """
local now, free, first, longest, forget = unpack(ARGV)
now = tonumber(now)
local state = redis.call('HMGET', KEYS[1], 'tries', 'until', 'last')
local tries, blocked, last = tonumber(state[1] or 0), tonumber(state[2] or 0), tonumber(state[3] or 0)
if now - last > tonumber(forget) then tries, blocked = 0, 0 end
if now < blocked then return {tries, math.ceil(blocked - now)} end
tries = tries + 1
local over = tries - tonumber(free)
local wait = 0
if over >= 0 then wait = math.min(tonumber(longest), tonumber(first) * 2 ^ math.min(over, 20)) end
redis.call('HSET', KEYS[1], 'tries', tries, 'until', tostring(now + wait), 'last', tostring(now))
redis.call('EXPIRE', KEYS[1], forget)
return {tries, 0}
"""


class Attempt(msgspec.Struct, frozen=True):
    """A counted try; `key` is cleared when it succeeds."""

    key: str
    tries: int
    by_stranger: bool

    @property
    def owner_is_due_a_warning(self) -> bool:
        return self.by_stranger and self.tries == WARN_AT


async def take_attempt(backends: Backends, email: str, visitor: Visitor) -> Attempt:
    """Before any password is looked at; `RateLimited` says when to come back."""
    await count(backends, "sign-in", network_of(visitor.address), NETWORK_TRIES, NETWORK_SECONDS)
    account = address_key(backends.tokens, email)
    device = device_of(backends, visitor, account)
    key = f"rate_limit:{account}:sign-in" + (f":{device}" if device else "")
    return await _try(backends, key, by_stranger=device is None)


async def take_code_attempt(backends: Backends, user_id: UUID, email: str, visitor: Visitor) -> Attempt:
    """For the second factor, counted apart: whoever gets here knew the password."""
    device = device_of(backends, visitor, address_key(backends.tokens, email))
    key = f"rate_limit:{user_id}:second-factor" + (f":{device}" if device else "")
    return await _try(backends, key, by_stranger=device is None)


async def take_confirmation(backends: Backends, user_id: UUID, session_id: UUID) -> Attempt:
    """For the password asked again of a session, which is a known browser."""
    return await _try(backends, f"rate_limit:{user_id}:confirm:{session_id}", by_stranger=False)


async def succeeded(backends: Backends, attempt: Attempt) -> None:
    await _clear(backends, attempt.key)


async def unlock(backends: Backends, user_id: UUID, email: str) -> None:
    """By an operator, or by the owner who reset the password."""
    account = address_key(backends.tokens, email)
    await _clear(backends, f"rate_limit:{account}:sign-in", f"rate_limit:{user_id}:second-factor")


async def _clear(backends: Backends, *keys: str) -> None:
    """What it belongs to is done already, so a cache that is away does not undo it: the count fades by itself."""
    try:
        for key in keys:
            await backends.cache.delete(key)
    except Unavailable as error:
        log.warning("a count of tries stays: %s", error)


async def count(backends: Backends, what: str, whose: str, most: int, seconds: int) -> None:
    limiter = RateLimiter(backends.cache, backends.clock, backends.telemetry)
    verdict = await limiter.take(whose, what, Limit(most, seconds), when_down="refuse")
    verdict.require("That was too often. Wait a little, then try again.")


def device_of(backends: Backends, visitor: Visitor, account: str) -> str | None:
    """This browser's mark, if this account signed in with it before."""
    mark, accounts = _read_device(backends, visitor)
    return mark if mark is not None and account in accounts else None


def device_cookie(backends: Backends, visitor: Visitor, email: str) -> str:
    """The browser's mark, with this account as the newest of the few it knows."""
    mark, known = _read_device(backends, visitor)
    account = address_key(backends.tokens, email)
    accounts = [account, *(each for each in known if each != account)][:ACCOUNTS_PER_DEVICE]
    payload = ".".join([mark or new_token(12), *accounts])
    return backends.tokens.sign(DEVICE_PURPOSE, payload, backends.clock.now() + DEVICE_LIVES)


def _read_device(backends: Backends, visitor: Visitor) -> tuple[str | None, list[str]]:
    payload = backends.tokens.verify(DEVICE_PURPOSE, visitor.device or "", backends.clock.now())
    if not payload:
        return None, []
    mark, *accounts = payload.split(".")
    return mark, accounts


async def _try(backends: Backends, key: str, *, by_stranger: bool) -> Attempt:
    now = backends.clock.now().timestamp()
    limits: list[Value] = [str(now), FREE_TRIES, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, FORGOTTEN_AFTER_SECONDS]
    tries, wait = await backends.cache.script(_TRY, [key], limits)
    if wait:
        backends.telemetry.counter("rate_limited_total").add(1, endpoint="sign-in")
        raise RateLimited(f"Too many tries. Wait {_spoken(wait)}, or reset your password.", retry_after_seconds=wait)
    return Attempt(key, tries, by_stranger)


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 90 else f"{-(-seconds // 60)} minutes"
