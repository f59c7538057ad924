"""Streams that a service of AWS takes: made there with the stream, made ready before it, watched every minute, and taken away after it.

Our own process tells the database what happens by itself. These are asked instead, and what changed between two looks becomes the same
moves of the stream. What shall be (`wanted`) is written down first and tried at each look until it is so: no order is lost with a process.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.live import events
from directfanz.backends.live.contract import LiveBackend, NotYet, Spec, Status
from directfanz.domains.live.errors import StateChanged
from directfanz.domains.live.models import Held, NewKey, Stream
from directfanz.domains.live.repository import places, streams
from directfanz.domains.live.service import health, lifecycle
from directfanz.errors import DirectFanzError

GRACE = timedelta(minutes=2)  # a look is a minute, and CloudWatch is a minute behind
_COSTS = frozenset({"arming", "armed", "live", "stopping"})
log = logging.getLogger("directfanz.live")


def is_outside(backends: Backends, stream: Stream) -> bool:
    return not backends.live.of(stream.backend).can.tells_itself


async def provision(backends: Backends, stream: Stream, key: NewKey) -> NewKey:
    """With where the encoder sends. A service that did not answer is asked again when the key is replaced."""
    backend = backends.live.of(stream.backend)
    spec = Spec(stream_id=stream.id, title=stream.title, secret=key.secret, is_recorded=stream.is_recorded)
    held = None if backend.can.tells_itself else await places.find(backends.database, stream.id)
    made = await (backend.rotate_key(held.place, spec) if held else backend.provision(spec))
    shown = made.endpoints[0].key if made.endpoints else key.secret
    if not backend.can.tells_itself:
        now = backends.clock.now()
        without = tuple(msgspec.structs.replace(each, key="") for each in made.endpoints)
        row = Held(
            stream_id=stream.id, backend=stream.backend, ids=made.place.ids, endpoints=without, wanted="idle", state="idle",
            problem="", armed_at=None, quiet_since=None, made_at=now, seen_at=now, released_at=None,
        )  # fmt: skip
        async with backends.database.writing() as tx:
            await places.put(tx, row)
            if not backend.can.needs_arming:
                await places.want(tx, stream.id, "armed")
    return NewKey(key.key, shown, made.endpoints)


async def arm(backends: Backends, stream: Stream) -> None:
    """Makes it ready for a picture: from then on it costs."""
    if stream.state == "ended":
        raise StateChanged("This stream is over.")
    await _require_budget(backends)
    async with backends.database.writing() as tx:
        await places.want(tx, stream.id, "armed")


async def look_after(backends: Backends) -> int:
    """Every minute, by a job. What one stream's service says wrong is no matter of the others."""
    count = 0
    for name in ("medialive", "ivs"):
        for held in await places.open_of(backends.database, name):
            count += 1
            try:
                await _look(backends, backends.live.of(name), held)
            except NotYet as busy:
                log.info("stream %s: %s", held.stream_id, busy.message)
            except DirectFanzError as error:
                log.warning("stream %s could not be looked after: %s", held.stream_id, error.message)
    return count


async def reconcile(backends: Backends) -> int:
    """Every hour: what is there and nobody knows is taken away, since it costs."""
    found = 0
    for name in ("medialive", "ivs"):
        known = await places.open_of(backends.database, name)
        if not known and name not in backends.live.offered:
            continue
        for drift in await backends.live.of(name).reconcile([held.place for held in known]):
            found += 1
            log.warning("%s: %s %s of stream %s", name, drift.kind, drift.what, drift.stream_id)
    return found


async def _look(backends: Backends, backend: LiveBackend, held: Held) -> None:
    stream = await streams.find(backends.database, held.stream_id)
    status = await backend.status(held.place)
    held = await _saw(backends, held, status)
    if stream is not None and stream.state != "ended":
        await _moves(backends, stream, held, status)
        await _limits(backends, backend, stream, held)
        stream = await streams.find(backends.database, held.stream_id)
    if stream is None or stream.state == "ended":
        await _want(backends, held, "released")
    again = await places.find(backends.database, held.stream_id)
    if again is not None:
        await _act(backend, again)


async def _saw(backends: Backends, held: Held, status: Status) -> Held:
    now = backends.clock.now()
    costs = status.state in _COSTS
    armed = (held.armed_at or now) if costs else None
    quiet = None if status.state in ("live", "idle", "gone") else (held.quiet_since or now)
    released = now if held.wanted == "released" and status.state == "gone" else None
    new = msgspec.structs.replace(
        held, state=status.state, problem=status.problem, armed_at=armed, quiet_since=quiet, seen_at=now, released_at=released
    )  # fmt: skip
    async with backends.database.writing() as tx:
        await places.seen(tx, new)
        if held.armed_at is not None and not costs:
            await places.add_hours(tx, held.stream_id, held.armed_at, now)
    if status.figures and status.state == "live":
        await health.report(backends, {held.stream_id: status.figures})
    return msgspec.structs.replace(new, state=held.state)  # what it was, for whoever compares


async def _moves(backends: Backends, stream: Stream, held: Held, status: Status) -> None:
    """What happened becomes moves of the stream."""
    for event in events.between(held.state, status.state):
        if event == "began":
            await lifecycle.began(backends, stream.id)
        elif event == "interrupted" and stream.is_on_air:
            await lifecycle.interrupted(backends, stream.id)
        elif event == "failed":
            await health.note(backends, stream.id, "failed", f"The stream cannot be taken: {status.problem}", "error")
        elif event == "lost" and held.wanted != "released":
            await health.note(backends, stream.id, "lost", "What takes this stream is gone. Make a new key.", "error")


async def _limits(backends: Backends, backend: LiveBackend, stream: Stream, held: Held) -> None:
    now, rules = backends.clock.now(), backends.platform.live
    hours = timedelta(hours=backends.platform.ingest.hours_max)
    if stream.state == "reconnecting" and held.quiet_since is not None and now - held.quiet_since > GRACE:
        await lifecycle.ended(backends, stream.id, "the publisher did not come back")
    elif stream.began_at is not None and now - stream.began_at > hours:
        await lifecycle.ended(backends, stream.id, f"a stream lasts at most {backends.platform.ingest.hours_max} hours")
    elif not backend.can.needs_arming or stream.is_on_air:
        return
    elif held.wanted == "armed" and held.quiet_since and now - held.quiet_since > timedelta(minutes=rules.idle_minutes):
        await _want(backends, held, "idle")
        words = (
            f"No picture came for {rules.idle_minutes} minutes, so it was stopped. Make it ready again when you begin."
        )
        await health.note(backends, stream.id, "stopped_idle", words, "warning")
    elif held.wanted == "idle" and _is_due(stream, now, rules.arm_minutes):
        await _arm_in_time(backends, stream)


async def _arm_in_time(backends: Backends, stream: Stream) -> None:
    """Nobody is there to read a refusal, so it goes to the console; once."""
    try:
        await arm(backends, stream)
    except StateChanged as refused:
        told = await health.events(backends.database, stream.id, 1)
        if not told or told[0].code != "over_budget":
            await health.note(backends, stream.id, "over_budget", refused.message, "error")


def _is_due(stream: Stream, now: datetime, minutes: int) -> bool:
    """Around its time; not again for hours afterwards, when nobody came."""
    at = stream.scheduled_at
    return at is not None and at - timedelta(minutes=minutes) <= now <= at + timedelta(minutes=minutes)


async def _act(backend: LiveBackend, held: Held) -> None:
    if held.wanted == "released":
        if held.state != "gone":
            await backend.release(held.place)
    elif held.wanted == "armed" and held.state == "idle":
        await backend.arm(held.place)
    elif held.wanted == "idle" and held.state in ("arming", "armed", "live"):
        await backend.stop(held.place, "nothing came")


async def _want(backends: Backends, held: Held, wanted: str) -> None:
    async with backends.database.writing() as tx:
        await places.want(tx, held.stream_id, wanted)


async def _require_budget(backends: Backends) -> None:
    rules, now = backends.platform.live, backends.clock.now()
    if not rules.usd_per_month or not rules.usd_per_hour:
        return
    hours = await places.hours_since(
        backends.database, now.replace(day=1, hour=0, minute=0, second=0, microsecond=0), now
    )
    if hours * rules.usd_per_hour >= rules.usd_per_month:
        raise StateChanged(
            "This month's budget for encoding elsewhere is used up. Choose another way to go live, or ask an operator."
        )


async def place_of(backends: Backends, stream_id: UUID) -> Held | None:
    return await places.find(backends.database, stream_id)
