"""Where a stream's pictures are, by who encodes it."""

from __future__ import annotations

from datetime import timedelta

from directfanz.backends import Backends
from directfanz.backends.live.contract import Place, Playback
from directfanz.domains.live.models import Stream
from directfanz.domains.live.repository import places


async def playback(backends: Backends, stream: Stream, lives: timedelta) -> Playback:
    backend = backends.live.of(stream.backend)
    held = None if backend.can.tells_itself else await places.find(backends.database, stream.id)
    return await backend.playback(held.place if held else Place(stream_id=stream.id), lives)
