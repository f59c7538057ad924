"""The supervisor with small programs: what is started when, what comes back, what is left behind (nothing)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from directfanz.backends.clock.system import SystemClock
from directfanz.local.logbook import LogBook
from directfanz.local.part import NotReady, Part
from directfanz.local.process import Command, Process
from directfanz.local.supervisor import Supervisor
from tests.support.processes import ends_soon

# Writes a line when it begins and one when it is told to end; goes on until then.
LIVES = """
import pathlib, signal, sys
diary = pathlib.Path("diary")
def tell(what):
    with diary.open("a") as file:
        file.write(f"{sys.argv[1]} {what}\\n")
def end(*_):
    tell("ends")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
tell("begins")
pathlib.Path(sys.argv[1]).touch()
while True:
    signal.pause()
"""
STUBBORN = LIVES.replace("signal.signal(signal.SIGTERM, end)", "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
# The child writes nothing, so nothing but a signal ends it; the parent ends when the child is well under way.
LEAVES_A_CHILD = """
import os, signal, sys
read_end, write_end = os.pipe()
child = os.fork()
if child == 0:
    os.write(write_end, b"here")
    signal.pause()
os.read(read_end, 4)
print(child, flush=True)
"""

SUPERVISOR_OF_ONE = """
import asyncio, pathlib, sys
from directfanz.local.process import Command, Process
PART = "import os, signal; os.write(1, b'%d' % os.getpid()); signal.pause()"
async def main():
    command = Command(argv=(sys.executable, "-c", PART), cwd=pathlib.Path("."))
    process = Process.start(command, lambda said: print(said.decode(), flush=True))
    await process.wait()
asyncio.run(main())
"""


def part(folder: Path, name: str, program: str = LIVES, **more: Any) -> Part:
    async def is_there() -> None:
        if not (folder / name).exists():
            raise NotReady("no file yet")

    return Part(
        **{
            "name": name,
            "about": "",
            "kind": "engine",
            "command": Command(argv=(sys.executable, "-c", program, name), cwd=folder, env={}),
            "probe": is_there,
            **more,
        }
    )


@asynccontextmanager
async def supervised(
    folder: Path, *parts: Part
) -> AsyncIterator[tuple[Supervisor, Callable[[Callable[[], bool]], Awaitable[None]]]]:
    changed = asyncio.Event()
    logs = LogBook(folder)
    supervisor = Supervisor(parts, logs, SystemClock(), watcher=changed.set)

    async def until(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                changed.clear()
                await changed.wait()

    supervisor.start()
    try:
        yield supervisor, until
    finally:
        await supervisor.stop()
        logs.close()


async def test_needs_come_first_and_end_last(tmp_path: Path) -> None:
    parts = (
        part(tmp_path, "store"),
        part(tmp_path, "mail"),
        part(tmp_path, "schema", "", kind="step", probe=None, needs=("store",)),
        part(tmp_path, "web", needs=("store", "schema"), uses=("mail",)),
        part(tmp_path, "edge", needs=("web",)),
    )
    async with supervised(tmp_path, *parts) as (supervisor, _):
        await asyncio.wait_for(supervisor.ready(), 20)
    told = (tmp_path / "diary").read_text().splitlines()
    assert told.index("store begins") < told.index("web begins") < told.index("edge begins")
    assert told[4:6] == ["edge ends", "web ends"]
    assert set(told[6:]) == {"store ends", "mail ends"}
    states = {name: runner.standing.state for name, runner in supervisor.runners.items()}
    assert states.pop("schema") == "done"
    assert set(states.values()) == {"stopped"}


async def test_what_falls_comes_back_and_what_needs_it_runs_on(tmp_path: Path) -> None:
    async with supervised(tmp_path, part(tmp_path, "store"), part(tmp_path, "web", needs=("store",))) as (
        supervisor,
        until,
    ):
        await asyncio.wait_for(supervisor.ready(), 20)
        store, web = supervisor.runners["store"].standing, supervisor.runners["web"].standing
        assert store.pid
        os.kill(store.pid, signal.SIGKILL)
        await until(lambda: store.starts == 2 and store.state == "ready")
        assert (web.starts, web.state) == (1, "ready")
    assert "store ended with -9; again in 0.2 s" in (tmp_path / "supervisor.log").read_text()


async def test_a_step_is_repeated_until_it_succeeds_and_then_never(tmp_path: Path) -> None:
    program = (
        "import pathlib; n = len(list(pathlib.Path('.').glob('try*'))); pathlib.Path(f'try{n}').touch(); exit(n < 2)"
    )
    step = part(tmp_path, "schema", program, kind="step", probe=None, stamp="of this content")
    web = part(tmp_path, "web", needs=("schema",))
    async with supervised(tmp_path, step, web) as (supervisor, _):
        await asyncio.wait_for(supervisor.ready(), 20)
        assert len(list(tmp_path.glob("try*"))) == 3
        stamps = supervisor.stamps
    logs = LogBook(tmp_path)
    again = Supervisor([step, web], logs, SystemClock(), stamps=stamps)
    again.start()
    await asyncio.wait_for(again.ready(), 20)
    await again.stop()
    logs.close()
    assert len(list(tmp_path.glob("try*"))) == 3
    assert again.runners["schema"].standing.state == "done"


async def test_who_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    async with supervised(tmp_path, part(tmp_path, "mule", STUBBORN, grace_seconds=0.3)) as (supervisor, _):
        await asyncio.wait_for(supervisor.ready(), 20)
        pid = supervisor.runners["mule"].standing.pid
        began = time.monotonic()
    assert pid
    assert ends_soon(pid)
    assert 0.3 <= time.monotonic() - began < 10


async def test_what_a_part_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    said = bytearray()
    process = Process.start(Command(argv=(sys.executable, "-c", LEAVES_A_CHILD), cwd=tmp_path), said.extend)
    assert await asyncio.wait_for(process.wait(), 20) == 0  # though the child still holds the output
    assert ends_soon(int(said))


async def test_an_answer_from_somebody_elses_port_is_not_ours(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as stranger:
        port = stranger.getsockname()[1]
        async with supervised(tmp_path, part(tmp_path, "web", ports=(port,))) as (supervisor, until):
            standing = supervisor.runners["web"].standing
            await until(lambda: standing.state == "restarting")
            assert f"Port {port} is held by" in standing.note
            assert standing.starts == 0
            stranger.close()
            await until(lambda: standing.state == "ready")


async def test_a_part_whose_supervisor_is_killed_ends(tmp_path: Path) -> None:
    """A supervisor of one part is killed without any chance to tidy up."""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR_OF_ONE, stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    assert supervisor.stdout
    pid = int(await supervisor.stdout.readline())  # said by the part itself, so it lives
    supervisor.kill()
    await supervisor.wait()
    assert ends_soon(pid)
