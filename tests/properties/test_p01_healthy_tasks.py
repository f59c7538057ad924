"""P1: whatever task is killed, whenever, the others answer in its place and it is back in time: the supervisor that restarts and the
edge that asks another are ours; in the quick form the tasks are small servers, in the drill the platform's own.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.local.checkout import find_checkout
from directfanz.local.control import bring_down, bring_up
from directfanz.local.logbook import LogBook
from directfanz.local.part import Part
from directfanz.local.probes import http_answers
from directfanz.local.process import Command
from directfanz.local.status import read
from directfanz.local.supervisor import Supervisor
from directfanz.platform_toml import Platform
from tests.support.edge import free_port, running_edge, unhurried
from tests.support.engines import REPOSITORY

pytestmark = pytest.mark.property("P1")
BACK_SECONDS, AIM_SECONDS = 60, 5
TASKS, KILLS, READERS = 3, 6, 6
SMALL = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Task(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        time.sleep(0.01)
        self.send_response(200); self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'ok')
    def log_message(self, *words): pass
ThreadingHTTPServer.allow_reuse_address = True
ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Task).serve_forever()
"""


@asynccontextmanager
async def load(site: str, pause: float) -> AsyncIterator[list[str]]:
    """What went wrong, as people see it."""
    wrong, end, answered = [], asyncio.Event(), [0]

    async def read_on() -> None:
        async with httpx.AsyncClient(base_url=site, timeout=30) as client:
            while not end.is_set():
                try:
                    answer = await client.get("/", params={"at": str(time.monotonic())})
                    answered[0] += 1
                    if answer.status_code >= 500:
                        wrong.append(f"{answer.status_code}")
                except httpx.HTTPError as error:
                    wrong.append(repr(error))
                await asyncio.sleep(pause)

    readers = [asyncio.create_task(read_on()) for _ in range(READERS)]
    try:
        yield wrong
    finally:
        end.set()
        await asyncio.gather(*readers)
        assert answered[0] > READERS * 3


async def back(is_back: Callable[[], bool]) -> float:
    began = time.monotonic()
    async with asyncio.timeout(BACK_SECONDS):
        while not is_back():  # noqa: ASYNC110 - what tells us is what we test
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def test_killed_tasks_are_replaced_and_nobody_notices(platform: Platform, tmp_path: Path) -> None:
    ports = [free_port() for _ in range(TASKS)]
    tasks = [
        Part(
            name=f"web-{number}",
            about="a small task",
            kind="process",
            command=Command(argv=(sys.executable, "-S", "-c", SMALL, str(port)), cwd=tmp_path),
            probe=http_answers(port, "/health"),
            ports=(port,),
        )
        for number, port in enumerate(ports)
    ]
    logs, chance = LogBook(tmp_path), random.Random(1)
    supervisor = Supervisor(tasks, logs, SystemClock())
    supervisor.start()
    await supervisor.ready()
    services = {"web": [f"127.0.0.1:{port}" for port in ports]}
    try:
        with running_edge(unhurried(platform), tmp_path / "edge", services=services) as edge:
            async with load(edge.url, 0.005) as wrong:
                for _ in range(KILLS):
                    await asyncio.sleep(chance.uniform(0, 0.2))
                    runner = supervisor.runners[f"web-{chance.randrange(TASKS)}"]
                    pid = runner.standing.pid
                    assert pid
                    os.kill(pid, signal.SIGKILL)
                    alive = sum(one.ready.is_set() for one in supervisor.runners.values())
                    assert alive >= TASKS - 1
                    await back(lambda one=runner, old=pid: one.ready.is_set() and one.standing.pid not in (None, old))  # type: ignore[misc]
            assert not wrong, wrong[:5]
    finally:
        await supervisor.stop()
        logs.close()


@pytest.mark.drill
@pytest.mark.timeout(1800)
async def test_killed_processes_of_the_platform_are_replaced_and_nobody_notices(tmp_path: Path) -> None:
    """The platform itself with two tasks of each service that people reach."""
    folder = tmp_path / "here"
    folder.mkdir()
    text = (REPOSITORY / "platform.toml").read_text()
    (folder / "platform.toml").write_text(re.sub(r"tasks_local = 1", "tasks_local = 2", text, count=2))
    for name in ("database", "frontend"):
        (folder / name).symlink_to(REPOSITORY / name)
    checkout, clock, chance = find_checkout({}, folder), SystemClock(), random.Random(1)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("DIRECTFANZ_")}
    told = await bring_up(checkout, outside, clock, lambda _: None)
    slowest = 0.0
    try:
        async with load(told.site_url, 0.2) as wrong:
            for _ in range(int(os.environ.get("KILLS", "12"))):
                await asyncio.sleep(chance.uniform(0, 2))
                now = read(checkout.state.status_file)
                assert now
                part = chance.choice([one for one in now.parts if one.kind == "process" and one.pid])
                os.kill(part.pid or 0, signal.SIGKILL)

                def is_back(name: str = part.name, old: int | None = part.pid) -> bool:
                    told = read(checkout.state.status_file)
                    return any(
                        p.name == name and p.state == "ready" and p.pid != old for p in (told.parts if told else [])
                    )

                slowest = max(slowest, await back(is_back))
        assert not wrong, wrong[:5]
    finally:
        await bring_down(checkout, clock, lambda _: None)
    print(f"the slowest was back after {slowest:.1f} s; the aim is {AIM_SECONDS}")
