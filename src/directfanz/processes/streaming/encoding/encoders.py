"""A stream's encoders: begun when somebody watches and the machine has room, fewer when it falls behind, more when it is well again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

from directfanz.processes.streaming.channel import Channel
from directfanz.processes.streaming.cmaf.reading import Header, entry_record
from directfanz.processes.streaming.codecs import avc
from directfanz.processes.streaming.encoding import arguments
from directfanz.processes.streaming.encoding.budget import Budget
from directfanz.processes.streaming.encoding.ladder import Rung, cost, fitting, rungs_below
from directfanz.processes.streaming.encoding.worker import Worker
from directfanz.processes.streaming.packaging.segments import Cut
from directfanz.processes.streaming.packaging.source import Tag
from directfanz.processes.streaming.packaging.track import Track
from directfanz.processes.streaming.rtmp.chunks import AUDIO, VIDEO

WATCHED_SECONDS = 15.0
UNWATCHED_SECONDS = 60.0
SETTLING_SECONDS = 6.0
BEHIND_MS, BEHIND_TICKS = 3_000, 3
WELL_MS, WELL_SECONDS = 1_500, 120.0
DESPAIR_SECONDS = 60.0
EXPECTED_CODECS = "avc1.4d401f"
log = logging.getLogger("directfanz.streaming")
Note = Callable[[Channel, str, str], None]


class Encoders:
    def __init__(
        self, channel: Channel, program: str | None, budget: Budget, note: Note, restarted: Callable[[], None]
    ) -> None:
        self._channel = channel
        self._program = program
        self._budget = budget
        self._note = note
        self._restarted = restarted
        self._picture: Worker | None = None
        self._sound: Worker | None = None
        self.rungs: list[Rung] = []
        self._left_out = 0  # how many of the tallest the machine could not keep up with
        self._behind = 0
        self._well_since: float | None = None
        self._not_before = 0.0
        channel.source.encodes_sound = program is not None
        channel.source.on_config.append(self._feed)
        channel.source.on_tag.append(self._tag)
        channel.on_asked.append(self._asked)

    @property
    def picture(self) -> Worker | None:
        return self._picture

    @property
    def lag_ms(self) -> int:
        """By how much the slowest rendition is behind the source."""
        worker, video = self._picture, self._channel.video
        if worker is None or not video.timescale:
            return 0
        ends = [track.end * 1000 // track.timescale for track in worker.tracks if track.timescale and track.segments]
        return video.end * 1000 // video.timescale - min(ends) if ends else 0

    # --- time ---------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Once a second."""
        channel = self._channel
        if channel.publisher is None:
            return
        if self._picture is None:
            if channel.is_watched(WATCHED_SECONDS):
                self._come_back(now)
                self._asked()
            return
        if not channel.is_watched(UNWATCHED_SECONDS):
            self._end()
            return
        self._keep_up(now, self._picture)

    def _asked(self) -> None:
        channel = self._channel
        rested = channel.clock.monotonic() >= self._not_before
        if self._picture is None and channel.publisher is not None and channel.is_ready and rested:
            self._begin()

    def publisher_left(self) -> None:
        for worker in (self._picture, self._sound):
            if worker is not None:
                worker.pause()

    def stop(self) -> None:
        """The stream is over; what was encoded stays to be seen."""
        if self._picture is not None:
            self._picture.stop()
        self._budget.take(self._channel.stream_id, 0)

    def close(self) -> None:
        self._end()
        if self._sound is not None:
            self._sound.stop()
            self._sound = None

    # --- the picture --------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        config, channel = self._channel.source.video_config, self._channel
        if config is None or self._program is None:
            return
        wanted = rungs_below(config, channel.ingest.ladder)[self._left_out :]
        fps = channel.source.fps
        rungs = fitting(config, wanted, fps, self._budget.room_for(channel.stream_id))
        if not rungs:
            return
        self._budget.take(channel.stream_id, cost(config, rungs, fps))
        self._start(rungs)

    def _start(self, rungs: Sequence[Rung]) -> None:
        channel, program = self._channel, self._program
        assert program is not None
        tracks = [channel.open_track(channel.beside(self._planned(rung))) for rung in rungs]
        argv = partial(arguments.for_picture, program, list(rungs))
        worker = Worker(argv, tracks, _begin_picture, channel.clock.monotonic, is_video=True)
        worker.on_restart = self._died
        worker.on_despair = self._despair
        tag = channel.source.config_tag(VIDEO)
        if tag is not None:
            worker.feed(tag)
        self._picture, self.rungs = worker, list(rungs)
        self._behind, self._well_since = 0, None
        log.info("stream %s: encoding %s", channel.stream_id, ", ".join(rung.name for rung in rungs))

    def _planned(self, rung: Rung) -> Track:
        """In the playlist of playlists at once, because players read it only once; so with what is known beforehand."""
        config = self._channel.source.video_config
        assert config is not None
        track = Track(rung.name, "video", self._channel.ingest.part_seconds)
        longer = round(rung.height * max(config.width, config.height) / min(config.width, config.height) / 2) * 2
        track.width, track.height = (rung.height, longer) if rung.is_upright else (longer, rung.height)
        track.codecs, track.expected_bandwidth = EXPECTED_CODECS, round(rung.kbps * 1100)
        return track

    def _end(self) -> None:
        worker, self._picture = self._picture, None
        self.rungs = []
        self._budget.take(self._channel.stream_id, 0)
        if worker is not None:
            worker.stop()
            for track in worker.tracks:
                self._channel.close_track(track)

    def _keep_up(self, now: float, worker: Worker) -> None:
        if now - worker.started_at < SETTLING_SECONDS:
            return
        lag = self.lag_ms
        self._behind = self._behind + 1 if lag > BEHIND_MS or worker.is_behind else 0
        if self._behind >= BEHIND_TICKS:
            self._step_down()
            return
        if lag > WELL_MS:
            self._well_since = None
        elif self._left_out:
            self._well_since = now if self._well_since is None else self._well_since
            if now - self._well_since > WELL_SECONDS:
                self._left_out -= 1
                self._end()
                self._begin()

    def _come_back(self, now: float) -> None:
        """When even the lowest was left out: nothing can fall behind now, so that only time tells."""
        if not self._left_out:
            return
        self._well_since = now if self._well_since is None else self._well_since
        if now - self._well_since > WELL_SECONDS:
            self._left_out -= 1
            self._well_since = None

    def _step_down(self) -> None:
        self._left_out += 1
        self._well_since = None
        gone = self.rungs[0].name if self.rungs else ""
        self._note(
            self._channel, "stepped_down", f"The machine cannot keep up: the rendition {gone}p is left out for now."
        )
        self._end()
        self._begin()

    def _died(self, why: str) -> None:
        self._restarted()
        log.warning("stream %s: an encoder died and is begun again: %s", self._channel.stream_id, why[:200])

    def _despair(self) -> None:
        self._note(
            self._channel, "encoder_failed", "The lower renditions cannot be encoded at the moment; the source goes on."
        )
        self._end()
        self._not_before = self._channel.clock.monotonic() + DESPAIR_SECONDS

    # --- tags ---------------------------------------------------------------------------------------------------------

    def _tag(self, kind: int, time: int, body: bytes, cut: Cut | None) -> None:
        """Most streams are encoded no further."""
        if self._picture is not None or (kind == AUDIO and self._channel.source.is_sound_encoded):
            self._feed(Tag(kind, time, body, False, cut))

    def _feed(self, tag: Tag) -> None:
        if tag.kind == VIDEO:
            if self._picture is not None:
                self._picture.feed(tag)
        elif tag.kind == AUDIO and self._channel.source.is_sound_encoded:
            self._feed_sound(tag)

    def _feed_sound(self, tag: Tag) -> None:
        if self._sound is None:
            assert self._program is not None
            program, clock = self._program, self._channel.clock
            self._sound = Worker(
                lambda pipes: arguments.for_sound(program, pipes[0]), [self._channel.audio], _begin_sound, clock.monotonic,
                is_video=False,
            )  # fmt: skip
            self._sound.on_restart = self._died
            config = self._channel.source.config_tag(AUDIO)
            if config is not None:
                self._sound.feed(config)
        self._sound.feed(tag)


def _begin_picture(track: Track, data: bytes, header: Header) -> None:
    record = entry_record(header.entry, b"avcC", 78)
    config = avc.config_of(record)
    track.begin(data, header.timescale, config.codecs, config.width, config.height)


def _begin_sound(track: Track, data: bytes, header: Header) -> None:
    """The codec's name is what we asked for."""
    track.begin(data, header.timescale, "mp4a.40.2")
