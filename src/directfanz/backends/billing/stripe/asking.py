"""One call to Stripe: through the breaker, within a limit of time, counted, its answer read into a shape of ours.

The SDK builds an object for every part of an answer, which takes five times as long as the call itself does us. So it is asked
for the answer as it came. What is sent is checked by the types that the SDK has for every call's parameters.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, TypeVar

import msgspec
import stripe

from directfanz.backends.billing.breaker import Breaker
from directfanz.backends.billing.stripe.faults import RETRY_AFTER_SECONDS, is_their_fault, translated
from directfanz.backends.clock.contract import Clock
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import DirectFanzError, Rejected, TimedOut, Unavailable

# All tries together: the edge waits 30 seconds for us.
CALL_SECONDS = 25.0
RETRIES = 2
PAGE = 100
T = TypeVar("T")


class StripeWire:
    def __init__(
        self, secret_key: str, api_base: str, clock: Clock, telemetry: Telemetry, transport: stripe.HTTPClient
    ) -> None:
        logging.getLogger("stripe").setLevel(logging.WARNING)  # below it tells who bought what
        stripe.enable_telemetry = False
        self._stripe = stripe.StripeClient(
            secret_key, base_addresses={"api": api_base}, max_network_retries=RETRIES, http_client=transport
        )
        self._transport = transport
        self._clock = clock
        self._breaker = Breaker("Stripe", clock)
        self._seconds = telemetry.histogram("billing_request_seconds")
        self._errors = telemetry.counter("billing_errors_total")

    async def get(
        self,
        path: str,
        shape: type[T],
        operation: str,
        params: Mapping[str, object] | None = None,
        *,
        account: str = "",
    ) -> T:
        return await self._ask("get", path, shape, operation, params or {}, account=account)

    async def post(
        self,
        path: str,
        shape: type[T],
        operation: str,
        params: Mapping[str, object],
        *,
        key: str = "",
        account: str = "",
    ) -> T:
        return await self._ask("post", path, shape, operation, params, key=key, account=account)

    async def delete(
        self, path: str, shape: type[T], operation: str, params: Mapping[str, object] | None = None, *, key: str = ""
    ) -> T:
        return await self._ask("delete", path, shape, operation, params or {}, key=key)

    async def pages(
        self, path: str, shape: type[T], operation: str, params: Mapping[str, object], *, account: str = ""
    ) -> AsyncIterator[list[T]]:
        asked: dict[str, object] = {**params, "limit": PAGE}
        while True:
            page = await self._ask("get", path, Page, operation, asked, account=account)
            if page.data:
                yield [_read(one, shape) for one in page.data]
            if not page.has_more or not page.data:
                return
            asked["starting_after"] = page.data[-1]["id"]

    async def close(self) -> None:
        closing: Awaitable[None] = self._transport.close_async()  # type: ignore[no-untyped-call]
        await closing

    async def _ask(
        self, method: str, path: str, shape: type[T], operation: str, params: Mapping[str, object], *,
        key: str = "", account: str = "",
    ) -> T:  # fmt: skip
        started, outcome = self._clock.monotonic(), "cancelled"
        try:
            self._breaker.require()
            found = _read(await self._answer(method, path, params, key, account), shape)
            outcome = "ok"
            return found
        except DirectFanzError as error:
            outcome = error.code
            if isinstance(error, Unavailable | Rejected):
                self._errors.add(operation=operation)
            raise
        finally:
            self._seconds.record(self._clock.monotonic() - started, operation=operation, outcome=outcome)

    async def _answer(self, method: str, path: str, params: Mapping[str, object], key: str, account: str) -> Any:
        options = {"idempotency_key": key} if key else {}
        if account:
            options["stripe_account"] = account
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = await self._stripe.raw_request_async(method, f"/v1/{path}", **params, **options)
        except TimeoutError as error:
            self._breaker.failed()
            raise TimedOut("Stripe did not answer in time.", retry_after_seconds=RETRY_AFTER_SECONDS) from error
        except UnicodeError as error:
            raise Rejected("Stripe answered with bytes that are no text.") from error
        except stripe.StripeError as error:
            (self._breaker.failed if is_their_fault(error) else self._breaker.answered)()
            shown = None if isinstance(error, stripe.AuthenticationError) else error  # that one shows some of the key
            raise translated(error) from shown
        self._breaker.answered()
        return answer.data


class Page(msgspec.Struct):
    data: list[dict[str, Any]]
    has_more: bool = False


def _read(data: object, shape: type[T]) -> T:
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise Rejected(f"Stripe answered in a shape that we do not know: {error}") from error
