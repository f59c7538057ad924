"""One stream while it is on air: its tracks, whoever publishes it, and what has become of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol
from uuid import UUID

from directfanz.backends.clock.contract import Clock
from directfanz.domains.live.models import Session
from directfanz.platform_toml import Ingest
from directfanz.processes.streaming.origin.waiting import Bell
from directfanz.processes.streaming.packaging.segments import Cut, Segment
from directfanz.processes.streaming.packaging.source import Source
from directfanz.processes.streaming.packaging.track import Track
from directfanz.processes.streaming.recording.recorder import Recorder
from directfanz.processes.streaming.recording.resuming import resume
from directfanz.processes.streaming.recording.stored import Stored

SOURCE, AUDIO = "source", "audio"
SEGMENTS_IN_MEMORY = 6
LOOK_BACK = 4
# What is shown before the sound is known: some encoders send it a moment later than the picture.
SOUND_COMES_WITHIN_MS = 1_000


class Publisher(Protocol):
    """Whoever sends: a connection of any protocol."""

    last_media: float  # by the clock's monotonic time
    received: int

    def cut_off(self, reason: str) -> None: ...


class Channel:
    def __init__(self, stream_id: UUID, ingest: Ingest, clock: Clock) -> None:
        self.stream_id = stream_id
        self.ingest = ingest
        self.clock = clock
        self.stored: Stored | None = None
        self.tracks: dict[str, Track] = {}
        self.bells: dict[str, Bell] = {}
        self.video = self.open_track(Track(SOURCE, "video", ingest.part_seconds))
        self.audio = self.open_track(Track(AUDIO, "audio", ingest.part_seconds))
        self.source = Source(self.video, self.audio, ingest.segment_seconds, lambda: clock.now().timestamp())
        self.source.on_cut.append(self._cut)
        self.recorder: Recorder | None = None
        self.publisher: Publisher | None = None
        self.session: Session | None = None
        self.began_at: float | None = None  # monotonic; of the first publisher
        self.began_wall = clock.now().timestamp()
        self.dropped_at: float | None = None
        self.ended_at: float | None = None
        self.asked_at = 0.0  # monotonic; somebody watches
        self.on_asked: list[Callable[[], None]] = []
        self.has_told_ready = self.was_on_air = False

    # --- asked --------------------------------------------------------------------------------------------------------

    @property
    def is_ready(self) -> bool:
        """Something can be played."""
        shown = [track for track in (self.video, self.audio) if track.segments]
        if not shown:
            return False
        if self.video.segments and not self.audio.segments and self.source.audio_config is None:
            waited = (
                self.video.end * 1000 // self.video.timescale
                - self.video.segments[0].time * 1000 // self.video.timescale
            )
            return self.source.next_number > 1 or waited >= SOUND_COMES_WITHIN_MS
        return True

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    def shown_videos(self) -> list[Track]:
        """The tallest first."""
        videos = [t for t in self.tracks.values() if t.is_video and (t.segments or t.expected_bandwidth)]
        return sorted(videos, key=lambda track: -track.bandwidth)

    def shown_audio(self) -> Track | None:
        return self.audio if self.audio.segments else None

    def shown(self) -> Iterator[Track]:
        yield from self.shown_videos()
        if self.audio.segments:
            yield self.audio

    def is_watched(self, within_seconds: float) -> bool:
        return self.clock.monotonic() - self.asked_at < within_seconds

    def asked(self) -> None:
        """Somebody watches."""
        self.asked_at = self.clock.monotonic()
        for told in self.on_asked:
            told()

    # --- told ---------------------------------------------------------------------------------------------------------

    def open_track(self, track: Track) -> Track:
        self.tracks[track.name] = track
        self.bells[track.name] = Bell(track)
        track.on_segment.append(self._segment)
        if self.stored is not None:
            self.stored.attach(track)
        return track

    def beside(self, track: Track) -> Track:
        """A rendition that joins while the stream runs counts the discontinuities before it as the source does."""
        video = self.video
        track.discontinuities_gone = video.discontinuities_gone + sum(s.is_discontinuity for s in video.segments)
        return track

    def close_track(self, track: Track) -> None:
        """Whoever watches it goes over to another: its playlist is not there any more."""
        if self.tracks.get(track.name) is track:
            del self.tracks[track.name], self.bells[track.name]

    def store(self, stored: Stored) -> None:
        self.stored = stored
        for track in self.tracks.values():
            stored.attach(track)

    def record(self, recorder: Recorder) -> None:
        """What its tapes hold already, from before a restart, is where the stream goes on."""
        self.recorder = recorder
        ends = []
        for track in (self.video, self.audio):
            recorder.attach(track)
            walker = recorder.walkers.get(track.name)
            if walker is not None and walker.entries:
                resume(track, walker, recorder.about)
                ends.append((track.segments[-1].number, track.end * 1000 // track.timescale))
        if ends:
            self.source.resume(max(number for number, _ in ends) + 1, max(end for _, end in ends))
            self.began_wall = min(track.segments[0].wall for track in self.shown())
            self.began_at = self.dropped_at = self.clock.monotonic()
            self.was_on_air = True

    def begins(self, publisher: Publisher, session: Session) -> None:
        self.publisher, self.session = publisher, session
        self.dropped_at = None
        now = self.clock.monotonic()
        self.began_at = now if self.began_at is None else self.began_at
        self.source.rejoin()

    def take(self, kind: int, timestamp: int, body: bytes) -> None:
        self.source.take(kind, timestamp, body)

    def drops(self) -> None:
        self.source.leave()
        self.publisher = None
        self.dropped_at = self.clock.monotonic()

    def ends(self) -> None:
        self.source.leave()
        self.publisher = None
        self.ended_at = self.clock.monotonic()
        for track in self.tracks.values():
            track.finish()

    def _cut(self, cut: Cut) -> None:
        for track in self.tracks.values():
            if track is not self.video and track is not self.audio:
                track.cut(cut)

    def _segment(self, track: Track, segment: Segment) -> None:
        """Older ones are on the disk, if they are recorded, or gone."""
        tape = None if self.recorder is None else self.recorder.tape_of(track)
        kept = SEGMENTS_IN_MEMORY
        if self.stored is not None or (tape is not None and not tape.is_broken):
            kept = max(kept, int(self.ingest.rewind_minutes * 60 / self.ingest.segment_seconds))
        track.forget_before(segment.number - kept + 1)
        for old in islice(reversed(track.segments), SEGMENTS_IN_MEMORY, SEGMENTS_IN_MEMORY + LOOK_BACK):
            if old.place is not None or old.is_stored:
                old.parts = []
        if self.stored is not None and len(track.segments) > SEGMENTS_IN_MEMORY + LOOK_BACK:
            track.segments[-1 - SEGMENTS_IN_MEMORY - LOOK_BACK].parts = []  # the store is away: memory is not to fill
