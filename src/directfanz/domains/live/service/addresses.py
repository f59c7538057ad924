"""Where encoders send to."""

from __future__ import annotations

import msgspec

from directfanz.backends import Backends
from directfanz.domains.live.models import Endpoint, NewKey, Stream
from directfanz.domains.live.repository import places

APP = "live"


class Ingest(msgspec.Struct, frozen=True, kw_only=True):
    """For the encoder's settings: the address as its server, the key as its stream key. What is null is not taken."""

    rtmp: str | None
    rtmps: str | None
    srt: str | None = None
    whip: str | None = None


def ingest_of(made: NewKey) -> Ingest:
    return _ingest(made.endpoints)


async def ingest_of_stream(backends: Backends, stream: Stream) -> Ingest:
    """Without the key."""
    backend = backends.live.of(stream.backend)
    if backend.can.tells_itself:
        return _ingest(backend.endpoints())
    held = await places.find(backends.database, stream.id)
    return _ingest(held.endpoints if held else ())


def _ingest(endpoints: tuple[Endpoint, ...]) -> Ingest:
    found = {each.protocol: each.url for each in endpoints}
    return Ingest(rtmp=found.get("rtmp"), rtmps=found.get("rtmps"), srt=found.get("srt"), whip=found.get("whip"))
