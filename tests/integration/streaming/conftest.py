"""A streaming process inside the test, whose clock the test moves, and streams with keys."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import msgspec
import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.live.models import Stream
from directfanz.domains.live.service import streams
from directfanz.http.caller import Caller
from directfanz.processes.streaming.app import Streaming
from directfanz.processes.streaming.channel import Channel
from directfanz.settings import Settings
from tests.support.accounts import Someone, Stage, stage_set
from tests.support.creators import page_of
from tests.support.meanwhile import until
from tests.support.running import free_port
from tests.support.smtp import certificate
from tests.support.streaming import all_vanish


@dataclass
class Studio:
    """Where Ada goes live."""

    stage: Stage
    ada: Someone
    creator_id: UUID
    app: Streaming
    base: str

    @property
    def port(self) -> int:
        return self.app.rtmp_port

    async def stream(self, title: str = "Tonight", **wanted: object) -> tuple[Stream, str]:
        """A new one, and the secret of its key."""
        plan = streams.Plan(title=title, **wanted)  # type: ignore[arg-type]
        caller = await self.stage.caller(self.ada)
        stream, key = await streams.plan(self.stage.backends, caller, self.creator_id, plan)
        return stream, key.secret

    async def state(self, stream: Stream) -> str:
        return (await streams.get(self.stage.backends.database, stream.id)).state

    async def becomes(self, stream: Stream, wanted: str) -> None:
        async def is_so() -> bool:
            await self.stage.clock.advance(
                timedelta(seconds=0.05)
            )  # who could not tell the database tries again in time
            return await self.state(stream) == wanted

        await until(is_so)

    async def becomes_in_time(self, stream: Stream, wanted: str) -> None:
        """The clock goes on by a second at each look."""

        async def is_so() -> bool:
            await self.stage.clock.advance(timedelta(seconds=1))
            return await self.state(stream) == wanted

        await until(is_so)

    async def end(self, caller: Caller, stream: Stream) -> None:
        """As its team does; the process notices a few seconds later."""
        await streams.end(self.stage.backends, caller, stream.id)
        await self.stage.clock.advance(timedelta(seconds=12))
        await until(lambda: stream.id not in self.app.house.channels or self.channel(stream).is_over)

    def channel(self, stream: Stream) -> Channel:
        return self.app.house.channels[stream.id]

    async def get(self, stream: Stream, name: str) -> httpx.Response:
        async with httpx.AsyncClient(verify=False) as client:  # noqa: S501 - no TLS here
            return await client.get(f"{self.base}/live/{stream.id.hex}/{name}", timeout=30)


@pytest.fixture(autouse=True)
def nobody_stays() -> Iterator[None]:
    yield
    all_vanish()


@pytest.fixture(scope="module")
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    async with stage_set(settings, ManualClock(datetime.now(UTC))) as stage:
        yield stage


@pytest.fixture(scope="module")
async def studio(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    ada = await stage.joined("ada", "creator")
    page = await page_of(stage, ada)
    trusted, _ = certificate(tmp_path_factory.mktemp("tls"))
    chain = trusted.with_name("chain.pem")
    chain.write_bytes(trusted.read_bytes() + trusted.with_name("key.pem").read_bytes())
    settings = msgspec.structs.replace(
        stage.backends.settings, port=free_port(), rtmp_port=free_port(), srt_port=free_port(), rtmps_port=free_port(),
        rtmps_certificate=str(chain),
    )  # fmt: skip
    ingest = msgspec.structs.replace(stage.backends.platform.ingest, ladder=(144,), srt_publishers=4)  # clips are small
    platform = msgspec.structs.replace(stage.backends.platform, ingest=ingest)
    app = Streaming(dataclasses.replace(stage.backends, settings=settings, platform=platform))
    await app.start()
    studio = Studio(stage, ada, page.id, app, f"http://127.0.0.1:{settings.port}")
    try:
        yield studio
        assert not [task for task in studio.app.tasks if task.done()], "the process would have ended"
    finally:
        await studio.app.drain()
        await studio.app.close()
