"""Our own process. It checks keys against the database itself and tells it what happens; here is the short way between other processes
and the one that has the publisher: a board on which it writes how its streams do, and a bell that it hears."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from directfanz.backends.cache.contract import Cache
from directfanz.backends.clock.contract import Clock
from directfanz.backends.live.contract import (
    Can,
    Drift,
    Endpoint,
    Name,
    Place,
    Playback,
    Provisioned,
    Spec,
    Status,
)
from directfanz.errors import ConfigurationError
from directfanz.platform_toml import Platform
from directfanz.settings import Settings

APP = "live"
MASTER = "master.m3u8"
ORDERS = "live:orders"
BOARD_SECONDS = 15.0


class Order(msgspec.Struct, frozen=True):
    """Over the bell."""

    stream_id: UUID
    reason: str


def board_key(stream_id: UUID) -> str:
    return f"live:board:{stream_id.hex}"


async def write_board(cache: Cache, stream_id: UUID, status: Status) -> None:
    await cache.set(board_key(stream_id), msgspec.json.encode(status), ttl_seconds=BOARD_SECONDS)


class OwnNodes:
    def __init__(self, name: str, settings: Settings, platform: Platform, clock: Clock, cache: Cache) -> None:
        self.name: Name = "hybrid" if name == "hybrid" else "local"
        self._settings, self._platform, self._clock, self._cache = settings, platform, clock, cache
        self.can = Can(
            protocols=tuple(each.protocol for each in self.endpoints()), low_latency=True, dash=True, rewinds=True,
            tells_itself=True, records=True,
        )  # fmt: skip

    async def provision(self, spec: Spec) -> Provisioned:
        return Provisioned(place=Place(stream_id=spec.stream_id), endpoints=self.endpoints(spec.secret))

    async def rotate_key(self, place: Place, spec: Spec) -> Provisioned:
        """The process looks for replaced keys by itself, every few seconds."""
        return Provisioned(place=place, endpoints=self.endpoints(spec.secret))

    async def arm(self, place: Place) -> None: ...

    async def stop(self, place: Place, reason: str) -> None:
        await self._cache.publish(ORDERS, msgspec.json.encode(Order(place.stream_id, reason)))

    async def release(self, place: Place) -> None:
        await self.stop(place, "the stream was taken away")

    async def status(self, place: Place) -> Status:
        """Of a stream that no process has: it may begin at any moment."""
        written = await self._cache.get(board_key(place.stream_id))
        return msgspec.json.decode(written, type=Status) if written else Status(state="armed")

    async def playback(self, place: Place, lives: timedelta) -> Playback:
        return Playback(manifest=MASTER, folder=f"{self._path()}{place.stream_id.hex}/")

    async def reconcile(self, known: Collection[Place]) -> list[Drift]:
        """Processes do this by themselves: they take over what they left and end what was forsaken."""
        return []

    async def close(self) -> None: ...

    def endpoints(self, key: str = "") -> tuple[Endpoint, ...]:
        settings, ingest = self._settings, self._platform.ingest
        host = urlsplit(settings.site_url).hostname or "localhost"
        host = host if settings.profile == "local" else self._platform.domains.streaming
        found = []
        if settings.profile != "local" or settings.rtmps_certificate is not None:
            port = settings.rtmps_port or ingest.rtmps_port
            found.append(Endpoint(protocol="rtmps", url=f"rtmps://{host}:{port}/{APP}", key=key))
        port = settings.rtmp_port or ingest.rtmp_port
        url = f"rtmp://{host}/{APP}" if port == 1935 else f"rtmp://{host}:{port}/{APP}"
        found.append(Endpoint(protocol="rtmp", url=url, key=key))
        if ingest.srt_publishers:
            found.append(Endpoint(protocol="srt", url=f"srt://{host}:{settings.srt_port or ingest.srt_port}", key=key))
        # Media comes on any UDP port, which no load balancer carries; and the extra may not be installed.
        if ingest.whip and settings.profile == "local" and find_spec("aiortc") is not None:
            found.append(Endpoint(protocol="whip", url=f"{settings.site_url}/whip", key=key))
        return tuple(found)

    def _path(self) -> str:
        for path, route in self._platform.routes.items():
            if route.service == "streaming" and route.signed:
                return path
        raise ConfigurationError("No signed route in platform.toml leads to the streaming service.")


def status_of(*, is_there: bool, is_shown: bool, figures: dict[str, Any]) -> Status:
    return Status(state="live" if is_there and is_shown else "armed", figures=figures)
