"""A chat room with many in it: what one delivery costs, how fast it is, and how many there can be, beside socket.io and ws.

    python -m benchmarks.chat                # everything, about seven minutes
    python -m benchmarks.chat --quick        # one round of the fixed rate, for a look
    python -m benchmarks.chat --large        # ours with 5,000, strangers and people who are signed in

One server process has a core for itself; members, speakers and engines share the other. The peers are installed from npm
when they are first asked for. A peer takes a message in from one of its sockets; ours hears of it from the cache, where another
process of the platform published it after it had written the row. Told are the server's own processor time per delivery, read
from the kernel, and the time from the moment a message was due until a member had it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psutil
import uvloop

from benchmarks.harness.peers import prepare_chat
from benchmarks.world import results_folder
from directfanz.backends import Backends
from directfanz.backends.clock.system import SystemClock
from directfanz.domains.chat.events import Happened, channel_of
from directfanz.domains.chat.models import Event
from directfanz.kit.ids import new_id
from directfanz.local.process import Command, Process
from directfanz.processes.realtime.protocol import TICKET_PREFIX
from directfanz.processes.realtime.tickets import issue
from directfanz.settings import Settings
from tests.support.accounts import stage_set
from tests.support.chats import room_of
from tests.support.creators import page_of
from tests.support.engines import begin_run, end_run, shared_engines
from tests.support.running import free_port, running
from tests.support.worlds import make_world

SERVER_CPU, LOAD_CPU = "0", "1"
SECONDS = 3.0
SMALL, LARGE, STEADY = 1000, 5000, 20
LATE_MS = 250.0
# The share of a step by which the search for the most goes up, and down.
UP, DOWN = 1.35, 0.8
_ENCODER = msgspec.json.Encoder()


class Result(msgspec.Struct, kw_only=True):
    who: str
    members: int
    rate: int
    delivered: int
    expected: int
    p50: float
    p99: float
    cpu: float  # of a core
    us: float  # per delivery
    entered_seconds: float  # all of them
    entered_us: float  # each

    @property
    def keeps_up(self) -> bool:
        return self.delivered > 0 and self.delivered >= 0.999 * self.expected and self.p99 <= LATE_MS


class Server(msgspec.Struct):
    who: str
    mode: str
    port: int
    pid: int
    opened: Callable[[], Awaitable[UUID]] | None = None  # another room: nobody is told what was said in the last one
    backends: Any = None


async def measure(server: Server, program: Path, members: int, rate: int, tickets: Path | None = None) -> Result:
    words = [str(program), str(server.port), str(members), str(rate), str(SECONDS), server.mode]
    words += [str(tickets)] if tickets else []
    process = await asyncio.create_subprocess_exec(
        "taskset", "-c", LOAD_CPU, *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    room = await server.opened() if server.opened else None
    if room is not None:
        process.stdin.write(f"chat:{room.hex}\n".encode())
    watched, said = psutil.Process(server.pid), asyncio.Queue[str]()
    before, began, entered = cpu(watched), time.monotonic(), (0.0, 0.0)
    spending = asyncio.create_task(spent_in(watched, 0.01))
    speaker = asyncio.create_task(speak(server.backends, room, said)) if room else None
    found: Result | None = None
    async for line in process.stdout:
        text = line.decode()
        if text.startswith("SAY "):
            said.put_nowait(text[4:].rstrip("\n"))
        elif text.startswith("READY"):
            entered = (time.monotonic() - began, (cpu(watched) - before) * 1e6 / members)
        elif text.startswith("BEGIN"):
            spending = asyncio.create_task(spent_in(watched, SECONDS))
        elif text.startswith("JSON"):
            told = msgspec.json.decode(text[4:])
            used, wall = await spending
            found = Result(
                who=server.who, members=members, rate=rate, delivered=told["delivered"], expected=told["expected"],
                p50=told["p50"], p99=told["p99"], cpu=used / wall, us=used * 1e6 / max(1, told["delivered"]),
                entered_seconds=entered[0], entered_us=entered[1],
            )  # fmt: skip
    await process.wait()
    if speaker is not None:
        speaker.cancel()
    if found is None:
        found = Result(
            who=server.who, members=members, rate=rate, delivered=0, expected=1, p50=-1, p99=1e9, cpu=1, us=0,
            entered_seconds=entered[0], entered_us=entered[1],
        )  # fmt: skip
    return found


async def speak(backends: Backends, room: UUID, said: asyncio.Queue[str]) -> None:
    """As another process of the platform: rows first, then the word; what is waiting goes together."""
    while True:
        words = [await said.get()]
        while not said.empty():
            words.append(said.get_nowait())
        now = backends.clock.now()
        async with backends.database.writing() as tx:
            row = await tx.fetch_row(
                "UPDATE chat_rooms SET last = last + $2 WHERE id = $1 RETURNING last, epoch", room, len(words)
            )
            assert row is not None
            first = row[0] - len(words) + 1
            events = [
                Event(position=first + n, id=new_id(), kind="text", said_at=now, name="Ada", body=text)
                for n, text in enumerate(words)
            ]
            await tx.execute_many(
                """INSERT INTO chat_events (room_id, position, id, kind, body, facts, said_at)
                   VALUES ($1, $2, $3, 'text', $4, '{}', $5)""",
                [(room, each.position, each.id, each.body, now) for each in events],
            )
        for each in events:
            await backends.cache.publish(channel_of(room), _ENCODER.encode(Happened(row[1], each)))


async def spent_in(process: psutil.Process, seconds: float) -> tuple[float, float]:
    """Processor seconds, and how many have passed."""
    before, began = cpu(process), time.monotonic()
    await asyncio.sleep(seconds)
    return cpu(process) - before, time.monotonic() - began


def cpu(process: psutil.Process) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


async def most(server: Server, program: Path, members: int, guess: int) -> Result:
    """The highest rate that it keeps up with, within a tenth."""
    best, rate, worst = await measure(server, program, members, STEADY), guess, 0
    for _ in range(3):
        tried = await measure(server, program, members, rate)
        show(tried)
        if tried.keeps_up:
            best, rate = tried, int(rate * UP) if not worst else (rate + worst) // 2
        else:
            worst, rate = rate, int(rate * DOWN) if best.rate in (STEADY, 0) else (best.rate + rate) // 2
        if worst and best.rate and worst / best.rate < 1.1:
            break
    return best


@asynccontextmanager
async def ours(settings: Settings) -> AsyncIterator[Server]:
    settings = msgspec.structs.replace(settings, trusted_proxies="127.0.0.0/8")
    async with stage_set(settings, SystemClock()) as stage:  # type: ignore[arg-type]  # nothing is moved
        page = await page_of(stage, await stage.joined("ada"))
        async with running("realtime", settings) as process:
            pin(process.pid)
            yield Server("DirectFanz", "ours", process.port, process.pid, lambda: room_of(stage, page), stage.backends)


async def signed_in(backends: Backends, many: int, path: Path) -> Path:
    """So many people with a session each, and a ticket for each in a file."""
    now = datetime.now(UTC)
    people = [(new_id(), new_id()) for _ in range(many)]
    async with backends.database.writing() as tx:
        await tx.execute_many(
            """INSERT INTO users (id, email, handle, display_name, status, status_changed_at, created_at, updated_at)
               VALUES ($1, $2, $3, 'Somebody', 'active', $4, $4, $4)""",
            [(user, f"p{user.hex}@example.com", f"p{user.hex}", now) for user, _ in people],
        )
        await tx.execute_many(
            """INSERT INTO sessions (id, user_id, token_hash, method, device, address_prefix, created_at, authenticated_at,
                                     last_seen_at, expires_at)
               VALUES ($1, $2, $3, 'password', 'bench', '10.0.0.0/24', $4, $4, $4, $5)""",
            [(session, user, session.bytes * 2, now, now + timedelta(days=1)) for user, session in people],
        )
    tickets = [TICKET_PREFIX + issue(backends.tokens, *each, datetime.now(UTC)) for each in people]
    await asyncio.to_thread(path.write_text, "\n".join(tickets))
    return path


@asynccontextmanager
async def peer(folder: Path, who: str, file: str, mode: str) -> AsyncIterator[Server]:
    port = free_port()
    node = str(Path(sys.executable).with_name("node"))
    command = Command(argv=(node, file), cwd=folder, env={"PORT": str(port), "NODE_ENV": "production"})
    process = Process.start(command, complain)
    await asyncio.sleep(1.5)
    pin(process.pid)
    try:
        yield Server(who, mode, port, process.pid)
    finally:
        process.kill_group()
        await process.wait()


def complain(data: bytes) -> None:
    sys.stderr.write(data.decode())


def pin(pid: int) -> None:
    process = psutil.Process(pid)
    for each in (process, *process.children(recursive=True)):
        for thread in each.threads():
            os.sched_setaffinity(thread.id, {int(SERVER_CPU)})


def show(r: Result) -> None:
    print(
        f"{r.who:<11} {r.members:>5} members {r.rate:>5} msg/s: {r.us:6.2f} us a delivery, {r.cpu:5.2f} of a core, p50 {r.p50:7.1f} "
        f"p99 {r.p99:7.1f} ms, {r.delivered / max(1, r.expected):7.2%}; all in after {r.entered_seconds:.1f} s, "
        f"{r.entered_us:.0f} us each",
        flush=True,
    )


async def everything(settings: Settings, folder: Path, program: Path, *, quick: bool) -> None:
    results: list[Result] = []
    contenders: list[tuple[Callable[[], AbstractAsyncContextManager[Server]], int]] = [
        (lambda: peer(folder, "ws", "ws.mjs", "ws"), 180), (lambda: peer(folder, "socket.io", "socketio.mjs", "sio"), 130),
        (lambda: ours(settings), 700),
    ]  # fmt: skip
    for opened, guess in contenders:
        async with opened() as server:
            results.append(await measure(server, program, SMALL, STEADY))
            show(results[-1])
            if quick:
                continue
            found = await most(server, program, SMALL, guess)
            results.append(found)
            print(
                f"{server.who}: at most {found.rate * found.members:,} deliveries a second in a room of {found.members}"
            )
            results.append(await measure(server, program, LARGE, STEADY))
            show(results[-1])
            if server.backends is not None:
                tickets = await signed_in(server.backends, LARGE, folder / "tickets")
                found = await measure(server, program, LARGE, STEADY, tickets)
                results.append(msgspec.structs.replace(found, who="signed in"))
                show(results[-1])
    (results_folder() / "chat.json").write_bytes(msgspec.json.encode(results))


async def large(settings: Settings, folder: Path, program: Path) -> None:
    async with ours(settings) as server:
        show(await measure(server, program, LARGE, STEADY))
        tickets = await signed_in(server.backends, LARGE, folder / "tickets")
        show(msgspec.structs.replace(await measure(server, program, LARGE, STEADY, tickets), who="signed in"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chat", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--large", action="store_true", help="only the large room, of ours")
    wanted = parser.parse_args()
    if shutil.which("gcc") is None:
        raise SystemExit("The load is a small C program: install gcc.")
    folder = prepare_chat(results_folder())
    program = folder / "load"
    subprocess.run(["gcc", "-O2", "-o", str(program), str(folder / "load.c")], check=True)
    os.sched_setaffinity(0, {int(LOAD_CPU)})
    begin_run()
    try:
        with tempfile.TemporaryDirectory() as state:
            world = make_world(shared_engines(), "bench_chat", 9, Path(state))
            if wanted.large:
                uvloop.run(large(world.settings, folder, program))
            else:
                uvloop.run(everything(world.settings, folder, program, quick=wanted.quick))
    finally:
        end_run()


if __name__ == "__main__":
    main()
