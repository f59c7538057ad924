"""procrastinate's way to PostgreSQL, made to outlive a restart of the server.

Without this a server that is away for a second ends the heartbeat, and with it the worker; with it a running job is still noted as
done, and nobody runs it twice.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException

T = TypeVar("T")
log = logging.getLogger("directfanz.jobs")
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0
CONNECT_SECONDS = 5
POOL = 8


class PatientConnector(PsycopgConnector):
    """`patience_seconds` is less than a worker may be silent before its jobs are given to others."""

    def __init__(self, url: str, patience_seconds: float) -> None:
        self._patience = patience_seconds
        super().__init__(
            conninfo=url,
            min_size=1,
            max_size=POOL,
            timeout=CONNECT_SECONDS,
            kwargs={"application_name": "directfanz jobs", "connect_timeout": CONNECT_SECONDS},
            configure=_each_statement_alone,
        )

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        await self._patiently(lambda: super(PatientConnector, self).execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        return await self._patiently(lambda: super(PatientConnector, self).execute_query_one_async(query, **arguments))

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        return await self._patiently(lambda: super(PatientConnector, self).execute_query_all_async(query, **arguments))

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Until cancelled. While it cannot listen, polling finds the jobs."""
        wanted = list(channels)
        while True:
            try:
                await super().listen_notify(on_notification, wanted)
            except ConnectorException as error:
                log.warning("cannot listen for new jobs, polling meanwhile: %s", error.__cause__)
                await asyncio.sleep(LONGEST_PAUSE_SECONDS)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        give_up = loop.time() + self._patience
        while True:
            try:
                return await ask()
            except ConnectorException as error:
                if not isinstance(error.__cause__, psycopg.OperationalError) or loop.time() > give_up:
                    raise
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads load, guards nothing
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _each_statement_alone(connection: psycopg.AsyncConnection) -> None:
    """No BEGIN and COMMIT around each call of a function: one round trip instead of three."""
    await connection.set_autocommit(True)
