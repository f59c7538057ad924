"""Whether the process lives, whether it can work, and what it has measured."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from directfanz.backends import Backends
from directfanz.errors import DirectFanzError, NotFound
from directfanz.http.answers import JSON, Answer
from directfanz.http.arrival import Arrival
from directfanz.http.measures import Measures

_PROBE_SECONDS = 2.0


class Status:
    def __init__(self, backends: Backends, measures: Measures) -> None:
        self._backends = backends
        self._measures = measures
        self.draining = False

    async def health(self, _: Arrival) -> Answer:
        """Alive. It asks no engine: a database that is down is no reason to kill this process."""
        return 200, [JSON], b'{"status":"alive"}'

    async def ready(self, _: Arrival) -> Answer:
        if self.draining:
            return 503, [JSON], b'{"status":"draining"}'
        probes = {"database": self._backends.database.ping, "cache": self._backends.cache.ping}
        states = dict(zip(probes, await asyncio.gather(*map(_answers, probes.values())), strict=True))
        ready = all(states.values())
        body = {
            "status": "ready" if ready else "unavailable",
            **{n: "up" if up else "down" for n, up in states.items()},
        }
        return (200 if ready else 503), [JSON], msgspec.json.encode(body)

    async def metrics(self, arrival: Arrival) -> Answer:
        """For the collector beside us, not for the world: what came through the edge finds nothing here."""
        if b"x-forwarded-for" in arrival.head:
            raise NotFound("There is nothing at this address.")
        self._measures.tell_in_flight()
        body, kind = self._backends.telemetry.prometheus()
        return 200, [(b"content-type", kind.encode())], body


async def _answers(ping: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            await ping()
    except (DirectFanzError, TimeoutError):
        return False
    return True
