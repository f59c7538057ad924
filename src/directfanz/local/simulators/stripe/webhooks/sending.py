"""Sends what the outbox holds, many at a time, and again after growing pauses."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging

import httpx

from directfanz.backends.clock.contract import Clock
from directfanz.local.simulators.stripe.webhooks.disorder import Disorder
from directfanz.local.simulators.stripe.webhooks.outbox import Delivery, Outbox
from directfanz.local.simulators.stripe.webhooks.signing import signature

AT_ONCE = 16
TIMEOUT_SECONDS = 20.0
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
MOST_TRIES = 200
log = logging.getLogger("directfanz.local")


class Sender:
    def __init__(
        self, outbox: Outbox, clock: Clock, disorder: Disorder, *, first_pause: float = FIRST_PAUSE_SECONDS
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._disorder = disorder
        self._first_pause = first_pause
        self._due: list[tuple[float, int, str]] = []
        self._count = 0
        self._news = asyncio.Event()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._sending: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something was committed, or the pause is over."""
        self._news.set()

    async def run(self) -> None:
        """Until it is cancelled; what is under way then is written down and sent by the next one."""
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, limits=limits) as client:
            try:
                while True:
                    self._take_new()
                    await self._send_due(client)
                    await self._wait()
            finally:
                for task in self._sending:
                    task.cancel()
                await asyncio.gather(*self._sending, return_exceptions=True)

    def _take_new(self) -> None:
        self._news.clear()
        for name in self._outbox.take_new():
            self._plan(name, self._disorder.delay())
            if self._disorder.doubles() and (twin := self._outbox.double(name)):
                self._plan(twin, self._disorder.delay())

    def _plan(self, name: str, pause: float) -> None:
        self._count += 1
        heapq.heappush(self._due, (self._clock.monotonic() + pause, self._count, name))

    async def _send_due(self, client: httpx.AsyncClient) -> None:
        while self._due and self._due[0][0] <= self._clock.monotonic() and not self._disorder.paused:
            _, _, name = heapq.heappop(self._due)
            await self._places.acquire()
            task = asyncio.create_task(self._send(client, name))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._places.release()
        if not task.cancelled() and task.exception():
            log.error("A webhook could not be sent.", exc_info=task.exception())

    async def _wait(self) -> None:
        pause = self._due[0][0] - self._clock.monotonic() if self._due and not self._disorder.paused else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), None if pause is None else max(pause, 0.0))

    async def _send(self, client: httpx.AsyncClient, name: str) -> None:
        found = self._outbox.find(name)
        if found is None:  # the event is too old to be told, or nobody listens any more
            self._outbox.delivered(name)
            return
        delivery, body = found
        if not self._disorder.drops() and await self._accepted(client, delivery, body):
            self._outbox.delivered(name)
            return
        tries = self._outbox.failed(name)
        if 0 < tries < MOST_TRIES:
            self._plan(name, min(self._first_pause * 2 ** min(tries - 1, 10), LONGEST_PAUSE_SECONDS))
            self.wake()

    async def _accepted(self, client: httpx.AsyncClient, delivery: Delivery, body: bytes) -> bool:
        stamp = int(self._clock.now().timestamp())  # of now, each time: receivers refuse old ones
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(delivery.secret, stamp, body),
        }
        try:
            answer = await client.post(delivery.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            log.warning("%s (%s) did not reach %s: %s", delivery.event, delivery.kind, delivery.url, error)
            return False
        if not answer.is_success:
            log.warning("%s (%s): %s answered %s", delivery.event, delivery.kind, delivery.url, answer.status_code)
        return answer.is_success
