"""Playlists, segments and parts over HTTP. Access was checked at the edge; here is nothing that knows who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from uuid import UUID

from directfanz.errors import NotFound
from directfanz.processes.streaming.channel import Channel
from directfanz.processes.streaming.house import House
from directfanz.processes.streaming.origin.http import Answer, Request, said
from directfanz.processes.streaming.packaging import dash, hls
from directfanz.processes.streaming.packaging.segments import Segment
from directfanz.processes.streaming.packaging.track import Track
from directfanz.processes.streaming.recording.stored import Stored

PREFIX = "/live/"
PLAYLIST, MANIFEST, MEDIA = "application/vnd.apple.mpegurl", "application/dash+xml", "video/mp4"
LIVE_WINDOW_SECONDS = 60
SHORTLY = "max-age=1"
LONG = "max-age=60"
MOST_AHEAD = 2
FIRST_SEGMENT_SECONDS = 12.0
GONE = said(404, "there is no such stream here")


class Origin:
    def __init__(self, house: House) -> None:
        self._house = house
        house.on_forgotten.append(self.forget)
        self._texts: dict[tuple[UUID, str, str], tuple[int, Answer]] = {}

    def answer(self, request: Request) -> Answer | Awaitable[Answer]:
        if request.method not in ("GET", "HEAD"):
            return said(405, "only GET")
        stream, _, name = request.path.removeprefix(PREFIX).partition("/")
        channel = self._channel(stream)
        if channel is None or not channel.is_ready:
            return GONE
        if name.endswith((".m4s", ".mp4")):
            return self._media(channel, name)
        channel.asked()
        if name in ("master.m3u8", "rewind.m3u8"):
            suffix = ".m3u8" if name == "master.m3u8" else ".rewind.m3u8"
            # Only what is on the disk can be rewound: the source and its sound.
            videos = (
                channel.shown_videos() if name == "master.m3u8" else [channel.video] if channel.video.segments else []
            )
            text = hls.multivariant(videos, channel.shown_audio(), suffix)
            return Answer(200, text.encode(), PLAYLIST, SHORTLY)
        if name == "manifest.mpd":
            return self._manifest(channel)
        if name.endswith(".m3u8"):
            return self._playlist(channel, name.removesuffix(".m3u8"), request)
        return GONE

    def forget(self, stream_id: UUID) -> None:
        for key in [key for key in self._texts if key[0] == stream_id]:
            del self._texts[key]

    def _channel(self, stream: str) -> Channel | None:
        try:
            return self._house.channels.get(UUID(hex=stream)) if len(stream) == 32 else None
        except ValueError:
            return None

    # --- playlists ----------------------------------------------------------------------------------------------------

    def _playlist(self, channel: Channel, name: str, request: Request) -> Answer | Awaitable[Answer]:
        rewinds = name.endswith(".rewind")
        track = channel.tracks.get(name.removesuffix(".rewind"))
        if track is None or not (track.segments or track.expected_bandwidth):
            return GONE
        skips = request.query.get("_HLS_skip", [""])[0] in ("YES", "v2")
        if rewinds and track.segments:
            return self._text(channel, track, "rewind", skips)
        try:
            wanted = _wanted(request)
        except ValueError:
            return said(400, "_HLS_msn and _HLS_part are numbers")
        if wanted is None and track.segments:
            return self._text(channel, track, "live", skips)
        if wanted is None or not track.segments:
            return self._text_at_first(channel, track, skips)
        number, part = wanted
        if number > track.segments[-1].number + MOST_AHEAD:
            return said(400, "that is too far ahead")
        if track.has(number, part) or track.is_ended:
            return self._text(channel, track, "live", skips)
        return self._text_with(channel, track, number, part, skips)

    async def _text_at_first(self, channel: Channel, track: Track, skips: bool) -> Answer:
        """Of a rendition whose encoder was begun by this viewer."""
        until = asyncio.get_running_loop().time() + FIRST_SEGMENT_SECONDS
        while not track.segments:
            if channel.tracks.get(track.name) is not track or not await channel.bells[track.name].heard(until):
                return GONE
        return self._text(channel, track, "live", skips)

    async def _text_with(self, channel: Channel, track: Track, number: int, part: int | None, skips: bool) -> Answer:
        """Once the part is there; after three target durations without it, as it is."""
        until = asyncio.get_running_loop().time() + 3 * max(channel.ingest.segment_seconds, track.longest_segment)
        bell = channel.bells[track.name]
        while not track.has(number, part) and not track.is_ended:
            if not await bell.heard(until):
                break
        return self._text(channel, track, "live", skips)

    def _text(self, channel: Channel, track: Track, form: str, skips: bool) -> Answer:
        """Made once for each part, however many ask."""
        key = (channel.stream_id, track.name, f"{form}{skips}")
        kept = self._texts.get(key)
        if kept is not None and kept[0] == track.version:
            return kept[1]
        live = form == "live"
        window = int(LIVE_WINDOW_SECONDS / channel.ingest.segment_seconds) if live else None
        made = hls.Media(track, channel.ingest.segment_seconds, low_latency=live, window=window)
        answer = Answer(200, made.text(skip=skips).encode(), PLAYLIST, SHORTLY)
        self._texts[key] = (track.version, answer)
        return answer

    def _manifest(self, channel: Channel) -> Answer:
        tracks = list(channel.shown())
        key = (channel.stream_id, "", "dash")
        version = sum(track.version for track in tracks)
        kept = self._texts.get(key)
        if kept is not None and kept[0] == version:
            return kept[1]
        now = channel.clock.now().timestamp()
        seconds = channel.ingest.segment_seconds
        text = dash.manifest(tracks, seconds, channel.began_wall, now, int(LIVE_WINDOW_SECONDS / seconds))
        answer = Answer(200, text.encode(), MANIFEST, SHORTLY)
        self._texts[key] = (version, answer)
        return answer

    # --- media --------------------------------------------------------------------------------------------------------

    def _media(self, channel: Channel, name: str) -> Answer | Awaitable[Answer]:
        """`source/init-0.mp4`, `source/17.m4s`, `source/17.2.m4s`"""
        folder, _, file = name.partition("/")
        track = channel.tracks.get(folder)
        if track is None:
            return GONE
        if file.startswith("init-"):
            number = file.removeprefix("init-").removesuffix(".mp4")
            if not number.isdigit() or int(number) >= len(track.headers):
                return GONE
            return Answer(200, track.headers[int(number)], MEDIA, LONG)
        numbers = file.removesuffix(".m4s").split(".")
        if not all(each.isdigit() and len(each) < 10 for each in numbers) or len(numbers) > 2:
            return GONE
        if len(numbers) == 1:
            return self._segment(channel, track, int(numbers[0]))
        return self._part(channel, track, int(numbers[0]), int(numbers[1]))

    def _segment(self, channel: Channel, track: Track, number: int) -> Answer | Awaitable[Answer]:
        segment = track.find(number)
        if segment is None or not segment.is_done or segment.is_gap:
            return GONE
        if segment.parts:
            return Answer(200, tuple(part.data for part in segment.parts), MEDIA, LONG)
        return self._from_disk(channel, track, segment)

    async def _from_disk(self, channel: Channel, track: Track, segment: Segment) -> Answer:
        if segment.is_stored and channel.stored is not None:
            return await self._from_store(channel.stored, track, segment)
        tape = None if channel.recorder is None else channel.recorder.tape_of(track)
        if tape is None or segment.place is None:
            return GONE
        try:
            return Answer(200, await tape.read(segment.place.offset, segment.place.length), MEDIA, LONG)
        except OSError:
            return GONE  # it has become a film meanwhile

    async def _from_store(self, stored: Stored, track: Track, segment: Segment) -> Answer:
        try:
            return Answer(200, await stored.read(track, segment.number), MEDIA, LONG)
        except NotFound:
            return GONE

    def _part(self, channel: Channel, track: Track, number: int, part: int) -> Answer | Awaitable[Answer]:
        segment = track.find(number)
        if segment is not None and len(segment.parts) > part:
            return Answer(200, segment.parts[part].data, MEDIA, LONG)
        newest = track.segments[-1].number if track.segments else -1
        if number > newest + 1 or (segment is not None and segment.is_done) or track.is_ended:
            return GONE
        return self._part_later(channel, track, number, part)

    async def _part_later(self, channel: Channel, track: Track, number: int, part: int) -> Answer:
        """A player asks for the part that the playlist hinted at before it is there."""
        until = asyncio.get_running_loop().time() + 3 * channel.ingest.segment_seconds
        while not track.has(number, part) and not track.is_ended:
            if not await channel.bells[track.name].heard(until):
                break
        segment = track.find(number)
        if segment is None or len(segment.parts) <= part:
            return GONE
        return Answer(200, segment.parts[part].data, MEDIA, LONG)


def _wanted(request: Request) -> tuple[int, int | None] | None:
    """What the player waits for; ValueError when it is said in no sense."""
    number, part = request.query.get("_HLS_msn"), request.query.get("_HLS_part")
    if number is None:
        if part is not None:
            raise ValueError("a part of nothing")
        return None
    if len(number[0]) > 10 or (part is not None and len(part[0]) > 5):
        raise ValueError("too long")
    wanted = int(number[0]), None if part is None else int(part[0])
    if wanted[0] < 0 or (wanted[1] or 0) < 0:
        raise ValueError("below zero")
    return wanted
