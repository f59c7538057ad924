"""What the streaming process reports: it began, dropped, came back, ended. Each is one transaction and may be told twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.domains.live.errors import NotAdmitted, StateChanged, no_such_stream
from directfanz.domains.live.models import SESSION_LIVES, TRANSITIONS, Admitted, Protocol, Session, State, Stream
from directfanz.domains.live.repository import publishers, streams
from directfanz.domains.live.service import telling
from directfanz.kit.ids import new_id


async def connected(backends: Backends, admitted: Admitted, node: str, protocol: Protocol) -> Session:
    """A publisher has the stream now; a session of a node that is gone ends with it."""
    now = backends.clock.now()
    session = Session(
        id=new_id(), stream_id=admitted.stream_id, key_id=admitted.key_id, node=node, protocol=protocol, began_at=now,
        seen_at=now, ended_at=None, end_reason=None,
    )  # fmt: skip

    async def take(tx: Writer) -> None:
        stream = await _locked(tx, admitted.stream_id)
        if stream.state == "ended":
            raise NotAdmitted("This stream is over. Make a new one in your live console.")
        before = await publishers.open_session(tx, stream.id)
        if before is not None:
            await publishers.end_session(tx, before.id, "another connection took over", now)
        await publishers.insert_session(tx, session)
        await publishers.use_key(tx, admitted.key_id, now)
        if stream.state == "scheduled":
            await _move(backends, tx, stream, "preparing")

    try:
        await backends.database.run(take)
    except ConstraintBroken:
        raise NotAdmitted("This stream is live from another encoder. Stop that one first.") from None
    return session


async def began(backends: Backends, stream_id: UUID) -> Stream:
    """The first picture can be watched; also when it comes back."""
    async with backends.database.writing() as tx:
        stream = await _locked(tx, stream_id)
        return stream if stream.state == "live" else await _move(backends, tx, stream, "live")


async def dropped(backends: Backends, session: Session, reason: str) -> Stream:
    """The publisher is gone, and may come back."""
    async with backends.database.writing() as tx:
        stream = await _locked(
            tx, session.stream_id
        )  # before its sessions, as everywhere: else two wait for each other
        await publishers.end_session(tx, session.id, reason, backends.clock.now())
        return await _move(backends, tx, stream, "reconnecting") if stream.state == "live" else stream


async def interrupted(backends: Backends, stream_id: UUID) -> Stream:
    """Of a stream that a service elsewhere has: there is no session of ours."""
    async with backends.database.writing() as tx:
        stream = await _locked(tx, stream_id)
        return await _move(backends, tx, stream, "reconnecting") if stream.state == "live" else stream


resumed = began


async def ended(backends: Backends, stream_id: UUID, reason: str) -> Stream:
    async with backends.database.writing() as tx:
        return await end(backends, tx, stream_id, reason)


async def end(backends: Backends, tx: Writer, stream_id: UUID, reason: str) -> Stream:
    """As part of a larger change."""
    stream = await _locked(tx, stream_id)
    if stream.state == "ended":
        return stream
    session = await publishers.open_session(tx, stream_id)
    if session is not None:
        await publishers.end_session(tx, session.id, reason, backends.clock.now())
    return await _move(backends, tx, stream, "ended", reason)


async def still_there(backends: Backends, sessions: list[Session]) -> dict[UUID, bool]:
    """Says that these publishers are still connected. Answers the streams to let go: True where the stream is over, False where
    only this publisher is."""
    if not sessions:
        return {}
    async with backends.database.writing() as tx:
        await publishers.seen(tx, [session.id for session in sessions], backends.clock.now())
        return await publishers.to_let_go(tx, [session.id for session in sessions])


async def end_forsaken(backends: Backends, grace_seconds: int) -> list[UUID]:
    """Streams whose publisher, or whose process, did not come back within the grace and some more."""
    before = backends.clock.now() - SESSION_LIVES - timedelta(seconds=2 * grace_seconds)
    found = await streams.forsaken(backends.database, before)
    for stream_id in found:
        await ended(backends, stream_id, "the publisher did not come back")
    return found


async def left_open(backends: Backends, node: str) -> list[Session]:
    """What a process of this name had when it died."""
    return await publishers.open_sessions_of(backends.database, node)


async def _locked(tx: Writer, stream_id: UUID) -> Stream:
    stream = await streams.lock(tx, stream_id)
    if stream is None:
        raise no_such_stream()
    return stream


async def _move(backends: Backends, tx: Writer, stream: Stream, new: State, reason: str | None = None) -> Stream:
    if new not in TRANSITIONS[stream.state]:
        raise StateChanged(f"A stream that is {stream.state} cannot become {new}.")
    if not await streams.move(tx, stream.id, stream.state, new, backends.clock.now(), reason):
        raise StateChanged("The stream changed meanwhile.")
    moved = await streams.find(tx, stream.id)
    if moved is None:
        raise no_such_stream()
    await telling.moved(backends, tx, moved, stream.state)
    return moved
