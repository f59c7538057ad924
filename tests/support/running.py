"""A process of the platform, as `directfanz run NAME` starts it, for a test that watches or hurts it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec

from directfanz.local.process import Command, Process
from directfanz.settings import Settings
from tests.support.engines import REPOSITORY
from tests.support.meanwhile import until

HOST = "127.0.0.1"
GRACE_SECONDS = 60


@dataclass
class Running:
    process: Process
    port: int
    output: bytearray = field(default_factory=bytearray)

    @property
    def pid(self) -> int:
        return self.process.pid

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}{path}"

    async def ask(self, path: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(verify=False) as client:  # noqa: S501 - no TLS here, and its certificates load slowly
            return await client.get(self.url(path), headers=headers)

    async def is_ready(self) -> bool:
        assert self.process.alive, self.output.decode(errors="replace")
        try:
            return (await self.ask("/ready")).status_code == 200
        except httpx.TransportError:
            return False

    async def figure(self, start: str) -> float:
        """The value of the first line of /metrics that begins so; 0 when there is none."""
        lines = (await self.ask("/metrics")).text.splitlines()
        return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(start)), 0.0)

    async def kill(self) -> None:
        self.process.kill_group()
        await self.process.wait()

    def tell_to_stop(self) -> None:
        self.process.signal(signal.SIGTERM)


def environment(settings: Settings) -> dict[str, str]:
    words = {}
    for name, value in msgspec.structs.asdict(settings).items():
        if value is None:
            continue
        text = ",".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else value
        words[f"DIRECTFANZ_{name.upper()}"] = str(text)
    return words


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(name: str, settings: Settings, port: int | None = None) -> AsyncIterator[Running]:
    port = port or free_port()
    settings = msgspec.structs.replace(settings, port=port, srt_port=settings.srt_port or port)
    program = Path(sys.executable).with_name("directfanz")
    command = Command(argv=(str(program), "run", name), cwd=REPOSITORY, env=environment(settings))
    output = bytearray()
    process = Process.start(command, output.extend)
    ours = Running(process, port, output)
    try:
        await until(ours.is_ready)
        yield ours
    finally:
        if process.alive:
            await asyncio.wait_for(process.stop(signal.SIGTERM, GRACE_SECONDS), GRACE_SECONDS + 5)
