"""The drill: a busy DirectFanz, its web, realtime, worker and streaming processes, moves to another set of engines under load, and back.

Nothing is told to the processes. As in front of a pooler, their connections lead to lines whose far end is changed inside the fence; new
ones wait meanwhile. What is counted is what clients see.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.migrations import migrate
from directfanz.domains.notifications import service as notifications
from directfanz.errors import DirectFanzError
from directfanz.http.caller import SESSION_COOKIE
from directfanz.local.engines.postgres import APP, OWNER
from directfanz.local.engines.roles import Roles, ensure_database, ensure_roles
from directfanz.migrate import planner, verbs
from directfanz.migrate.cutover.carriers import CacheCarrier
from directfanz.migrate.objects.copying import Mover
from directfanz.migrate.objects.ledger import Ledger
from directfanz.migrate.objects.place import Address, Place
from directfanz.migrate.objects.verifying import verify_objects
from directfanz.migrate.plan import Options
from directfanz.migrate.progress import Progress
from directfanz.migrate.side import Side
from directfanz.migrate.verify.verify import verify
from directfanz.migrate.work import Work, at_work
from directfanz.platform_toml import load_platform
from directfanz.settings import Settings, load
from tests.support.accounts import Stage, stage_set
from tests.support.creators import page_of
from tests.support.deploying import Load
from tests.support.engines import REPOSITORY
from tests.support.live import OnAir, planned
from tests.support.meanwhile import until
from tests.support.own_engines import OwnEngines, own_engines
from tests.support.running import Running, free_port, running
from tests.support.streaming import AAC, H264, PICTURE, TONE, ffmpeg_publishing
from tests.support.two_homes import ACCEPTED
from tests.support.websocket import Client, connected
from tests.support.wobbly import Line

NAMES = ("postgres", "valkey", "seaweedfs")
PROCESSES = ("web", "realtime", "worker", "streaming")
NAME = "platform"
CLOCK = SystemClock()
ENCODER = ("-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE, "-t", "900", *H264, "-g", "30", *AAC)
LONGEST_SECONDS = 15  # of a client's wait: no aim, only that nobody hangs


@dataclass
class Lines:
    """Where the applications connect; the switch of this cutover."""

    homes: dict[str, OwnEngines]
    database: Line
    cache: Line

    def pause(self) -> None:
        self.database.hold()
        self.cache.hold()

    def point(self, side: Side) -> None:
        home = self.homes[side.name].set
        self.database.lead_to(home.postgres.port)
        self.cache.lead_to(home.valkey.port)

    def resume(self) -> None:
        self.database.release()
        self.cache.release()


@dataclass
class Busy(Load):
    """Who is told to come again comes again, as a page's script does; a word without an answer is looked for first."""

    web: str = ""
    realtime_port: int = 0
    again: int = 0
    problems: list[str] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]) -> None:
        for _ in range(50):
            if self._end.is_set():
                return
            before = len(self.failed)
            await super()._ask(client, method, path, headers)
            if len(self.failed) == before or not re.search(r": 50[0-9] ", self.failed[-1]):
                return
            self.failed.pop()
            self.again += 1
            await asyncio.sleep(0.2)

    async def _say(self) -> None:
        while not self._end.is_set():
            title = f"n{len(self.said)}"
            if not await self._told(title):
                self.again += 1
                await asyncio.sleep(0.02)
                continue
            self.said.append(title)
            self.acknowledged.append(time.monotonic())
            await asyncio.sleep(0.03)

    async def _told(self, title: str) -> bool:
        backends = self.stage.backends
        try:
            async with backends.database.writing() as tx:
                if not await tx.fetch_value("SELECT true FROM notifications WHERE facts ->> 'title' = $1", title):
                    await notifications.notify(
                        backends, tx, self.ben.user_id, "platform.news", title=title, text="Now."
                    )
        except DirectFanzError as error:
            self.problems.append(repr(error))
            return False
        return True

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[Client]:
        cookie = {"Cookie": f"{SESSION_COOKIE}={self.ben.browser.session}", "Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(base_url=self.site, timeout=30) as client:
            answer = await client.post("/api/v1/realtime/ticket", headers=cookie)
        if answer.status_code >= 500:
            raise OSError("no ticket now")
        protocol, ticket = answer.json()["subprotocols"]
        async with connected(self.realtime_port, ticket.removeprefix("ticket."), subprotocols=[protocol]) as socket:
            yield socket

    def longest_wait(self) -> float:
        return max(later - before for before, later in zip(self.acknowledged, self.acknowledged[1:], strict=False))


def _settings(old: OwnEngines, lines: Lines, folder: Path) -> Settings:
    storage = old.set.seaweedfs.identities["app"]
    secret = old.state.secret
    values = {
        "environment": "test",
        "profile": "local",
        "platform_file": str(REPOSITORY / "platform.toml"),
        "state_dir": str(folder),
        "site_url": "http://localhost:8080",
        "secret_key": "a key for tests that nobody needs to guess",
        "database_url": _url(lines.database.port, APP, secret("database-app-password")),
        "database_owner_url": _url(lines.database.port, OWNER, secret("database-owner-password")),
        "cache_nodes": f"127.0.0.1:{lines.cache.port}",
        "cache_password": old.set.valkey.password,
        "storage_endpoint": old.set.seaweedfs.endpoint,
        "storage_access_key": storage.access_key,
        "storage_secret_key": storage.secret_key,
        "smtp_url": "smtp://127.0.0.1:9",
        "telemetry_backend": "none",
    }
    return load({f"DIRECTFANZ_{key.upper()}": value for key, value in values.items()})


def _url(port: int, role: str, password: str) -> str:
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{NAME}?sslmode=disable"


def _founded(home: OwnEngines, *, whole: bool) -> None:
    server, secret = home.set.postgres.url(), home.state.secret
    ensure_roles(server, Roles(secret("database-owner-password"), secret("database-app-password")))
    extensions = load_platform(REPOSITORY / "platform.toml").database.extensions
    ensure_database(server, NAME, extensions if whole else ())


@dataclass
class Platform:
    old: OwnEngines
    new: OwnEngines
    lines: Lines
    stage: Stage
    processes: dict[str, Running]
    load: Busy
    air: OnAir
    rtmp_port: int

    @property
    def sides(self) -> tuple[Side, Side]:
        return (
            Side("source", self.old.set.postgres.url(database=NAME)),
            Side("target", self.new.set.postgres.url(database=NAME)),
        )

    def places(self) -> tuple[Place, Place]:
        bucket = self.stage.backends.storage.bucket("media").real_name  # type: ignore[attr-defined] # of the local store
        places = []
        for name, home in self.lines.homes.items():
            one = home.set.seaweedfs
            key = one.identities["app"]
            places.append(Place(Address(bucket, one.endpoint, key.access_key, key.secret_key), name))  # type: ignore[arg-type] # source, target
        return places[0], places[1]

    async def letter_arrives(self, name: str) -> None:
        """Somebody joins: the web's rules, a job in the same transaction, and the worker's letter."""
        who = self.stage.someone(name)
        await self.stage.sign_up(who)
        await until(lambda: bool(self.stage.mailbox.to(who.email)))


@asynccontextmanager
async def _platform(folder: Path) -> AsyncIterator[Platform]:
    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(own_engines(*NAMES))
        await asyncio.to_thread(_founded, old, whole=True)  # makes the passwords that its twin has too
        new = await stack.enter_async_context(own_engines(*NAMES, twin_of=old))
        lines = Lines({"source": old, "target": new}, Line(old.set.postgres.port), Line(old.set.valkey.port))
        stack.callback(lines.database.close)
        stack.callback(lines.cache.close)
        await asyncio.to_thread(_founded, new, whole=False)
        settings = _settings(old, lines, folder)
        await migrate(
            _url(old.set.postgres.port, OWNER, old.state.secret("database-owner-password")),
            folder=REPOSITORY / "database" / "migrations",
        )
        stage = await stack.enter_async_context(stage_set(settings, CLOCK))  # type: ignore[arg-type] # its time is ours
        ada, ben = await stage.joined("ada", "creator"), await stage.quickly("ben")
        air = await planned(stage, ada, await page_of(stage, ada))
        settings = msgspec.structs.replace(stage.backends.settings, rtmp_port=free_port())
        started = await asyncio.gather(*(stack.enter_async_context(running(name, settings)) for name in PROCESSES))
        processes = dict(zip(PROCESSES, started, strict=True))
        site = f"http://127.0.0.1:{processes['web'].port}"
        busy = Busy(site, stage, ben, web=site, realtime_port=processes["realtime"].port)
        yield Platform(old, new, lines, stage, processes, busy, air, settings.rtmp_port)


def _moved(work: Work) -> None:
    verbs.run_to_stream(work)
    assert verify(work).equal


async def _segment(platform: Platform, stream: str) -> int:
    """The number of the newest whole segment that a viewer can have."""
    answer = await platform.processes["streaming"].ask(f"/live/{stream}/source.m3u8")
    first = re.search(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", answer.text)
    return int(first[1]) + answer.text.count("#EXTINF") - 1 if first else -1


@pytest.mark.requirement("C11.1")
@pytest.mark.timeout(300)
async def test_a_busy_platform_moves_there_and_back(tmp_path: Path) -> None:
    await _moves(tmp_path, times=1)


@pytest.mark.drill
@pytest.mark.requirement("C11.1")
@pytest.mark.timeout(900)
async def test_a_busy_platform_moves_there_and_back_ten_times(tmp_path: Path) -> None:
    await _moves(tmp_path, times=10)


async def _moves(folder: Path, times: int) -> None:
    async with _platform(folder) as platform:
        stage, load, air = platform.stage, platform.load, platform.air
        source, target = platform.sides
        planner.make_plan(
            source, target, CLOCK, Options(accept=(*ACCEPTED, "roles"), jobs=2, lag_ms=5000, make_roles=True)
        )
        bucket = stage.backends.storage.bucket("media")
        for number in range(20):
            await bucket.put(f"move/{number}", bytes([number]) * 5000)
        fences: list[float] = []
        async with load.on(), ffmpeg_publishing(platform.rtmp_port, air.secret, *ENCODER) as encoder:
            await until(lambda: _is_live(platform, encoder))
            with at_work(*platform.sides, CLOCK, "drill") as work:
                await asyncio.to_thread(_moved, work)
                work.carriers = (CacheCarrier(_cache(platform.old), _cache(platform.new), "*"),)
                for _ in range(times):
                    await _flips(platform, work, fences)
            assert await air.state() == "live"
        _require_nothing_lost(load)
        _every_word_once(source, load)
        await asyncio.to_thread(_objects_moved, platform)
        print(f"fences {fences} ms, longest wait of a writer {load.longest_wait() * 1000:.0f} ms, {len(load.said)} words, "
              f"{load.answered} answers, asked again {load.again}")  # fmt: skip


def _there(work: Work, lines: Lines) -> float:
    fenced = verbs.cutover(work, lines)
    assert fenced is not None
    return fenced.pause_ms


def _back(work: Work, lines: Lines) -> float:
    return verbs.rollback(work, lines) or 0.0


async def _flips(platform: Platform, work: Work, fences: list[float]) -> None:
    """There and back; each time somebody joins, both sides are equal, and the stream goes on."""
    stream = platform.air.stream.id.hex
    ways = (_there, _back)
    for verb in ways:
        before = await _segment(platform, stream)
        fences.append(await asyncio.to_thread(verb, work, platform.lines))
        await platform.letter_arrives("dora")
        assert (await asyncio.to_thread(verify, work)).equal
        await until(lambda before=before: _further(platform, stream, before))  # type: ignore[misc] # mypy: of a lambda with a default


def _require_nothing_lost(load: Busy) -> None:
    assert not load.failed, load.failed[:5]
    assert load.said, load.problems[-3:]
    assert load.heard == load.said, "a word was lost, or came twice"
    assert load.longest_wait() < LONGEST_SECONDS


async def _is_live(platform: Platform, encoder: subprocess.Popen[bytes]) -> bool:
    if encoder.poll() is not None:
        assert encoder.stderr
        said, node = encoder.stderr.read().decode(), platform.processes["streaming"].output.decode(errors="replace")
        raise AssertionError(f"the encoder was not let in: {said[-1000:]}\n{node[-3000:]}")
    return bool(await platform.air.state() == "live")


async def _further(platform: Platform, stream: str, than: int) -> bool:
    with suppress(httpx.HTTPError):
        return await _segment(platform, stream) > than + 1
    return False


def _cache(home: OwnEngines) -> str:
    return f"redis://:{home.set.valkey.password}@127.0.0.1:{home.set.valkey.port}/0"


def _every_word_once(side: Side, load: Busy) -> None:
    with psycopg.connect(side.address) as session:
        rows = session.execute(
            "SELECT facts ->> 'title', count(*) FROM notifications WHERE user_id = %s GROUP BY 1", (load.ben.user_id,)
        ).fetchall()
    assert dict(rows) == dict.fromkeys(load.said, 1)


def _objects_moved(platform: Platform) -> None:
    here, there = platform.places()
    with platform.sides[1].session("objects") as session:
        there.ask("create_bucket")
        ledger, progress = Ledger(session, "old to new"), Progress("objects", CLOCK)
        assert Mover(here, there, ledger, progress).until_quiet(5)[-1].quiet
        assert verify_objects(here, there, ledger, progress, both=True).equal
    here.close()
    there.close()
