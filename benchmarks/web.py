"""The web process beside what one would otherwise build it with: the same data, the same engines, the same run.

Five requests that make up a day: signing in, asking who one is, a page of people from the database, the same from
the cache, and the same as HTML. Ours goes through everything it always goes through (request id, limits, metrics, access log,
security headers); the peers do only what is asked. `bare Python` is the limit below which these libraries do not go: it
answers a session check with a constant.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.harness.compare import OURS, Contender, Scenario
from benchmarks.harness.load import Request
from benchmarks.harness.peers import PEERS, prepare_fastapi, prepare_fastify, prepare_next
from benchmarks.harness.server import Server, running
from benchmarks.world import PASSWORD, BenchWorld

SESSIONS = 500
JSON = {"Content-Type": "application/json"}
# Sign-ins come from many people at many places, or the limits would (rightly) stop them.
PLACES = [f"10.{i >> 8 & 255}.{i & 255}.7" for i in range(20_000)]


def scenarios(world: BenchWorld) -> list[Scenario]:
    return [
        Scenario(
            "session check", "who am I: a cookie, one lookup", partial(_reads, world, "/api/v1/session", "/session")
        ),
        Scenario("database read", "20 people from PostgreSQL as JSON", partial(_people, world)),
        Scenario("cached read", "a session and the same 20 people from the cache", partial(_cached, world)),
        Scenario("page", "the same 20 people as HTML", partial(_reads, world, "/people", "/page")),
        Scenario(
            "sign-in", "Argon2id (t=2, 19 MiB), a session kept", partial(_sign_ins, world), connections=8, seconds=4
        ),
    ]


def contenders(world: BenchWorld, folder: Path) -> list[Contender]:
    fastify, fastapi, nextjs = prepare_fastify(folder), prepare_fastapi(folder), prepare_next(folder)
    node = [str(Path(os.environ["BENCH_NODE"]))]
    peer_env = {
        "DATABASE_URL": world.peer_database_url,
        "REDIS_URL": world.redis_url,
        "PORT": "{port}",
        "NODE_ENV": "production",
    }
    next_start = [*node, "node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", "{port}"]
    serve = ["app:app", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--port", "{port}"]
    bare = [os.environ["BENCH_PYTHON"], "-m", "uvicorn", *serve]
    return [
        Contender(OURS, lambda: _ours(world, folder)),
        Contender("Fastify + pg", _peer([*node, "server.mjs"], peer_env, fastify, folder)),
        Contender(
            "FastAPI + SQLAlchemy", _peer([str(fastapi / "venv/bin/uvicorn"), *serve], peer_env, fastapi, folder)
        ),
        Contender("bare Python", _peer(bare, peer_env, PEERS / "bare", folder), ("session check", "database read")),
        Contender("Next.js + Prisma", _peer(next_start, {**peer_env, "NEXT_TELEMETRY_DISABLED": "1"}, nextjs, folder)),
    ]


def _peer(
    command: list[str], env: dict[str, str], cwd: Path, folder: Path
) -> Callable[[], AbstractContextManager[Server]]:
    return lambda: running(command, env, ready="/health", folder=cwd, log=folder / f"{cwd.name}.log")


@contextmanager
def _ours(world: BenchWorld, folder: Path) -> Iterator[Server]:
    command = [str(Path(os.environ["BENCH_PYTHON"])), "-m", "directfanz", "run", "web"]
    env = {**world.environment, "DIRECTFANZ_PORT": "{port}"}
    with running(command, env, ready="/ready", folder=Path.cwd(), log=folder / "directfanz.log") as server:
        world.sign_in_people(server.port, SESSIONS)
        yield server


def _cookies(world: BenchWorld, name: str) -> Sequence[str]:
    if name == OURS:
        return [f"theme=dark; {cookie}" for cookie in world.cookies]
    return [f"theme=dark; peer_session={token}" for token in world.peer_tokens]


def _reads(world: BenchWorld, ours: str, theirs: str, name: str) -> list[Request]:
    path = ours if name == OURS else theirs
    return [Request(path, headers={"Cookie": cookie}) for cookie in _cookies(world, name)]


def _people(world: BenchWorld, name: str) -> list[Request]:
    """From places all over the list, asked by strangers, so that nothing can be remembered."""
    if name == OURS:
        return [Request(f"/api/v1/people?limit=20&cursor={cursor}") for cursor in world.cursors]
    return [Request(f"/people?before={key}") for key in world.positions]


def _cached(world: BenchWorld, name: str) -> list[Request]:
    return _reads(world, "/api/v1/people", "/cached", name)


def _sign_ins(world: BenchWorld, name: str) -> list[Request]:
    path = "/api/v1/auth/sign-in" if name == OURS else "/sign-in"
    return [
        Request(path, "POST", {**JSON, "X-Forwarded-For": place}, json.dumps({"email": email, "password": PASSWORD}))
        for place, email in zip(PLACES, world.emails_round(len(PLACES)), strict=True)
    ]


__all__ = ["PEERS", "contenders", "scenarios"]
