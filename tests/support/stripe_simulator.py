"""The Stripe simulator in this process, without sockets and by a clock moved by hand, and in one of its own.

Both are driven by Stripe's SDK: `simulator.client` is a `stripe.StripeClient`.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import stripe
import uvicorn

from directfanz.backends.clock.contract import Clock
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.clock.system import SystemClock
from directfanz.local.simulators.stripe.calendar import live
from directfanz.local.simulators.stripe.engine import Happened, Options
from directfanz.local.simulators.stripe.http.api import Call
from directfanz.local.simulators.stripe.simulator import Hook, Simulator
from directfanz.local.simulators.stripe.site import create_site
from directfanz.local.simulators.stripe.webhooks.sending import Sender

SECRET_KEY = "sk_test_for_these_tests_only"
WEBHOOK_SECRET = "whsec_for_these_tests_only"
BASE = "http://stripe.invalid"


class WithoutSockets(stripe.HTTPClient):
    """Stripe's SDK asks the simulator directly."""

    name = "without-sockets"

    def __init__(self, simulator: Simulator) -> None:
        super().__init__()
        self._simulator = simulator

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        named = {name.lower(): value for name, value in (headers or {}).items()}
        body = post_data.decode() if isinstance(post_data, bytes) else (post_data or "")
        answer = self._simulator.answer(Call(method.upper(), parts.path, parts.query, named, body))
        return answer.body.decode(), answer.status, {name.lower(): value for name, value in answer.headers.items()}

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        body, status, named = self.request(method, url, headers, post_data)
        return body.encode(), status, named

    async def sleep_async(self, secs: float) -> None:
        """A retry does not wait here."""

    def close(self) -> None:
        """Nothing is held."""

    async def close_async(self) -> None:
        """Nothing is held."""


class OverSockets(stripe.HTTPClient):
    """The SDK's own httpx client passes bodies in a way that httpx calls deprecated, which fails a test here."""

    name = "over-sockets"

    def __init__(self) -> None:
        super().__init__()
        self._client = httpx.AsyncClient(trust_env=False, timeout=20)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = await self._client.request(method, url, headers=dict(headers), content=post_data)
        except httpx.HTTPError as error:
            raise cast(Any, stripe.APIConnectionError)(str(error), should_retry=False) from error
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        await self._client.aclose()


@dataclass
class InProcess:
    """`clock` moves; `advance` also makes everything happen that is due by then."""

    simulator: Simulator
    client: stripe.StripeClient
    clock: ManualClock

    async def advance(self, by: timedelta) -> list[Happened]:
        await self.clock.advance(by)
        self.simulator.engine.advance_to(int(self.clock.now().timestamp()))
        return self.events()

    def events(self) -> list[Happened]:
        return self.simulator.engine.take_events()

    def now(self) -> int:
        return int(self.clock.now().timestamp())


@contextmanager
def stripe_in_process(
    clock: ManualClock, *, file: Path | None = None, options: Options | None = None
) -> Iterator[InProcess]:
    simulator = Simulator(clock, SECRET_KEY, file=file, options=options)
    try:
        yield InProcess(simulator, client_of(simulator), clock)
    finally:
        simulator.close()


def client_of(simulator: Simulator, **options: Any) -> stripe.StripeClient:
    return stripe.StripeClient(
        SECRET_KEY, base_addresses={"api": BASE}, http_client=WithoutSockets(simulator), **options
    )


def client_at(base: str, key: str = SECRET_KEY, **options: Any) -> stripe.StripeClient:
    """Over sockets; asynchronous if it is given an `OverSockets`, which is to be closed."""
    return stripe.StripeClient(key, base_addresses={"api": base}, **options)


@dataclass
class Controlled:
    """`control` is the simulator's own API, for making trouble."""

    base: str
    client: stripe.StripeClient

    async def control(self, path: str, /, **told: Any) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{self.base}/_simulator/{path}", json=told)
        assert answer.status_code == 200, answer.text
        return cast(dict[str, Any], answer.json())


@dataclass
class OwnProcess(Controlled):
    process: subprocess.Popen[bytes]
    state: Path

    def kill(self) -> None:
        """As a power cut would, as far as the process is concerned."""
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass
class Serving(Controlled):
    """`simulator` is what the site serves, for looking behind it."""

    simulator: Simulator


@asynccontextmanager
async def stripe_serving(*, webhook: str = "", file: Path | None = None) -> AsyncIterator[Serving]:
    """On a socket, in this process and by its real time; a delivery is tried again after a moment."""
    clock = SystemClock()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        simulator = Simulator(clock, SECRET_KEY, file=file, options=Options(public_url=base))
        simulator.listen([Hook(webhook, WEBHOOK_SECRET)] if webhook else [])
        sender = Sender(simulator.outbox, clock, simulator.disorder, first_pause=0.02)
        simulator.engine.committed.append(sender.wake)
        config = uvicorn.Config(create_site(simulator, sender), lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        beside = [asyncio.create_task(sender.run()), asyncio.create_task(live(simulator, clock))]
        serving = asyncio.create_task(server._serve([listening]))  # not `serve`, which takes the process's signals
        http = OverSockets()
        try:
            async with httpx.AsyncClient(trust_env=False) as client:  # waits in the socket's queue until it serves
                (await client.get(f"{base}/health")).raise_for_status()
            yield Serving(base, client_at(base, http_client=http), simulator)
        finally:
            await http.close_async()
            server.should_exit = True
            await serving
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            simulator.close()


@asynccontextmanager
async def stripe_process(state: Path, *, webhook: str = "", port: int = 0) -> AsyncIterator[OwnProcess]:
    port = port or free_port()
    state.mkdir(parents=True, exist_ok=True)
    (state / "secret_key").write_text(SECRET_KEY)
    (state / "webhook_secret").write_text(WEBHOOK_SECRET)
    words = ["--port", str(port), "--state", str(state), "--secret-key-file", str(state / "secret_key")]
    if webhook:
        words += ["--webhook", webhook, "--webhook-secret-file", str(state / "webhook_secret")]
    process = _started(words)
    base = f"http://127.0.0.1:{port}"
    try:
        await _until_it_answers(base, process)
        http = OverSockets()
        yield OwnProcess(base, client_at(base, http_client=http), process, state)
        await http.close_async()
    finally:
        process.terminate()
        process.wait()


def _started(words: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "directfanz.local.simulators.stripe", *words])


async def _until_it_answers(base: str, process: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(1200):
            assert process.poll() is None, "the simulator ended before it served"
            try:
                (await client.get(f"{base}/health")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
    raise AssertionError("the simulator did not begin to serve")


def start_of_story() -> datetime:
    """2 March 2026, 09:00 UTC, as the fixture `clock`."""
    return datetime.fromisoformat("2026-03-02T09:00:00+00:00")


__all__ = ["Clock", "InProcess", "OwnProcess", "stripe_in_process", "stripe_process"]
