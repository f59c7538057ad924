"""All streams of this process: who may publish, who left, what is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.live.own.adapter import ORDERS, Order, status_of, write_board
from directfanz.domains.live.errors import NotAdmitted
from directfanz.domains.live.models import Admitted, Protocol
from directfanz.domains.live.service import admission, health, lifecycle, streams
from directfanz.errors import DirectFanzError
from directfanz.processes.streaming.channel import Channel, Publisher
from directfanz.processes.streaming.encoding.budget import Budget
from directfanz.processes.streaming.encoding.encoders import Encoders
from directfanz.processes.streaming.encoding.program import ffmpeg
from directfanz.processes.streaming.recording.recorder import About
from directfanz.processes.streaming.recording.shelf import Shelf
from directfanz.processes.streaming.recording.stored import Stored
from directfanz.processes.streaming.reporting import Reporter

# A publisher that sent nothing for so long is gone, though its connection stands: whoever has the key may take its place.
SILENT_SECONDS = 3.0
LOOK_SECONDS = 0.25
TICK_SECONDS = 1.0
FIGURES_EVERY_SECONDS = 5.0
SEEN_EVERY_SECONDS = 5.0
# Viewers learn that it is over before it disappears.
LINGER_SECONDS = 30.0
FILMS_SECONDS = 15.0
FORSAKEN_EVERY_SECONDS = 30.0
log = logging.getLogger("directfanz.streaming")


class House:
    def __init__(self, backends: Backends, node: str) -> None:
        self._backends = backends
        self.clock = self._clock = backends.clock
        self.ingest = backends.platform.ingest
        self.node = node
        self.channels: dict[UUID, Channel] = {}
        self.reporter = Reporter(backends.clock)
        own = backends.settings.live_transcode_cpu_percent
        self.budget = Budget(self.ingest.transcode_cpu_percent if own is None else own)
        self._program = ffmpeg(backends.settings)
        self.encoders: dict[UUID, Encoders] = {}
        self.shelf = Shelf(backends, node)
        self._restarts = backends.telemetry.counter("live_encoder_restarts_total")
        self._on_air = backends.telemetry.gauge("live_streams")
        self.is_draining = False
        self.on_forgotten: list[Callable[[UUID], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._told_at = 0.0
        self._received: dict[UUID, int] = {}  # bytes, when figures were told
        self._boards: dict[UUID, tuple[str, float]] = {}  # what was written of a stream, and when

    # --- publishers ---------------------------------------------------------------------------------------------------

    async def admit(self, secret: str, publisher: Publisher, protocol: Protocol) -> Channel:
        """`NotAdmitted` says why not. Of two with one key the one that sends stays; one that fell silent gives way."""
        if self.is_draining:
            raise NotAdmitted("This server is being restarted. Try again in a few seconds.")
        admitted = await admission.admit(self._backends, secret, self.node)
        await self._make_way(admitted)
        session = await lifecycle.connected(self._backends, admitted, self.node, protocol)
        channel = self.channels.get(admitted.stream_id)
        if channel is None:
            channel = self._open(admitted)
        if channel.publisher is not None:
            raise NotAdmitted("This stream is live from another encoder. Stop that one first.")
        channel.begins(publisher, session)
        log.info("stream %s: a publisher is there", channel.stream_id)
        return channel

    def take(self, channel: Channel, kind: int, timestamp: int, body: bytes) -> None:
        channel.take(kind, timestamp, body)
        if not channel.has_told_ready and channel.is_ready:
            channel.has_told_ready = channel.was_on_air = True
            self.reporter.tell(partial(lifecycle.began, self._backends, channel.stream_id))

    def left(self, channel: Channel, publisher: Publisher, reason: str) -> None:
        """It may come back within the grace."""
        if channel.publisher is not publisher:
            return
        session = channel.session
        self.encoders[channel.stream_id].publisher_left()
        channel.drops()
        channel.has_told_ready = False
        log.info("stream %s: the publisher is gone: %s", channel.stream_id, reason)
        if session is not None:
            self.reporter.tell(partial(lifecycle.dropped, self._backends, session, reason))

    def note(self, channel: Channel, code: str, message: str, **figures: object) -> None:
        """For the creator's console."""
        self.reporter.tell(partial(health.note, self._backends, channel.stream_id, code, message, "error", **figures))

    # --- time ---------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        beside = [asyncio.create_task(each()) for each in (self.reporter.run, self._hear_orders)]
        seen_at = forsaken_at = 0.0
        try:
            while True:
                await self._clock.sleep(TICK_SECONDS)
                now = self._clock.monotonic()
                self._on_air.set(sum(channel.publisher is not None for channel in self.channels.values()))
                for channel in list(self.channels.values()):
                    self._guarded_look(channel, now)
                await self._guarded(self._tell_figures, now)
                await self._guarded(self._write_boards, now)
                if now - seen_at >= SEEN_EVERY_SECONDS:
                    seen_at = now
                    await self._guarded(self._say_seen)
                if now - forsaken_at >= FORSAKEN_EVERY_SECONDS:
                    forsaken_at = now
                    await self._guarded(self._end_forsaken)
        finally:
            for task in beside:
                task.cancel()

    async def close(self) -> None:
        """Publishers are sent away; they come back to the next process and go on."""
        self.is_draining = True
        for channel in list(self.channels.values()):
            if channel.publisher is not None:
                channel.publisher.cut_off("the server is being restarted")
        for encoders in self.encoders.values():
            encoders.close()
        await self.reporter.settle(5)
        for channel in self.channels.values():
            if channel.stored is not None:
                await channel.stored.close()
        await self.shelf.close(FILMS_SECONDS)

    def _open(self, admitted: Admitted) -> Channel:
        if len(self.channels) >= self.ingest.streams_max:
            raise NotAdmitted("This server has no room for another stream. Try again later.")
        channel = self._new_channel(admitted.stream_id, admitted.backend)
        channel.record(self.shelf.open(admitted, partial(self.note, channel)))
        return channel

    def _new_channel(self, stream_id: UUID, backend: str) -> Channel:
        channel = self.channels[stream_id] = Channel(stream_id, self.ingest, self._clock)
        if backend == "hybrid":
            channel.store(Stored(self._backends.storage.bucket("media"), self._clock, stream_id))
        self.encoders[stream_id] = Encoders(channel, self._program, self.budget, self.note, self._restarts.add)
        return channel

    async def take_over(self) -> None:
        """What a process of this name had when it ended: its streams wait for their publishers, its films are made."""
        for session in await lifecycle.left_open(self._backends, self.node):
            self.reporter.tell(partial(lifecycle.dropped, self._backends, session, "the server was restarted"))
        for about in self.shelf.left():
            try:
                await self._take_over(about)
            except Exception:
                log.exception("what was left of stream %s cannot be read; it stays on the disk", about.stream_id)
                self.shelf.leave(about.stream_id)
                self.channels.pop(about.stream_id, None)
                self.encoders.pop(about.stream_id, None)

    async def _take_over(self, about: About) -> None:
        stream = await streams.find(self._backends.database, about.stream_id)
        channel = self._new_channel(about.stream_id, stream.backend if stream else "local")
        channel.record(self.shelf.reopen(about, partial(self.note, channel)))
        if stream is None or not channel.was_on_air:
            self._forget(channel)
        elif stream.state == "ended":
            channel.ends()
            self.shelf.finish(channel.stream_id)
        else:
            log.info("stream %s: goes on at segment %s", about.stream_id, channel.source.next_number)

    def _forget(self, channel: Channel) -> None:
        del self.channels[channel.stream_id]
        self._boards.pop(channel.stream_id, None)
        for told in self.on_forgotten:
            told(channel.stream_id)
        self.encoders.pop(channel.stream_id).close()
        if channel.stored is not None:
            self._beside(channel.stored.remove())
        if not channel.was_on_air:
            self.shelf.drop(channel.stream_id)

    def _beside(self, work: Coroutine[None, None, None]) -> None:
        """Kept until it is done: a task that nobody holds may vanish."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make_way(self, admitted: Admitted) -> None:
        """Watches the one that is there for as long as it takes to know whether it is alive."""
        until = self._clock.monotonic() + SILENT_SECONDS + LOOK_SECONDS
        while (channel := self.channels.get(admitted.stream_id)) is not None and channel.publisher is not None:
            now = self._clock.monotonic()
            if now - channel.publisher.last_media >= SILENT_SECONDS:
                channel.publisher.cut_off("another connection took over")
                return
            if now >= until:
                raise NotAdmitted("This stream is live from another encoder. Stop that one first.")
            await self._clock.sleep(LOOK_SECONDS)

    def _guarded_look(self, channel: Channel, now: float) -> None:
        """What goes wrong with one stream is no matter of the others."""
        try:
            self._look_after(channel, now)
        except Exception:
            log.exception("stream %s could not be looked after", channel.stream_id)

    async def _guarded(self, step: Callable[..., Awaitable[None] | None], *told: float) -> None:
        """What goes wrong at one step is no matter of the next: the streams go on."""
        try:
            doing = step(*told)
            if doing is not None:
                await doing
        except Exception:
            log.exception("a step of looking after the streams failed")

    def _look_after(self, channel: Channel, now: float) -> None:
        if channel.is_over:
            if now - (channel.ended_at or now) > LINGER_SECONDS:
                self._forget(channel)
            return
        if channel.publisher is None and channel.dropped_at is not None:
            if not channel.was_on_air:
                self._forget(channel)  # nothing was shown: the stream is still to come
                return
            if now - channel.dropped_at > self.ingest.grace_seconds:
                self.end(channel, "the publisher did not come back")
        elif channel.began_at is not None and now - channel.began_at > self.ingest.hours_max * 3600:
            self.end(channel, f"a stream lasts at most {self.ingest.hours_max} hours")
        self.encoders[channel.stream_id].tick(now)

    def end(self, channel: Channel, reason: str) -> None:
        publisher = channel.publisher
        self.encoders[channel.stream_id].stop()
        channel.ends()
        self.shelf.finish(channel.stream_id)
        if publisher is not None:
            publisher.cut_off(reason)
        log.info("stream %s: over: %s", channel.stream_id, reason)
        self.reporter.tell(partial(lifecycle.ended, self._backends, channel.stream_id, reason))

    def _tell_figures(self, now: float) -> None:
        """Of all streams in one report: a hundred small ones cost more than the streams themselves."""
        if now - self._told_at < FIGURES_EVERY_SECONDS:
            return
        wall, self._told_at = now - self._told_at, now
        before, self._received = self._received, {}
        told: dict[UUID, dict[str, object]] = {}
        for channel in self.channels.values():
            if channel.publisher is None or channel.is_over:
                continue
            received = self._received[channel.stream_id] = channel.publisher.received
            since = received - before.get(channel.stream_id, received)
            if since > 0:
                told[channel.stream_id] = {"kbps": round(since * 8 / 1000 / wall), **self._figures_of(channel)}
        if told:
            self.reporter.tell(partial(health.report, self._backends, told))

    def _figures_of(self, channel: Channel) -> dict[str, object]:
        source = channel.source
        return {
            "frames": source.frames,
            "gop_ms": source.gop_ms,
            "jumps": source.jumps,
            "width": channel.video.width,
            "height": channel.video.height,
            "renditions": [track.name for track in channel.shown()],
        }

    async def _end_forsaken(self) -> None:
        """Of a process that never came back."""
        try:
            for stream_id in await lifecycle.end_forsaken(self._backends, self.ingest.grace_seconds):
                log.warning("stream %s: over: its server did not come back", stream_id)
        except DirectFanzError as error:
            log.warning("could not look for streams of lost servers: %s", error.message)

    async def _write_boards(self, now: float) -> None:
        """For whoever asks how a stream does and is not this process: at once when its state changes. The cache may be away."""
        try:
            for channel in list(self.channels.values()):
                status = status_of(
                    is_there=channel.publisher is not None, is_shown=channel.is_ready, figures=self._figures_of(channel)
                )
                state, at = self._boards.get(channel.stream_id, ("", 0.0))
                if status.state != state or now - at >= FIGURES_EVERY_SECONDS:
                    self._boards[channel.stream_id] = status.state, now
                    await write_board(self._backends.cache, channel.stream_id, status)
        except DirectFanzError as error:
            log.warning("could not write how the streams do: %s", error.message)

    async def _hear_orders(self) -> None:
        """The short way. Whoever missed it reads of an end in the database, a few seconds later."""
        while True:
            try:
                async with self._backends.cache.subscribe(ORDERS) as orders:
                    async for _, message in orders:
                        self._obey(msgspec.json.decode(message, type=Order))
            except (DirectFanzError, msgspec.MsgspecError) as error:
                log.warning("orders about streams are not heard: %s", error)
                await self._clock.sleep(FIGURES_EVERY_SECONDS)

    def _obey(self, order: Order) -> None:
        channel = self.channels.get(order.stream_id)
        if channel is not None and channel.publisher is not None:
            channel.publisher.cut_off(order.reason)

    async def _say_seen(self) -> None:
        # Also of those who wait for their publisher: a team that ends its stream then waits for its film.
        sessions = [c.session for c in self.channels.values() if c.session is not None and not c.is_over]
        try:
            let_go = await lifecycle.still_there(self._backends, sessions)
        except DirectFanzError as error:
            log.warning("could not say which streams are here: %s", error.message)
            return
        for stream_id, is_over in let_go.items():
            channel = self.channels.get(stream_id)
            if channel is None or channel.is_over:
                continue
            if is_over:
                self.end(channel, "ended by its team")
            elif channel.publisher is not None:
                channel.publisher.cut_off(
                    "The key of this stream was replaced. Copy the new one from your live console."
                )
