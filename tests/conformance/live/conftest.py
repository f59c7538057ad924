"""Every test of this folder runs on our own process with a real encoder, and on MediaLive and IVS as the stand-in of AWS does them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from joserfc.jwk import ECKey

from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.live.contract import LiveBackend, Place, Provisioned, Spec
from directfanz.backends.live.ivs.adapter import PLAYBACK_KEY, Ivs
from directfanz.backends.live.medialive.adapter import MediaLive
from directfanz.backends.live.own.adapter import OwnNodes
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from tests.integration.streaming.conftest import Studio
from tests.integration.streaming.conftest import stage as stage
from tests.integration.streaming.conftest import studio as studio
from tests.support.plain_settings import plain_settings
from tests.support.recording import Recording, recording_aws
from tests.support.stand_in import streams as stand_in
from tests.support.stand_in.server import StandIn
from tests.support.streaming import Encoder, all_vanish, clip, publishes


@dataclass
class Scene:
    """A backend, and whoever plays the encoder for it."""

    backend: LiveBackend
    aws: Recording | None = None
    studio: Studio | None = None
    clock: ManualClock = field(default_factory=lambda: ManualClock(datetime.now(UTC)))
    _encoder: Encoder | None = field(default=None)

    async def spec(self) -> Spec:
        if self.studio is not None:
            stream, secret = await self.studio.stream()
            return Spec(stream_id=stream.id, title=stream.title, secret=secret)
        return Spec(stream_id=new_id(), title="Tonight", secret=f"live_{new_id().hex}")

    async def comes(self, made: Provisioned) -> None:
        if self.studio is not None:
            self._encoder = await publishes(self.studio.port, made.endpoints[0].key)
            assert self._encoder.is_accepted, self._encoder.answer
            await self._encoder.send(clip(8))
        elif self.backend.name == "ivs":
            stand_in.on_air.add(made.place.ids["channel"])
        else:
            await self._signal(made.place, 2.5)

    async def leaves(self, made: Provisioned) -> None:
        if self._encoder is not None:
            self._encoder.vanish()
        elif self.backend.name == "ivs":
            stand_in.on_air.discard(made.place.ids["channel"])
        else:
            await self._signal(made.place, 0)

    async def waits(self) -> None:
        if self.studio is not None:
            await self.studio.stage.clock.advance(timedelta(seconds=0.5))
        await asyncio.sleep(0.02)

    async def _signal(self, place: Place, megabits: float) -> None:
        """Minute by minute, as CloudWatch has it."""
        assert self.aws
        await self.clock.advance(timedelta(minutes=1))
        client = boto3.client("cloudwatch", region_name="us-east-1", endpoint_url=self.aws.endpoint)
        told = {
            "MetricName": "NetworkIn", "Value": megabits, "Timestamp": self.clock.now() - timedelta(seconds=1),
            "Dimensions": [{"Name": "ChannelId", "Value": place.ids["channel"]}, {"Name": "Pipeline", "Value": "0"}],
        }  # fmt: skip
        asked = set(self.aws.asked)
        await asyncio.to_thread(client.put_metric_data, Namespace="AWS/MediaLive", MetricData=[told])
        self.aws.asked = asked
        client.close()


class _Keys:
    """One key, which IVS's tokens are signed with."""

    def __init__(self) -> None:
        self.pem = ECKey.generate_key("P-384").as_pem(private=True).decode()

    async def get(self, name: str) -> str:
        assert name == PLAYBACK_KEY
        return self.pem

    async def put(self, name: str, value: str) -> None: ...

    async def names(self) -> list[str]:
        return [PLAYBACK_KEY]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    stand_in.on_air.clear()
    with recording_aws(StandIn) as recording:
        yield recording


@pytest.fixture(autouse=True)
def nobody_stays() -> Iterator[None]:
    yield
    all_vanish()


@pytest.fixture(params=["local", "hybrid", "medialive", "ivs"])
async def scene(
    request: pytest.FixtureRequest, platform: Platform, studio: Studio, aws: Recording
) -> AsyncIterator[Scene]:
    name = request.param
    if name in ("local", "hybrid"):
        ours = studio.app._backends
        made = Scene(OwnNodes(name, ours.settings, ours.platform, ours.clock, ours.cache), studio=studio)
    else:
        made = elsewhere(name, aws, platform)
    yield made
    await made.backend.close()


def elsewhere(name: str, aws: Recording, platform: Platform) -> Scene:
    settings = plain_settings(
        aws_endpoint=aws.endpoint, aws_region="us-east-1",
        live_medialive_role="arn:aws:iam::123456789012:role/directfanz-test-medialive", live_medialive_security_group="7",
    )  # fmt: skip
    clock = ManualClock(datetime.now(UTC))
    if name == "medialive":
        return Scene(MediaLive(settings, platform, clock), aws=aws, clock=clock)
    return Scene(Ivs(settings, platform, clock, _Keys()), aws=aws, clock=clock)
