"""Markers: set while a stream runs, they are the chapters of its recording."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.live.errors import NoSuchMarker, NotOnAir, TooManyOf
from directfanz.domains.live.models import LONGEST_LABEL, Marker
from directfanz.domains.live.repository import after
from directfanz.domains.live.service import streams
from directfanz.http.caller import Caller
from directfanz.http.shown import one_line
from directfanz.kit.ids import new_id

MOST_MARKERS = 200


async def mark(backends: Backends, caller: Caller, stream_id: UUID, label: str = "") -> Marker:
    """Now. Without words it has a number."""
    stream = await streams.get_own(backends, caller, stream_id)
    if not stream.is_on_air:
        raise NotOnAir("Markers are set while a stream is on air.")
    async with backends.database.writing() as tx:
        known = await after.markers(tx, stream_id)
        if len(known) >= MOST_MARKERS:
            raise TooManyOf(f"A stream has at most {MOST_MARKERS} markers.")
        said = one_line(label, "label", LONGEST_LABEL) or f"Chapter {len(known) + 1}"
        marker = Marker(id=new_id(), stream_id=stream_id, at=backends.clock.now(), label=said)
        await after.mark(tx, marker, caller.require_user())
    return marker


async def rename(backends: Backends, caller: Caller, stream_id: UUID, marker_id: UUID, label: str) -> Marker:
    """Also when the stream is over, before it is published."""
    await streams.get_own(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        found = next((each for each in await after.markers(tx, stream_id) if each.id == marker_id), None)
        if found is None:
            raise _no_such()
        named = msgspec.structs.replace(found, label=one_line(label, "label", LONGEST_LABEL, 1))
        await after.mark(tx, named, caller.require_user())
    return named


async def remove(backends: Backends, caller: Caller, stream_id: UUID, marker_id: UUID) -> None:
    await streams.get_own(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        if not await after.unmark(tx, stream_id, marker_id):
            raise _no_such()


async def of_team(backends: Backends, caller: Caller, stream_id: UUID) -> list[Marker]:
    await streams.get_own(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        return await after.markers(tx, stream_id)


async def of_stream(reader: Reader, stream_id: UUID) -> list[Marker]:
    """For who has looked whose it is."""
    return await after.markers(reader, stream_id)


def _no_such() -> NoSuchMarker:
    return NoSuchMarker("There is no such marker.")
