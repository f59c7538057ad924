"""The mail catcher as its own process, as `directfanz up` starts it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from directfanz.backends.email.smtp import SmtpCarrier, read_url
from tests.support.engines import REPOSITORY

READY_SECONDS = 30


@dataclass
class RunningCatcher:
    smtp_port: int
    http_port: int
    process: asyncio.subprocess.Process
    client: httpx.AsyncClient

    def carrier(self) -> SmtpCarrier:
        return SmtpCarrier(read_url(f"smtp://127.0.0.1:{self.smtp_port}"))

    async def messages(self, **asked: str | float) -> list[dict[str, Any]]:
        answer = await self.client.get("/inbox/messages.json", params=asked)
        answer.raise_for_status()
        return list(answer.json())

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def running_catcher(state: Path) -> AsyncIterator[RunningCatcher]:
    smtp_port, http_port = _free_ports(2)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "directfanz.local.mailcatcher", "--state", str(state)),
        *("--smtp-port", str(smtp_port), "--http-port", str(http_port)),
        cwd=REPOSITORY,
    )
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{http_port}", trust_env=False, timeout=40)
    try:
        await _ready(client, process)
        yield RunningCatcher(smtp_port, http_port, process, client)
    finally:
        await client.aclose()
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while process.returncode is None:
            try:
                (await client.get("/health")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return
    raise RuntimeError("the mail catcher ended before it was ready")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
