"""What is kept of a stream, from its first segment to the film."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.live.errors import StateChanged
from directfanz.domains.live.models import RECORDING_TRANSITIONS, Recording, RecordingState
from directfanz.domains.live.repository import recordings, streams
from directfanz.domains.media.models import Rendition
from directfanz.domains.media.service import recordings as media
from directfanz.kit.ids import new_id


async def begin(backends: Backends, stream_id: UUID, creator_id: UUID, node: str) -> Recording:
    """A stream has one; who comes back to it goes on with it. Its id is that of the asset it becomes."""
    async with backends.database.writing() as tx:
        found = await recordings.of_stream(tx, stream_id)
        if found is not None:
            return found
        key = new_id()
        made = Recording(
            id=key, stream_id=stream_id, creator_id=creator_id, node=node, state="recording", folder=f"{key.hex}/v/1",
            began_at=backends.clock.now(), ended_at=None, duration_ms=0, facts={}, problem=None, asset_id=None,
        )  # fmt: skip
        await recordings.insert(tx, made)
    return made


async def of_stream(reader: Reader, stream_id: UUID) -> Recording | None:
    return await recordings.of_stream(reader, stream_id)


async def left_open(backends: Backends, node: str) -> list[Recording]:
    """What a process of this name was recording when it died."""
    return await recordings.open_of(backends.database, node)


async def finishing(backends: Backends, recording: Recording) -> None:
    if recording.state == "recording":
        await _move(backends, recording, "finishing")


async def ready(backends: Backends, recording: Recording, duration_ms: int, facts: dict[str, Any]) -> None:
    await _move(backends, recording, "ready", duration_ms=duration_ms, facts=facts)


async def failed(backends: Backends, recording: Recording, problem: str) -> None:
    await _move(backends, recording, "failed", problem=problem[:500])


async def _move(backends: Backends, recording: Recording, new: RecordingState, **change: Any) -> None:
    async with backends.database.writing() as tx:
        now = await recordings.of_stream(tx, recording.stream_id)
        if now is None or now.state == new:
            return
        if new not in RECORDING_TRANSITIONS[now.state]:
            raise StateChanged(f"A recording that is {now.state} cannot become {new}.")
        if not await recordings.move(tx, now.id, now.state, new, backends.clock.now(), **change):
            raise StateChanged("The recording changed meanwhile.")


async def adopt(backends: Backends, stream_id: UUID, made: Collection[Rendition], facts: Mapping[str, Any]) -> None:
    """It becomes a file of the creator's, under its own id. Twice is as good as once."""
    async with backends.database.writing() as tx:
        recording, stream = await recordings.of_stream(tx, stream_id), await streams.find(tx, stream_id)
        if recording is None or stream is None or recording.state != "ready":
            return
        asset = await media.adopt(backends, tx, recording.creator_id, stream.title, recording.id, made, facts)
        await recordings.move(tx, recording.id, "ready", "adopted", backends.clock.now(), asset_id=asset.id)
