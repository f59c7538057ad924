"""The SDK's way out: httpx with a pool, limits and timeouts of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import stripe

from directfanz.backends.clock.contract import Clock

# A charge takes Stripe and a bank some seconds; finding a connection does not.
TIMEOUT = httpx.Timeout(connect=3.0, read=20.0, write=5.0, pool=3.0)
LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=55.0)
Answer = tuple[bytes, int, Mapping[str, str]]


_no_answer: Callable[..., stripe.StripeError] = stripe.APIConnectionError  # which the SDK does not type


class HttpxTransport(stripe.HTTPClient):
    """The SDK's own client over httpx has httpx's limits, reads the environment's proxies and waits 80 seconds."""

    name = "httpx"

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, trust_env=False, follow_redirects=False)

    async def request_async(self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None) -> Answer:
        try:
            answer = await self._http.request(method, url, headers=dict(headers), content=post_data or None)
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
            kind = type(error).__name__
            raise _no_answer(f"No answer: {kind}.", should_retry=_may_repeat(error)) from error
        return answer.content, answer.status_code, answer.headers

    def sleep_async(self, secs: float) -> Any:
        return self._clock.sleep(secs)

    def close(self) -> None:
        """Of the synchronous half, which there is not."""

    async def close_async(self) -> None:
        await self._http.aclose()


def _may_repeat(error: Exception) -> bool:
    """A full pool does not empty by asking more, and a closed client stays closed."""
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.PoolTimeout)
