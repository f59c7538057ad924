"""One input and one channel for each stream, made for it and taken away after it: idle ones cost as well.

The name of the stream at the input is its secret, since MediaLive asks nobody when an encoder comes. Names and tags of what is made hold
the stream's number, so that a provision that was cut off half way is found again, and what nobody knows is taken away."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from directfanz.backends.clock.contract import Clock
from directfanz.backends.live.aws import Asking, Names
from directfanz.backends.live.contract import (
    Can,
    Drift,
    Endpoint,
    Name,
    NotYet,
    Place,
    Playback,
    Provisioned,
    Spec,
    State,
    Status,
)
from directfanz.backends.live.medialive import channel as words
from directfanz.errors import NotFound, Unavailable
from directfanz.platform_toml import Platform
from directfanz.settings import Settings

APP = "live"
TAG = "directfanz:stream"
LOOK_BACK = timedelta(minutes=3)
SIGNAL_SECONDS = 60
_STATES: dict[str, State] = {
    "CREATING": "arming", "IDLE": "idle", "STARTING": "arming", "RUNNING": "armed", "RECOVERING": "arming",
    "STOPPING": "stopping", "UPDATING": "stopping", "DELETING": "gone", "DELETED": "gone", "CREATE_FAILED": "failed",
    "UPDATE_FAILED": "failed",
}  # fmt: skip
_AWAY = frozenset({"DELETING", "DELETED"})


class MediaLive:
    name: Name = "medialive"
    can = Can(protocols=("rtmp",), needs_arming=True)

    def __init__(self, settings: Settings, platform: Platform, clock: Clock) -> None:
        self._settings, self._platform, self._clock = settings, platform, clock
        self._aws = Asking(settings)
        self._names = Names(settings, platform)
        self._bucket = f"{settings.storage_prefix}media"

    def endpoints(self) -> tuple[Endpoint, ...]:
        return ()

    async def provision(self, spec: Spec) -> Provisioned:
        entry = self._found(await self._inputs(), spec.stream_id) or await self._make_input(spec)
        there = self._found(await self._channels(), spec.stream_id) or await self._make_channel(spec, entry["Id"])
        place = Place(stream_id=spec.stream_id, ids={"input": entry["Id"], "channel": there["Id"]})
        return Provisioned(place=place, endpoints=(_endpoint(entry, spec.secret),))

    async def rotate_key(self, place: Place, spec: Spec) -> Provisioned:
        told = await self._ask("update_input", InputId=place.ids["input"], Destinations=[_wanted(spec.secret)])
        return Provisioned(place=place, endpoints=(_endpoint(told["Input"], spec.secret),))

    async def arm(self, place: Place) -> None:
        state = (await self._channel(place))["State"]
        if state == "IDLE":
            await self._ask("start_channel", ChannelId=place.ids["channel"])
        elif state not in ("STARTING", "RUNNING", "RECOVERING"):
            raise NotYet(f"MediaLive's channel is {state.lower()}.")

    async def stop(self, place: Place, reason: str) -> None:
        with contextlib.suppress(NotFound):
            if (await self._channel(place))["State"] in ("STARTING", "RUNNING", "RECOVERING"):
                await self._ask("stop_channel", ChannelId=place.ids["channel"])

    async def release(self, place: Place) -> None:
        """The input can go only when its channel is gone."""
        await self.stop(place, "released")
        with contextlib.suppress(NotFound):
            state = (await self._channel(place))["State"]
            if state not in ("IDLE", "CREATE_FAILED", "UPDATE_FAILED", *_AWAY):
                raise NotYet(f"MediaLive's channel is {state.lower()}.")
            if state not in _AWAY:
                await self._ask("delete_channel", ChannelId=place.ids["channel"])
        with contextlib.suppress(NotFound):
            await self._ask("delete_input", InputId=place.ids["input"])

    async def status(self, place: Place) -> Status:
        try:
            told = await self._channel(place)
        except NotFound:
            return Status(state="gone")
        state = _STATES.get(told["State"], "failed")
        if state != "armed":
            return Status(state=state, problem=f"MediaLive says {told['State']}." if state == "failed" else "")
        kbps = await self._kbps(place)
        return Status(state="live", figures={"kbps": kbps}) if kbps else Status(state="armed")

    async def playback(self, place: Place, lives: timedelta) -> Playback:
        return Playback(manifest=f"{words.INDEX}.m3u8", folder=f"{self._path()}{words.FOLDER}/{place.stream_id.hex}/")

    async def reconcile(self, known: Collection[Place]) -> list[Drift]:
        streams = {place.stream_id for place in known}
        channels, inputs = await self._channels(), await self._inputs()
        found: list[Drift] = []
        for told in channels:
            stream_id = self._names.stream_of(told.get("Name"))
            if stream_id is not None and stream_id not in streams:
                found.append(Drift(kind="unknown", what=f"channel {told['Id']}", stream_id=stream_id))
                await self._remove_channel(told)
        held = {each for told in channels for each in _inputs_of(told)}
        for told in inputs:
            stream_id = self._names.stream_of(told.get("Name"))
            if stream_id is not None and stream_id not in streams:
                found.append(Drift(kind="unknown", what=f"input {told['Id']}", stream_id=stream_id))
                if told["Id"] not in held:
                    await self._ask("delete_input", InputId=told["Id"])
        there = {self._names.stream_of(told.get("Name")) for told in channels}
        return found + [
            Drift(kind="lost", what=f"channel {place.ids.get('channel', '')}", stream_id=place.stream_id)
            for place in known
            if place.stream_id not in there
        ]

    async def close(self) -> None:
        self._aws.close()

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _remove_channel(self, told: dict[str, Any]) -> None:
        """One that runs is stopped now and taken away at the next look."""
        if told["State"] in ("STARTING", "RUNNING", "RECOVERING"):
            await self._ask("stop_channel", ChannelId=told["Id"])
        elif told["State"] in ("IDLE", "CREATE_FAILED", "UPDATE_FAILED"):
            await self._ask("delete_channel", ChannelId=told["Id"])

    async def _make_input(self, spec: Spec) -> dict[str, Any]:
        told = await self._ask(
            "create_input", Name=self._names.of(spec.stream_id), Type="RTMP_PUSH", RequestId=spec.stream_id.hex,
            InputSecurityGroups=[self._settings.live_medialive_security_group], Destinations=[_wanted(spec.secret)],
            Tags={TAG: spec.stream_id.hex},
        )  # fmt: skip
        made: dict[str, Any] = told["Input"]
        return made

    async def _make_channel(self, spec: Spec, input_id: str) -> dict[str, Any]:
        told = await self._ask(
            "create_channel", Name=self._names.of(spec.stream_id), ChannelClass="SINGLE_PIPELINE", RequestId=spec.stream_id.hex,
            RoleArn=self._settings.live_medialive_role, Tags={TAG: spec.stream_id.hex}, LogLevel="ERROR",
            InputSpecification={"Codec": "AVC", "MaximumBitrate": "MAX_20_MBPS", "Resolution": "HD"},
            InputAttachments=[{"InputId": input_id, "InputAttachmentName": "camera"}],
            Destinations=words.destination(self._bucket, spec.stream_id.hex),
            EncoderSettings=words.encoder({step.height: step.kbps for step in self._platform.live.rungs}),
        )  # fmt: skip
        made: dict[str, Any] = told["Channel"]
        return made

    async def _channel(self, place: Place) -> dict[str, Any]:
        return await self._ask("describe_channel", ChannelId=place.ids["channel"])

    async def _kbps(self, place: Place) -> int:
        """What came in over the last minutes; CloudWatch is a minute behind."""
        now = self._clock.now()
        asked = {
            "Id": "signal",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/MediaLive", "MetricName": "NetworkIn",
                    "Dimensions": [{"Name": "ChannelId", "Value": place.ids["channel"]}, {"Name": "Pipeline", "Value": "0"}],
                },
                "Period": SIGNAL_SECONDS, "Stat": "Average",
            },
        }  # fmt: skip
        told = await self._aws.ask(
            "cloudwatch", "get_metric_data", MetricDataQueries=[asked], StartTime=now - LOOK_BACK, EndTime=now,
            ScanBy="TimestampDescending",
        )  # fmt: skip
        values = told["MetricDataResults"][0]["Values"]
        return round(values[0] * 1000) if values else 0  # MediaLive tells megabits a second

    async def _channels(self) -> list[dict[str, Any]]:
        found = await self._aws.all("medialive", "list_channels", "Channels", "NextToken")
        return [told for told in found if told.get("State") not in _AWAY]

    async def _inputs(self) -> list[dict[str, Any]]:
        found = await self._aws.all("medialive", "list_inputs", "Inputs", "NextToken")
        return [told for told in found if told.get("State") not in _AWAY]

    def _found(self, listed: list[dict[str, Any]], stream_id: UUID) -> dict[str, Any] | None:
        return next((told for told in listed if told.get("Name") == self._names.of(stream_id)), None)

    async def _ask(self, operation: str, **asked: Any) -> dict[str, Any]:
        return await self._aws.ask("medialive", operation, **asked)

    def _path(self) -> str:
        return next(path for path, route in self._platform.routes.items() if route.bucket == "media" and route.signed)


def _wanted(secret: str) -> dict[str, str]:
    return {"StreamName": f"{APP}/{secret}"}


def _endpoint(told: dict[str, Any], secret: str) -> Endpoint:
    """`rtmp://address:1935/live/<secret>`: the last part is the encoder's stream key."""
    urls = [each.get("Url", "") for each in told.get("Destinations", [])]
    if not urls or not urls[0]:
        raise Unavailable("MediaLive has not said yet where it takes the stream.")
    server, _, key = urls[0].rpartition("/")
    return Endpoint(protocol="rtmp", url=server, key=secret or key)


def _inputs_of(channel: dict[str, Any]) -> list[str]:
    return [each["InputId"] for each in channel.get("InputAttachments", [])]
