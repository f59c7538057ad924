"""The publisher's own rendition: FLV tags in, frames of the two direct tracks and the cuts of all tracks out. No I/O.

Nothing is encoded here. Where to cut is decided by the picture's key frames, or by the clock where there is only sound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from directfanz.processes.streaming.cmaf.header import VIDEO_TIMESCALE, header_of
from directfanz.processes.streaming.codecs import AudioConfig, Unsupported, VideoConfig, audio_config, video_config
from directfanz.processes.streaming.codecs.sound import opus_samples
from directfanz.processes.streaming.packaging.segments import Cut
from directfanz.processes.streaming.packaging.timeline import Timeline
from directfanz.processes.streaming.packaging.track import Track
from directfanz.processes.streaming.rtmp.chunks import AUDIO, VIDEO
from directfanz.processes.streaming.rtmp.tags import audio_of, metadata_of, video_of

DATA = 18
LONGER_SIDE, SHORTER_SIDE = 4096, 2160
LONGEST_GOP_MS = 10_000
AUDIO_ALONE_MS = 2_000
NEAR_MS = 50


class Tag(NamedTuple):
    """A tag on the stream's own time, for who encodes it further. `cut`: it begins a segment."""

    kind: int
    time: int
    body: bytes
    is_config: bool
    cut: Cut | None


class Source:
    def __init__(self, video: Track, audio: Track, segment_seconds: float, wall: Callable[[], float]) -> None:
        """`wall`: the time in the world."""
        self.video, self.audio = video, audio
        self._wall = wall
        self.segment_ms = round(segment_seconds * 1000)
        self.timeline = Timeline()
        self.next_number = 0
        self.on_cut: list[Callable[[Cut], None]] = []
        self.on_config: list[Callable[[Tag], None]] = []
        self.on_tag: list[Callable[[int, int, bytes, Cut | None], None]] = []  # kind, time, body, the cut it begins
        self.video_config: VideoConfig | None = None
        self.audio_config: AudioConfig | None = None
        self.metadata: dict[str, object] = {}
        self.encodes_sound = False  # somebody stands by who makes AAC of Opus
        self._config_tags: dict[int, Tag] = {}
        self.frames = self.keys = self.jumps = 0
        self.gop_ms = 0
        self._first_at = self.timeline.end
        self._begins_anew = True
        self._cut_at = self._key_at = self._audio_from = 0
        self._wall_offset = 0.0

    @property
    def is_sound_encoded(self) -> bool:
        return self.encodes_sound and self.audio_config is not None and self.audio_config.fourcc == "Opus"

    @property
    def fps(self) -> float:
        """Over the last segments that are whole."""
        seconds = (self.timeline.end - self._first_at) / 1000
        return self.frames / seconds if seconds > 1 else 30.0

    def config_tag(self, kind: int) -> Tag | None:
        return self._config_tags.get(kind)

    # --- told ---------------------------------------------------------------------------------------------------------

    def rejoin(self) -> None:
        """A publisher begins, or comes back: what it sends next goes on where the stream was."""
        self.timeline.rejoin()
        self._audio_from = 0
        self._break()

    def resume(self, number: int, end: int) -> None:
        """After a restart: the next segment's number, and where the stream's time had got to."""
        self.next_number = number
        self.timeline = Timeline(end)

    def take(self, kind: int, timestamp: int, body: bytes) -> None:
        """`Unsupported` says in words for the publisher why it cannot be taken; `ProtocolError`, that it is broken."""
        if kind == VIDEO:
            self._video(timestamp, body)
        elif kind == AUDIO:
            self._audio(timestamp, body)
        elif kind == DATA:
            self.metadata = metadata_of(body) or self.metadata

    def leave(self) -> None:
        """The publisher is gone, for now or for good."""
        self.video.break_off()
        self.audio.break_off()
        self._begins_anew = True

    # --- picture ------------------------------------------------------------------------------------------------------

    def _video(self, timestamp: int, body: bytes) -> None:
        tag = video_of(body)
        if tag.kind == "config":
            self._configure_video(tag.codec, tag.data)
            self._tell_config(VIDEO, body)
            return
        if tag.kind == "other" or not tag.data:
            return
        if self.video_config is None or tag.codec != self.video_config.fourcc:
            video_config(tag.codec, b"")  # says that this codec is not taken, or that its settings are missing
        time, jumped = self.timeline.place("video", timestamp)
        self.jumps += jumped
        self.frames += 1
        cut = self._cut_for_key(time) if tag.is_key else None
        if self._begins_anew:
            return
        if time - self._key_at > LONGEST_GOP_MS:
            seconds = LONGEST_GOP_MS // 1000
            raise Unsupported(f"No key frame for {seconds} s. Set the encoder's key frame interval to 2 s.")
        scale = VIDEO_TIMESCALE // 1000
        self.video.add(time * scale, tag.is_key, tag.composition * scale, tag.data)
        for told in self.on_tag:
            told(VIDEO, time, body, cut)

    def _configure_video(self, codec: str, record: bytes) -> None:
        if self.video_config is not None and record == self.video_config.record:
            return
        config = video_config(codec, record)
        size = config.width, config.height
        if max(size) > LONGER_SIDE or min(size) > SHORTER_SIDE:
            raise Unsupported(f"The picture has {size[0]}x{size[1]}: send at most {LONGER_SIDE}x{SHORTER_SIDE}.")
        self._break()
        self.video_config = config
        self.video.begin(header_of(config), VIDEO_TIMESCALE, config.codecs, config.width, config.height)

    def _cut_for_key(self, time: int) -> Cut | None:
        self.keys += 1
        if self._key_at and not self._begins_anew:
            self.gop_ms = max(time - self._key_at, self.gop_ms // 2)
        self._key_at = time
        if self._begins_anew or time - self._cut_at >= self.segment_ms - NEAR_MS:
            return self._cut(time)
        return None

    # --- sound --------------------------------------------------------------------------------------------------------

    def _audio(self, timestamp: int, body: bytes) -> None:
        tag = audio_of(body)
        if tag.kind == "config":
            self._configure_audio(tag.codec, tag.data)
            self._tell_config(AUDIO, body)
            return
        if tag.kind == "other" or not tag.data:
            return
        if self.audio_config is None or tag.codec != self.audio_config.fourcc:
            audio_config(tag.codec, b"")
            return
        time, jumped = self.timeline.place("audio", timestamp)
        self.jumps += jumped
        cut = self._cut_for_sound(time)
        if self._begins_anew:
            return
        try:
            samples = self.audio_config.frame or opus_samples(tag.data)
        except ValueError:
            raise Unsupported("The encoder's Opus packets cannot be read.") from None
        if not self.is_sound_encoded:
            self.audio.add(time * self.audio_config.rate // 1000, True, 0, tag.data, samples)
        for told in self.on_tag:
            told(AUDIO, time, body, cut)

    def _configure_audio(self, codec: str, record: bytes) -> None:
        if self.audio_config is not None and record == self.audio_config.record:
            return
        config = audio_config(codec, record)
        if self.audio_config is not None:
            self._break()
        self.audio_config = config
        if not self.is_sound_encoded:
            self.audio.begin(header_of(config), config.rate, config.codecs)

    def _cut_for_sound(self, time: int) -> Cut | None:
        """Sound waits for the picture's first key frame; where no picture is coming, it goes by itself."""
        if self.video_config is not None:
            return None
        self._audio_from = self._audio_from or time
        if time - self._audio_from < AUDIO_ALONE_MS:
            return None
        if self._begins_anew or time - self._cut_at >= self.segment_ms:
            return self._cut(time)
        return None

    # --- both ---------------------------------------------------------------------------------------------------------

    def _break(self) -> None:
        if not self._begins_anew:
            self.video.break_off()
            self.audio.break_off()
        self._begins_anew = True

    def _cut(self, time: int) -> Cut:
        if self._begins_anew:
            self._wall_offset = self._wall() - time / 1000
        is_discontinuity = self._begins_anew and self.next_number > 0
        cut = Cut(self.next_number, time, self._wall_offset + time / 1000, is_discontinuity)
        self.next_number += 1
        self._begins_anew = False
        self._cut_at = time
        self.video.cut(cut)
        self.audio.cut(cut)
        for told in self.on_cut:
            told(cut)
        return cut

    def _tell_config(self, kind: int, body: bytes) -> None:
        tag = self._config_tags[kind] = Tag(kind, self.timeline.end, body, True, None)
        for told in self.on_config:
            told(tag)
