"""The way to Stripe over real sockets, and what becomes of a provider that misbehaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from directfanz.backends.billing import open_billing
from directfanz.backends.billing.contract import Billing
from directfanz.backends.billing.stripe import asking
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.clock.system import SystemClock
from directfanz.backends.telemetry.opening import open_telemetry
from directfanz.errors import NotFound, Rejected, TimedOut, Unavailable
from directfanz.platform_toml import Platform
from tests.support.plain_settings import plain_settings

KEY = "sk_test_0123456789_this_is_secret"
ADDRESS = "ben" + "@example.com"
CUSTOMER = {"id": "cus_1", "object": "customer"}


class Asked(msgspec.Struct):
    line: str
    headers: dict[str, str]
    connection: int


class Impostor:
    """Speaks just enough HTTP: each answer is (status, body), `cut` or `hang`; the last one stays."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.connections = 0
        self.hears = asyncio.Event()
        self.base = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        mine = self.connections
        try:
            while await self._answer(reader, writer, mine):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mine: int) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.rstrip().split("\r\n")
        headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in rest)}
        await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append(Asked(line, headers, mine))
        self.hears.set()
        says = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if says == "cut":
            return False
        if says == "hang":
            await reader.read()
            return False
        status, body = says
        told = body if isinstance(body, bytes) else msgspec.json.encode(body)
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(told)}\r\nRequest-Id: req_1\r\n\r\n".encode() + told)
        return True


@asynccontextmanager
async def stage(platform: Platform, *answers: Any, clock: Any = None) -> AsyncIterator[tuple[Billing, Impostor]]:
    impostor = Impostor(*answers)
    server = await asyncio.start_server(impostor.serve, "127.0.0.1", 0)
    impostor.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = plain_settings(
        stripe_secret_key=KEY, stripe_api_base=impostor.base, stripe_webhook_secret="whsec_a,whsec_b"
    )
    billing = open_billing(settings, clock or Hurried(), open_telemetry(settings, platform, "web"))
    try:
        yield billing, impostor
    finally:
        await billing.close()
        server.close()
        await server.wait_closed()


class Hurried(SystemClock):
    """Pauses between tries are not waited for."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(0)


async def customer(billing: Billing, key: str = "key-1") -> str:
    return await billing.ensure_customer(email=ADDRESS, name="Ben", metadata={}, key=key)


async def test_one_connection_serves_many_calls(platform: Platform) -> None:
    async with stage(platform, (200, CUSTOMER)) as (billing, impostor):
        for _ in range(5):
            assert await customer(billing) == "cus_1"
        assert impostor.connections == 1
        asked = impostor.asked[0]
        assert asked.line == "POST /v1/customers HTTP/1.1"
        assert asked.headers["stripe-version"] == "2026-10-28.endive"
        assert asked.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("first", [(500, {}), (503, b"busy"), (409, {"error": {"code": "lock_timeout"}}), "cut"])
async def test_a_try_that_failed_is_made_again_under_the_same_key(platform: Platform, first: Any) -> None:
    async with stage(platform, first, first, (200, CUSTOMER)) as (billing, impostor):
        assert await customer(billing, "mine") == "cus_1"
        assert [one.headers["idempotency-key"] for one in impostor.asked] == ["mine"] * 3


async def test_it_is_not_tried_for_ever(platform: Platform) -> None:
    async with stage(platform, (500, {"error": {"message": "ill"}})) as (billing, impostor):
        with pytest.raises(Unavailable):
            await customer(billing)
        assert len(impostor.asked) == 1 + asking.RETRIES


async def test_what_is_refused_for_good_is_asked_once(platform: Platform) -> None:
    async with stage(platform, (400, {"error": {"code": "parameter_unknown", "message": "no"}})) as (billing, impostor):
        with pytest.raises(Rejected, match="req_1"):
            await customer(billing)
        assert len(impostor.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"id": 5}', b"", b"\xff"])
async def test_an_answer_in_another_shape_is_not_taken(platform: Platform, body: bytes) -> None:
    async with stage(platform, (200, body)) as (billing, _):
        with pytest.raises((Unavailable, Rejected)):
            await customer(billing)


async def test_a_refused_key_is_said_without_it(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = {"error": {"message": f"Invalid API Key provided: {KEY}"}}
    async with stage(platform, (401, told)) as (billing, _):
        with pytest.raises(Unavailable) as refused:
            await customer(billing)
        logging.getLogger("directfanz").error("It failed.", exc_info=refused.value)
    assert KEY not in caplog.text
    assert "ben@" not in caplog.text
    assert "ben%40" not in caplog.text
    assert "STRIPE_SECRET_KEY" in refused.value.message


async def test_who_does_not_answer_is_given_up(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "CALL_SECONDS", 0.2)
    async with stage(platform, "hang") as (billing, _):
        with pytest.raises(TimedOut):
            await customer(billing)


async def test_who_is_called_away_leaves_the_pool_whole(platform: Platform) -> None:
    async with stage(platform, "hang", (200, CUSTOMER)) as (billing, impostor):
        waiting = asyncio.create_task(customer(billing))
        await impostor.hears.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await customer(billing) == "cus_1"


async def test_nobody_there_opens_the_breaker_and_it_closes_by_itself(platform: Platform, clock: ManualClock) -> None:
    hurried = Manual(clock)
    async with stage(platform, "cut", clock=hurried) as (billing, impostor):
        for _ in range(5):
            with pytest.raises(Unavailable):
                await customer(billing)
        before = len(impostor.asked)
        with pytest.raises(Unavailable, match="in a moment"):
            await customer(billing)
        assert len(impostor.asked) == before
        hurried.passed += 11
        impostor.answers = [(200, CUSTOMER)]
        assert await customer(billing) == "cus_1"
        assert await customer(billing) == "cus_1"


async def test_refusals_do_not_open_the_breaker(platform: Platform) -> None:
    async with stage(platform, (404, {"error": {"code": "resource_missing", "message": "no"}})) as (billing, impostor):
        for _ in range(12):
            with pytest.raises(NotFound):
                await billing.invoice("in_1")
        assert len(impostor.asked) == 12


class Manual(Hurried):
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.passed = 0.0

    def monotonic(self) -> float:
        return self._clock.monotonic() + self.passed


async def test_without_a_key_it_says_what_is_missing(platform: Platform) -> None:
    settings = plain_settings()
    billing = open_billing(settings, SystemClock(), open_telemetry(settings, platform, "web"))
    with pytest.raises(Unavailable, match="DIRECTFANZ_STRIPE_SECRET_KEY"):
        await customer(billing)
    with pytest.raises(Unavailable, match="DIRECTFANZ_STRIPE_SECRET_KEY"):
        await anext(aiter(billing.balance_moves(SystemClock().now(), SystemClock().now())))
    await billing.close()
