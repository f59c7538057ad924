"""Streams as the streaming process moves them, without its pictures: `air = await planned(stage, ada, creator)`."""

from __future__ import annotations

from dataclasses import dataclass

from directfanz.domains.creators.models import Creator
from directfanz.domains.live.models import Session, State, Stream
from directfanz.domains.live.service import admission, lifecycle, streams
from tests.support.accounts import Someone, Stage

NODE = "studio-1"


@dataclass
class OnAir:
    stage: Stage
    stream: Stream
    secret: str
    session: Session | None = None

    async def goes_live(self) -> None:
        backends = self.stage.backends
        admitted = await admission.admit(backends, self.secret, NODE)
        self.session = await lifecycle.connected(backends, admitted, NODE, "rtmp")
        await lifecycle.began(backends, self.stream.id)

    async def drops(self) -> None:
        assert self.session is not None
        await lifecycle.dropped(self.stage.backends, self.session, "the line broke")

    async def comes_back(self) -> None:
        await self.goes_live()

    async def ends(self) -> None:
        await lifecycle.ended(self.stage.backends, self.stream.id, "the encoder stopped")

    async def state(self) -> State:
        return (await streams.get(self.stage.backends.database, self.stream.id)).state


async def planned(
    stage: Stage, who: Someone, creator: Creator, title: str = "Painting the sea", **wanted: object
) -> OnAir:
    plan = streams.Plan(title=title, **wanted)  # type: ignore[arg-type]
    stream, key = await streams.plan(stage.backends, await stage.caller(who), creator.id, plan)
    return OnAir(stage, stream, key.secret)
