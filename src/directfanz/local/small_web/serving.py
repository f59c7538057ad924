"""Serves an application until it is asked to stop, and returns: what stands beside it can then be closed in order."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from litestar.exceptions import HTTPException
from litestar.types import Scope

DRAIN_SECONDS = 5
log = logging.getLogger("directfanz.local")


async def serve(app: Any, host: str, port: int) -> None:
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    await ReturningServer(config).serve()


async def tell_failure(error: Exception, scope: Scope) -> None:
    """For Litestar's `after_exception`: without its own logging set-up it keeps what went wrong to itself."""
    if not isinstance(error, HTTPException):
        log.error("%s failed.", scope["path"], exc_info=error)


class ReturningServer(uvicorn.Server):
    """uvicorn ends the process with the signal that stopped it; this one lets `serve` return."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        stops = (signal.SIGTERM, signal.SIGINT)
        for number in stops:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in stops:
                loop.remove_signal_handler(number)

    def stop(self) -> None:
        self.force_exit, self.should_exit = self.should_exit, True  # asked twice: at once
