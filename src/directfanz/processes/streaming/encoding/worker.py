"""One ffmpeg that is kept alive: when it dies, the next one is fed again what the dead one had not finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from directfanz.processes.streaming.cmaf.fragment import Sample
from directfanz.processes.streaming.cmaf.reading import Header
from directfanz.processes.streaming.encoding.child import Child, Output
from directfanz.processes.streaming.packaging.source import Tag
from directfanz.processes.streaming.packaging.track import Track

# Of what was fed, so many segments are kept for the next one.
SEGMENTS_KEPT = 3
SOUND_KEPT = 256
MOST_RESTARTS, WITHIN_SECONDS = 5, 60.0
Argv = Callable[[Sequence[int]], list[str]]
Begin = Callable[[Track, bytes, Header], None]


class Worker:
    def __init__(
        self, argv: Argv, tracks: Sequence[Track], begin: Begin, now: Callable[[], float], *, is_video: bool
    ) -> None:
        self._argv, self._begin, self._now = argv, begin, now
        self.tracks = list(tracks)
        self._is_video = is_video
        self._config: Tag | None = None
        self._kept: deque[Tag] = deque()
        self._cuts_kept = 0
        self._child: Child | None = None
        self._starts: deque[float] = deque(maxlen=MOST_RESTARTS)
        self.started_at = 0.0
        self.restarts = 0
        self.on_restart: Callable[[str], None] = lambda why: None
        self.on_despair: Callable[[], None] = lambda: None

    @property
    def pid(self) -> int:
        return 0 if self._child is None else self._child.pid

    @property
    def is_behind(self) -> bool:
        return self._child is not None and self._child.is_behind

    def feed(self, tag: Tag) -> None:
        if tag.is_config:
            self._configure(tag)
            return
        if self._child is None:
            if self._config is None or (self._is_video and tag.cut is None):
                return
            self._spawn()
        self._keep(tag)
        assert self._child is not None
        self._child.feed(tag)

    def stop(self) -> None:
        child, self._child = self._child, None
        self._kept.clear()
        self._cuts_kept = 0
        if child is not None:
            child.kill()

    def pause(self) -> None:
        """The publisher is gone: what it sent is finished, and the next one begins with another child."""
        child, self._child = self._child, None
        self._kept.clear()
        self._cuts_kept = 0
        if child is not None:
            child.finish()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _configure(self, tag: Tag) -> None:
        if self._config is not None and self._config.body != tag.body and self._child is not None:
            self.pause()  # another picture: another child
        self._config = tag

    def _keep(self, tag: Tag) -> None:
        self._kept.append(tag)
        if not self._is_video:
            if len(self._kept) > SOUND_KEPT:
                self._kept.popleft()
            return
        self._cuts_kept += tag.cut is not None
        while self._cuts_kept > SEGMENTS_KEPT:
            self._kept.popleft()
            while self._kept and self._kept[0].cut is None:
                self._kept.popleft()
            self._cuts_kept -= 1

    def _spawn(self) -> None:
        child = self._child = Child(self._died)
        self.started_at = self._now()
        self._starts.append(self.started_at)
        child.start(self._argv, [self._output(track, child) for track in self.tracks], is_video=self._is_video)
        if self._config is not None:
            child.feed(self._config)

    def _output(self, track: Track, child: Child) -> Output:
        def header(data: bytes, read: Header) -> None:
            self._begin(track, data, read)

        def samples(found: list[Sample]) -> None:
            for sample in found:
                # Sound lasts as long as it says; a picture until the next.
                duration = 0 if track.is_video else sample.duration
                track.add(sample.time, sample.is_sync, sample.composition, sample.data, duration)

        return Output(header, samples)

    def _died(self, child: Child) -> None:
        """Nobody killed it on purpose: then it would not be ours any more."""
        if child is not self._child:
            return
        self._child = None
        why = child.last_words or "it was killed"
        full = len(self._starts) == MOST_RESTARTS
        if full and self._now() - self._starts[0] < WITHIN_SECONDS:
            self.on_despair()
            return
        self.restarts += 1
        self.on_restart(why)
        for track in self.tracks:
            track.interrupt()
        again, self._kept = list(self._kept), deque()
        self._cuts_kept = 0
        for tag in again[self._unfinished(again) :]:
            self.feed(tag)

    def _unfinished(self, tags: Sequence[Tag]) -> int:
        """Where to begin again: at the segment that the slowest track is at. What others have already they pass over."""
        if not self._is_video:
            return 0
        since = min((track.waits_since or 0 for track in self.tracks), default=0)
        starts = [at for at, tag in enumerate(tags) if tag.cut is not None]
        passed = [at for at in starts if tags[at].time <= since + 1]
        return passed[-1] if passed else (starts[0] if starts else len(tags))
