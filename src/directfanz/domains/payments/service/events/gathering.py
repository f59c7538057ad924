"""What is delivered at the same time is taken together.

A delivery that finds few others under way is taken at once. Under load those that come meanwhile wait for the next stretch, so the
stretches grow with the load and nobody waits for a clock. Each delivery still hears of its own event only.
"""

from __future__ import annotations

import asyncio
from collections import deque

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event
from directfanz.domains.payments.service import events

STRETCH = 200
SIDE_BY_SIDE = 4
Waiting = tuple[Event, asyncio.Future[bool]]


class Gathering:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._waiting: deque[Waiting] = deque()
        self._under_way: set[asyncio.Task[None]] = set()

    async def take(self, event: Event) -> bool:
        """As `events.take`. Whoever stops waiting does not stop the work."""
        heard: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, heard))
        if len(self._under_way) < SIDE_BY_SIDE:
            task = asyncio.create_task(self._work())
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return await heard

    async def _work(self) -> None:
        await asyncio.sleep(0)  # all that arrived in this turn of the loop
        while self._waiting:
            stretch = [self._waiting.popleft() for _ in range(min(STRETCH, len(self._waiting)))]
            try:
                outcomes = await events.take_all(self._backends, [event for event, _ in stretch])
            except BaseException as error:
                for _, heard in stretch:
                    _tell(heard, error if isinstance(error, Exception) else asyncio.CancelledError())
                raise
            for (_, heard), outcome in zip(stretch, outcomes, strict=True):
                _tell(heard, outcome)


def _tell(heard: asyncio.Future[bool], outcome: bool | BaseException) -> None:
    if heard.done():
        return  # nobody waits any more
    if isinstance(outcome, bool):
        heard.set_result(outcome)
    elif isinstance(outcome, asyncio.CancelledError):
        heard.cancel()
    else:
        heard.set_exception(outcome)
