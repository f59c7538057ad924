"""Streams that creators make together: one invites, the other says yes, and both pages show it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.audit import service as audit
from directfanz.domains.chat import service as chat
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup, team
from directfanz.domains.live.errors import NoSuchHost, StateChanged, TooManyOf
from directfanz.domains.live.models import Host, HostState, Stream
from directfanz.domains.live.repository import streams as rows
from directfanz.domains.live.repository import together
from directfanz.domains.live.service import streams
from directfanz.domains.notifications.service import notify
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller

MOST_HOSTS = 8


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """Another page of a stream."""

    creator: Creator
    state: HostState
    moderates: bool


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    stream: Stream
    creator: Creator
    moderates: bool


async def invite(backends: Backends, caller: Caller, stream_id: UUID, slug: str, *, moderates: bool) -> None:
    stream = await streams.get_own(backends, caller, stream_id)
    if stream.state == "ended":
        raise StateChanged("This stream is over.")
    async with backends.database.writing() as tx:
        own, other = (
            await lookup.by_id(tx, stream.creator_id),
            await lookup.public_by_slug(tx, slug.strip().removeprefix("@")),
        )
        if other.id == stream.creator_id:
            raise InvalidInput.in_field("slug", "This is the page of the stream itself.", "Invite another creator.")
        if len(await together.hosts_of(tx, [stream_id])) >= MOST_HOSTS:
            raise TooManyOf(f"A stream has at most {MOST_HOSTS} co-hosts.")
        asked = Host(stream_id=stream_id, creator_id=other.id, state="invited", moderates=moderates)
        await together.invite(tx, asked, caller.require_user(), backends.clock.now())
        await notify(
            backends, tx, await lookup.owner_of(tx, other.id), "live.invited", dedupe=f"host {stream_id}",
            link=f"/studio/{other.slug}/live", page=own.name, title=stream.title,
        )  # fmt: skip


async def answer(backends: Backends, caller: Caller, stream_id: UUID, creator_id: UUID, *, accepts: bool) -> None:
    """By the team of the page that was invited; also later, to leave."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        stream = await streams.get(tx, stream_id)
        if stream.state == "ended" and accepts:
            raise StateChanged("This stream is over.")
        state: HostState = "accepted" if accepts else "declined"
        known = {each.creator_id for each in await together.hosts_of(tx, [stream_id])}
        if creator_id not in known:
            raise NoSuchHost("There is no such invitation, or not any more.")
        host = await together.answer(tx, stream_id, creator_id, state, backends.clock.now())
        if host is None:
            return
        await chat.let_moderate(tx, stream_id, creator_id, accepts and host.moderates)
        await audit.record(
            tx, actor=caller.user_id, action=f"live.host_{state}", target=stream_id, page=str(creator_id)
        )


async def withdraw(backends: Backends, caller: Caller, stream_id: UUID, creator_id: UUID) -> None:
    """By the page of the stream."""
    await streams.get_own(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        if not await together.withdraw(tx, stream_id, creator_id):
            raise NoSuchHost("They are not in this stream.")
        await chat.let_moderate(tx, stream_id, creator_id, False)


async def of_stream(reader: Reader, stream_id: UUID, *, only_accepted: bool = True) -> list[Beside]:
    return (await of_streams(reader, [stream_id], only_accepted=only_accepted)).get(stream_id, [])


async def of_streams(reader: Reader, stream_ids: list[UUID], *, only_accepted: bool = True) -> dict[UUID, list[Beside]]:
    hosts = [
        each for each in await together.hosts_of(reader, stream_ids) if each.state == "accepted" or not only_accepted
    ]
    pages = await lookup.by_ids_even_closed(reader, [each.creator_id for each in hosts])
    found: dict[UUID, list[Beside]] = {}
    for each in hosts:
        page = pages.get(each.creator_id)
        if page is not None and page.is_public:
            beside = Beside(creator=page, state=each.state, moderates=each.moderates)
            found.setdefault(each.stream_id, []).append(beside)
    return found


async def invitations(backends: Backends, creator_id: UUID) -> list[Invitation]:
    async with backends.database.writing() as tx:
        found = []
        for each in await together.invitations_to(tx, creator_id):
            stream = await rows.find(tx, each.stream_id)
            if stream is not None:
                page = await lookup.by_id(tx, stream.creator_id)
                found.append(Invitation(stream=stream, creator=page, moderates=each.moderates))
        return found
