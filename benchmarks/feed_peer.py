"""The home feed over HTTP, ours and Next.js + Prisma's, from the same tables: with sessions, one server on a core of its own each."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from rich.table import Table

from benchmarks.feed_world import Fans
from benchmarks.harness.load import Request, load, require_wrk
from benchmarks.harness.peers import prepare_next
from benchmarks.harness.server import Server, running
from benchmarks.world import environment_of, results_folder
from directfanz.backends.assembly import opened
from directfanz.domains.accounts.repository import sessions
from directfanz.domains.accounts.repository.sessions import NewSession
from directfanz.domains.accounts.service.authentication import SESSION_PURPOSE
from directfanz.domains.accounts.service.secrets import token_hash
from directfanz.http.caller import SESSION_COOKIE
from directfanz.kit.ids import new_id, new_token
from tests.support.engines import Engines
from tests.support.worlds import World

PEOPLE, SECONDS, CONNECTIONS, ROUNDS = 300, 8, 4, 2


def beside(engines: Engines, world: World, fans: Fans) -> Table:
    require_wrk()
    folder, people = results_folder(), fans.usual[:PEOPLE]
    cookies = asyncio.run(_signed_in(world, people))
    ours = [Request("/api/v1/me/feed", headers={"Cookie": cookie}) for cookie in cookies]
    theirs = [Request("/feed", headers={"Cookie": f"peer_session=feed-{number}"}) for number in range(len(people))]
    rows: dict[str, list[tuple[float, ...]]] = {}
    for _ in range(ROUNDS):
        with _ours(world, folder) as server:
            rows.setdefault("DirectFanz", []).append(_measured(server, ours))
        with _next(engines, world, folder) as server:
            rows.setdefault("Next.js + Prisma", []).append(_measured(server, theirs))
    table = Table("feed of 21 pages, over HTTP", "per second", "p50 ms", "p95 ms", "p99 ms", "server CPU ms each")
    for name, measured in rows.items():
        best = min(measured, key=lambda each: each[-1])
        table.add_row(name, *(f"{value:.1f}" for value in best))
    return table


def _measured(server: Server, requests: list[Request]) -> tuple[float, ...]:
    load(server.port, requests, SECONDS, CONNECTIONS)  # warm
    before = server.cpu_seconds()
    answered = load(server.port, requests, SECONDS, CONNECTIONS)
    assert answered.failed == 0, f"{answered.failed} requests failed"
    each = (server.cpu_seconds() - before) / answered.requests * 1e3
    return answered.requests / answered.seconds, answered.p50_ms, answered.p95_ms, answered.p99_ms, each


async def _signed_in(world: World, people: list[UUID]) -> list[str]:
    cookies = []
    async with opened(world.settings, service="bench") as backends:
        now = backends.clock.now()
        for number, person in enumerate(people):
            token = new_token()
            session = NewSession(
                id=new_id(), user_id=person, token_hash=token_hash(token), method="password", device="bench",
                address_prefix="127.0.0.0/24",
            )  # fmt: skip
            async with backends.database.writing() as tx:
                await sessions.insert_session(tx, session, now)
            cookies.append(f"{SESSION_COOKIE}={backends.tokens.sign(SESSION_PURPOSE, token)}")
            await backends.cache.set(f"peer:session:feed-{number}", json.dumps({"userId": str(person)}))
    return cookies


@contextmanager
def _ours(world: World, folder: Path) -> Iterator[Server]:
    command = [os.environ["BENCH_PYTHON"], "-m", "directfanz", "run", "web"]
    env = {**environment_of(world.settings), "DIRECTFANZ_PORT": "{port}"}
    with running(command, env, ready="/ready", folder=Path.cwd(), log=folder / "directfanz.log") as server:
        yield server


@contextmanager
def _next(engines: Engines, world: World, folder: Path) -> Iterator[Server]:
    command = [os.environ["BENCH_NODE"], "node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", "{port}"]
    env = {
        "DATABASE_URL": engines.app_url(world.name).partition("?")[0],
        "REDIS_URL": f"redis://:{engines.valkey_password}@127.0.0.1:{engines.valkey_port}/{world.settings.cache_database}",
        "PORT": "{port}", "NODE_ENV": "production", "NEXT_TELEMETRY_DISABLED": "1",
    }  # fmt: skip
    with running(command, env, ready="/health", folder=prepare_next(folder), log=folder / "nextjs.log") as server:
        yield server
