"""What a team does to its streams."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import team
from directfanz.domains.entitlements.models import Access
from directfanz.domains.live.errors import StateChanged, TooManyOf, no_such_stream
from directfanz.domains.live.models import (
    LONGEST_ABOUT,
    LONGEST_TITLE,
    OPEN_STREAMS_PER_PAGE,
    Backend,
    NewKey,
    State,
    Stream,
)
from directfanz.domains.live.repository import streams
from directfanz.domains.live.service import keys, lifecycle, outside, telling
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.http.shown import one_line, some_lines
from directfanz.kit.ids import new_id


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of what is planned. `price` is in minor units of the page's currency."""

    title: str
    about: str = ""
    access: Access = "public"
    min_rank: int | None = None
    price: int | None = None
    scheduled_at: datetime | None = None
    is_recorded: bool = True
    backend: Backend | None = None  # what platform.toml says


async def plan(backends: Backends, caller: Caller, creator_id: UUID, wanted: Plan) -> tuple[Stream, NewKey]:
    """With the key that opens it, which is not shown again."""
    now = backends.clock.now()
    wanted = _on_offer(backends, _checked(wanted, now))
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "posts")
        if await streams.count_open(tx, creator_id) >= OPEN_STREAMS_PER_PAGE:
            raise TooManyOf(f"A page plans at most {OPEN_STREAMS_PER_PAGE} streams. End some you do not need.")
        state: State = "scheduled" if wanted.scheduled_at else "preparing"
        stream = Stream(
            id=new_id(), creator_id=creator_id, created_by=caller.user_id, currency=creator.currency, state=state, revision=1,
            began_at=None, dropped_at=None, ended_at=None, end_reason=None, created_at=now, updated_at=now,
            **msgspec.structs.asdict(wanted),
        )  # fmt: skip
        await streams.insert(tx, stream)
        key = await keys.make(tx, stream.id, now)
        await telling.planned(backends, tx, stream)
    return stream, await outside.provision(backends, stream, key)


async def rotate_key(backends: Backends, caller: Caller, stream_id: UUID) -> NewKey:
    """The old one stops at once, also for a publisher that is sending with it."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        stream = await _mine(tx, caller, stream_id)
        if stream.state == "ended":
            raise StateChanged("This stream is over.")
        key = await keys.make(tx, stream_id, now)
        await audit.record(tx, actor=caller.user_id, action="live.key_replaced", target=stream_id)
    return await outside.provision(backends, stream, key)


async def arm(backends: Backends, caller: Caller, stream_id: UUID) -> Stream:
    """Where it is encoded elsewhere: from now on that is ready for a picture, and costs."""
    async with backends.database.writing() as tx:
        stream = await _mine(tx, caller, stream_id)
    await outside.arm(backends, stream)
    return stream


async def end(backends: Backends, caller: Caller, stream_id: UUID) -> Stream:
    """By its team. The process that has the publisher sees it within seconds and lets go."""
    async with backends.database.writing() as tx:
        await _mine(tx, caller, stream_id)
        return await lifecycle.end(backends, tx, stream_id, "ended by its team")


async def find(reader: Reader, stream_id: UUID) -> Stream | None:
    return await streams.find(reader, stream_id)


async def get(reader: Reader, stream_id: UUID) -> Stream:
    found = await streams.find(reader, stream_id)
    if found is None:
        raise no_such_stream()
    return found


async def of_team(
    backends: Backends, caller: Caller, creator_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Stream]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return await streams.of_creator(tx, creator_id, before, limit)


async def get_own(backends: Backends, caller: Caller, stream_id: UUID) -> Stream:
    async with backends.database.writing() as tx:
        return await _mine(tx, caller, stream_id)


async def _mine(tx: Writer, caller: Caller, stream_id: UUID) -> Stream:
    """Others are told that there is nothing."""
    stream = await streams.find(tx, stream_id)
    if stream is None or await team.role_of(tx, caller, stream.creator_id) is None:
        raise no_such_stream()
    await team.require(tx, caller, stream.creator_id, "posts")
    return stream


def _on_offer(backends: Backends, wanted: Plan) -> Plan:
    name = wanted.backend or backends.live.usual
    if name not in backends.live.offered:
        raise InvalidInput.in_field("backend", "Streams are not taken this way here.", f"Use {backends.live.usual}.")
    return msgspec.structs.replace(wanted, backend=name)


def _checked(wanted: Plan, now: datetime) -> Plan:
    title = one_line(wanted.title, "title", LONGEST_TITLE, 1)
    about = some_lines(wanted.about, "about", LONGEST_ABOUT)
    if (wanted.access == "rank") != (wanted.min_rank is not None):
        raise InvalidInput.in_field("min_rank", "A rank belongs to the access `rank`, and only to it.")
    if (wanted.access == "paid") != (wanted.price is not None):
        raise InvalidInput.in_field("price", "A price belongs to the access `paid`, and only to it.")
    if wanted.scheduled_at is not None and wanted.scheduled_at <= now:
        raise InvalidInput.in_field("scheduled_at", "That moment is over.", "Choose a later one, or leave it out.")
    return msgspec.structs.replace(wanted, title=title, about=about)
