"""Streams that a service of AWS takes: made, made ready, live, dropped, over; and what they cost."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

import boto3
import msgspec
import pytest

from directfanz.backends.live import Lives
from directfanz.domains.creators.models import Creator
from directfanz.domains.live.errors import StateChanged
from directfanz.domains.live.models import Held, Stream
from directfanz.domains.live.repository import health as health_rows
from directfanz.domains.live.service import health, outside, streams, watching
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from tests.support.accounts import Someone, Stage
from tests.support.creators import page_of
from tests.support.recording import Recording, recording_aws
from tests.support.stand_in.server import StandIn

ROLE = "arn:aws:iam::123456789012:role/directfanz-test-medialive"


@dataclasses.dataclass
class Elsewhere:
    stage: Stage
    ada: Someone
    creator: Creator
    aws: Recording
    caller: Caller

    async def planned(self, **wanted: object) -> Stream:
        plan = streams.Plan(title="Tonight", backend="medialive", **wanted)  # type: ignore[arg-type]
        stream, key = await streams.plan(self.stage.backends, self.caller, self.creator.id, plan)
        assert key.endpoints[0].url == "rtmp://192.0.2.1:1935/live"
        assert key.secret == key.endpoints[0].key
        return stream

    async def looks(self, times: int = 1, minutes: float = 1) -> None:
        for _ in range(times):
            await self.stage.clock.advance(timedelta(minutes=minutes))
            await outside.look_after(self.stage.backends)

    async def held(self, stream: Stream) -> Held:
        found = await outside.place_of(self.stage.backends, stream.id)
        assert found is not None
        return found

    def spends(self, usd: float) -> None:
        ours = self.stage.backends
        live = msgspec.structs.replace(ours.platform.live, usd_per_month=usd)
        self.stage.backends = dataclasses.replace(ours, platform=msgspec.structs.replace(ours.platform, live=live))

    async def state(self, stream: Stream) -> str:
        return (await streams.get(self.stage.backends.database, stream.id)).state

    async def sends(self, stream: Stream, megabits: float) -> None:
        channel = (await self.held(stream)).ids["channel"]
        told = {
            "MetricName": "NetworkIn", "Value": megabits, "Timestamp": self.stage.clock.now() + timedelta(seconds=50),
            "Dimensions": [{"Name": "ChannelId", "Value": channel}, {"Name": "Pipeline", "Value": "0"}],
        }  # fmt: skip
        client = boto3.client("cloudwatch", region_name="us-east-1", endpoint_url=self.aws.endpoint)
        await asyncio.to_thread(client.put_metric_data, Namespace="AWS/MediaLive", MetricData=[told])
        client.close()


@pytest.fixture
async def elsewhere(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Elsewhere]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    ada = await stage.joined("ada", "creator")
    page = await page_of(stage, ada)
    ours = stage.backends
    with recording_aws(StandIn) as aws:
        settings = msgspec.structs.replace(
            ours.settings, aws_endpoint=aws.endpoint, aws_region="us-east-1", live_medialive_role=ROLE,
            live_medialive_security_group="7",
        )  # fmt: skip
        rules = msgspec.structs.replace(ours.platform.live, offered=("medialive",), usd_per_hour=3, usd_per_month=2)
        platform = msgspec.structs.replace(ours.platform, live=rules)
        live = Lives(settings, platform, ours.clock, ours.cache, ours.secrets)
        stage.backends = dataclasses.replace(ours, settings=settings, platform=platform, live=live)
        yield Elsewhere(stage, ada, page, aws, await stage.caller(ada))
        await live.close()
        stage.backends = ours


async def test_an_evening_at_medialive(elsewhere: Elsewhere) -> None:
    stream = await elsewhere.planned()
    await streams.arm(elsewhere.stage.backends, elsewhere.caller, stream.id)
    await elsewhere.looks(3)
    assert (await elsewhere.held(stream)).state == "armed"
    assert await elsewhere.state(stream) == "preparing"
    await elsewhere.sends(stream, 2.5)
    await elsewhere.looks()
    assert await elsewhere.state(stream) == "live"
    told = await health.figures(elsewhere.stage.backends.database, stream.id)
    assert told[0].figures == {"kbps": 2500}
    _, way = await watching.open_view(elsewhere.stage.backends, Caller(), stream.id)
    assert way.base_url.endswith(f"/media/live/{stream.id.hex}/")
    assert way.manifest == "index.m3u8"

    await elsewhere.sends(stream, 0)
    await elsewhere.looks()
    assert await elsewhere.state(stream) == "reconnecting"
    await elsewhere.sends(stream, 2.5)
    await elsewhere.looks()
    assert await elsewhere.state(stream) == "live"

    await elsewhere.sends(stream, 0)
    await elsewhere.looks(5)
    assert await elsewhere.state(stream) == "ended"
    await elsewhere.looks(6)
    gone = await elsewhere.held(stream)
    assert (gone.state, gone.wanted) == ("gone", "released")
    assert gone.released_at is not None
    assert await outside.reconcile(elsewhere.stage.backends) == 0


async def test_ready_for_nobody_is_stopped_and_the_month_has_a_budget(elsewhere: Elsewhere) -> None:
    stream = await elsewhere.planned()
    await streams.arm(elsewhere.stage.backends, elsewhere.caller, stream.id)
    await elsewhere.looks(3)
    assert (await elsewhere.held(stream)).state == "armed"
    await elsewhere.looks(5, minutes=5)
    assert (await elsewhere.held(stream)).state == "idle"
    words = [each.message for each in await health.events(elsewhere.stage.backends.database, stream.id)]
    assert any("No picture came for 20 minutes" in each for each in words)
    await streams.arm(elsewhere.stage.backends, elsewhere.caller, stream.id)  # again, by a person
    await elsewhere.looks(2)
    await elsewhere.sends(stream, 2.5)
    await elsewhere.looks()
    await elsewhere.looks(1, minutes=40)
    planned = await elsewhere.planned(scheduled_at=elsewhere.stage.clock.now() + timedelta(minutes=2))
    await elsewhere.looks(2)
    told = [each.code for each in await health.events(elsewhere.stage.backends.database, planned.id)]
    assert told == ["over_budget"]  # once, and nothing was begun
    assert (await elsewhere.held(planned)).state == "idle"
    with pytest.raises(StateChanged, match="budget"):
        await streams.arm(elsewhere.stage.backends, elsewhere.caller, (await elsewhere.planned()).id)


async def test_it_is_ready_before_its_time(elsewhere: Elsewhere) -> None:
    elsewhere.spends(1000)
    at = elsewhere.stage.clock.now() + timedelta(minutes=30)
    stream = await elsewhere.planned(scheduled_at=at)
    await elsewhere.looks(2)
    assert (await elsewhere.held(stream)).state == "idle"
    await elsewhere.looks(4, minutes=6)
    assert (await elsewhere.held(stream)).state == "armed"
    await streams.end(elsewhere.stage.backends, elsewhere.caller, stream.id)
    await elsewhere.looks(6)
    assert (await elsewhere.held(stream)).state == "gone"


async def test_a_way_that_is_not_offered_is_refused(stage: Stage) -> None:
    ada = await stage.joined("ada", "creator")
    page = await page_of(stage, ada)
    with pytest.raises(InvalidInput):
        await streams.plan(stage.backends, await stage.caller(ada), page.id, streams.Plan(title="x", backend="ivs"))


async def test_old_figures_are_forgotten_and_events_stay(stage: Stage) -> None:
    ada = await stage.joined("ada", "creator")
    page, caller = await page_of(stage, ada), await stage.caller(ada)
    stream, _ = await streams.plan(stage.backends, caller, page.id, streams.Plan(title="x"))
    await health.report(stage.backends, {stream.id: {"kbps": 1}})
    await health.note(stage.backends, stream.id, "began", "It began.")
    await stage.clock.advance(timedelta(days=6))
    await health.report(stage.backends, {stream.id: {"kbps": 2}})
    await stage.clock.advance(timedelta(days=2))
    assert await health.prune(stage.backends) >= 1
    rows = await health_rows.newest(stage.backends.database, stream.id, "figures", 10)
    assert [each.figures["kbps"] for each in rows] == [2]
    assert [each.code for each in await health.events(stage.backends.database, stream.id)] == ["began"]
