"""One channel for each stream. It takes a picture whenever one comes and costs only then, so there is nothing to arm."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

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
    Status,
)
from directfanz.backends.secrets.contract import SecretStore
from directfanz.errors import NotFound
from directfanz.platform_toml import Platform
from directfanz.settings import Settings

TAG = "directfanz:stream"
PLAYBACK_KEY = "ivs-playback-key"


class Ivs:
    name: Name = "ivs"
    can = Can(protocols=("rtmps",), low_latency=True)

    def __init__(self, settings: Settings, platform: Platform, clock: Clock, secrets: SecretStore) -> None:
        self._settings, self._platform, self._clock, self._secrets = settings, platform, clock, secrets
        self._aws = Asking(settings)
        self._names = Names(settings, platform)

    def endpoints(self) -> tuple[Endpoint, ...]:
        return ()

    async def provision(self, spec: Spec) -> Provisioned:
        """The key comes only with the making, so of a channel that is there already a new one is made."""
        found = [told for told in await self._channels() if told["name"] == self._names.of(spec.stream_id)]
        if found:
            return await self.rotate_key(Place(stream_id=spec.stream_id, ids={"channel": found[0]["arn"]}), spec)
        kept = self._settings.live_ivs_recording if spec.is_recorded else None
        asked = {"recordingConfigurationArn": kept} if kept else {}
        told = await self._ask(
            "create_channel", name=self._names.of(spec.stream_id), latencyMode="LOW", type=self._platform.live.ivs_type,
            authorized=True, insecureIngest=False, tags={TAG: spec.stream_id.hex}, **asked,
        )  # fmt: skip
        place = Place(stream_id=spec.stream_id, ids={"channel": told["channel"]["arn"]})
        return Provisioned(place=place, endpoints=(_endpoint(told["channel"], told["streamKey"]["value"]),))

    async def rotate_key(self, place: Place, spec: Spec) -> Provisioned:
        """A channel has room for one, so the old one goes first."""
        channel = (await self._ask("get_channel", arn=place.ids["channel"]))["channel"]
        keys = await self._aws.all(
            "ivs", "list_stream_keys", "streamKeys", "nextToken", channelArn=place.ids["channel"]
        )
        for key in keys:
            await self._ask("delete_stream_key", arn=key["arn"])
        await self._cut(place)
        made = await self._ask("create_stream_key", channelArn=place.ids["channel"], tags={TAG: place.stream_id.hex})
        return Provisioned(place=place, endpoints=(_endpoint(channel, made["streamKey"]["value"]),))

    async def arm(self, place: Place) -> None: ...

    async def stop(self, place: Place, reason: str) -> None:
        with contextlib.suppress(NotFound):
            await self._cut(place)

    async def release(self, place: Place) -> None:
        await self.stop(place, "released")
        with contextlib.suppress(NotFound):
            await self._ask("delete_channel", arn=place.ids["channel"])

    async def status(self, place: Place) -> Status:
        """Of a channel that takes nothing IVS says that there is no such stream, and of one that is gone, no such channel."""
        try:
            told = (await self._ask("get_stream", channelArn=place.ids["channel"]))["stream"]
        except NotFound:
            return await self._quiet(place)
        except NotYet:  # ChannelNotBroadcasting is a conflict
            return await self._quiet(place)
        if told["state"] != "LIVE":
            return Status(state="armed")
        return Status(state="live", figures={"viewers": told.get("viewerCount", 0), "health": told.get("health", "")})

    async def playback(self, place: Place, lives: timedelta) -> Playback:
        channel = (await self._ask("get_channel", arn=place.ids["channel"]))["channel"]
        folder, _, manifest = channel["playbackUrl"].rpartition("/")
        now = self._clock.now()
        claims = {
            "aws:channel-arn": place.ids["channel"], "aws:access-control-allow-origin": self._settings.site_url,
            "iat": int(now.timestamp()), "exp": int((now + lives).timestamp()),
        }  # fmt: skip
        key = ECKey.import_key(await self._secrets.get(PLAYBACK_KEY))
        token = jwt.encode({"alg": "ES384"}, claims, key, algorithms=["ES384"])
        return Playback(manifest=manifest, url=f"{folder}/", query=f"token={token}")

    async def reconcile(self, known: Collection[Place]) -> list[Drift]:
        streams, found, there = {place.stream_id for place in known}, [], set()
        for told in await self._channels():
            stream_id = self._names.stream_of(told.get("name"))
            if stream_id is None:
                continue
            there.add(stream_id)
            if stream_id not in streams:
                found.append(Drift(kind="unknown", what=told["arn"], stream_id=stream_id))
                await self.release(Place(stream_id=stream_id, ids={"channel": told["arn"]}))
        lost = [place for place in known if place.stream_id not in there]
        return found + [Drift(kind="lost", what=each.ids.get("channel", ""), stream_id=each.stream_id) for each in lost]

    async def close(self) -> None:
        self._aws.close()

    async def _cut(self, place: Place) -> None:
        with contextlib.suppress(NotYet, NotFound):  # nothing is coming
            await self._ask("stop_stream", channelArn=place.ids["channel"])

    async def _quiet(self, place: Place) -> Status:
        try:
            await self._ask("get_channel", arn=place.ids["channel"])
        except NotFound:
            return Status(state="gone")
        return Status(state="armed")

    async def _channels(self) -> list[dict[str, Any]]:
        return await self._aws.all("ivs", "list_channels", "channels", "nextToken")

    async def _ask(self, operation: str, **asked: Any) -> dict[str, Any]:
        return await self._aws.ask("ivs", operation, **asked)


def _endpoint(channel: dict[str, Any], key: str) -> Endpoint:
    return Endpoint(protocol="rtmps", url=f"rtmps://{channel['ingestEndpoint']}:443/app/", key=key)
