"""A stream as one person finds it, and the way to its pictures: for less than a minute each time, and renewed while they watch."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.cdn.contract import FolderGrant
from directfanz.domains.creators.models import Creator, TeamRole
from directfanz.domains.creators.service import following, lookup, team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Decision, Need
from directfanz.domains.live.errors import NotOnAir, StreamLocked, no_such_stream
from directfanz.domains.live.models import Stream
from directfanz.domains.live.repository import streams, together, viewers
from directfanz.domains.live.service import showing
from directfanz.http.caller import Caller

# Whoever was not heard of for so long is not watching any more; what lies between two renewals counts as watched.
WATCHES_SECONDS = 45
SHOWN_AT_MOST = 60
LONGEST_SOURCE, LONGEST_VIEWER = 60, 36
# What a player calls the pictures it shows: their height, or `audio`.
RENDITION = re.compile(r"[0-9]{2,4}p|audio", re.ASCII)


class Watching(msgspec.Struct, frozen=True, kw_only=True):
    creator: Creator
    stream: Stream
    decision: Decision
    role: TeamRole | None
    reminded: bool = False

    @property
    def open(self) -> bool:
        return self.decision.allowed


class Way(FolderGrant, frozen=True, kw_only=True):
    """`manifest`: what a player reads first, under `base_url`."""

    manifest: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """For lists. `watching` is None before it begins."""

    creator: Creator
    stream: Stream
    watching: int | None
    beside: list[Creator] = []


async def find(backends: Backends, caller: Caller, stream_id: UUID) -> Watching:
    """Of a page that is not public, for its team alone."""
    async with backends.database.writing() as tx:  # the primary: begun a moment ago has begun
        stream = await streams.find(tx, stream_id)
        creator = await lookup.by_id(tx, stream.creator_id) if stream else None
        if stream is None or creator is None:
            raise no_such_stream()
        role = await team.role_of(tx, caller, creator.id)
        reminded = bool(caller.user_id) and await viewers.is_reminded(tx, stream_id, caller.require_user())
    if not creator.is_public and role is None:
        raise no_such_stream()
    decision = await entitlements.decide(backends, caller.user_id, stream.need)
    return Watching(creator=creator, stream=stream, decision=decision, role=role, reminded=reminded)


async def open_view(
    backends: Backends, caller: Caller, stream_id: UUID, viewer: str = "", source: str = "", rendition: str = ""
) -> tuple[Watching, Way]:
    """For who may see it, while it is on air. Each call says that they still watch, and in which rendition."""
    found = await find(backends, caller, stream_id)
    if not found.open:
        raise StreamLocked("This stream is not open to you, or not any more.")
    if not found.stream.is_on_air:
        raise NotOnAir("This stream is not on air." if found.stream.state != "ended" else "This stream is over.")
    grant = await folder_grant(backends, found.stream)
    name = f"u{caller.user_id.hex}" if caller.user_id else f"s{viewer[:LONGEST_VIEWER]}"
    if found.role is None and len(name) > 1:
        async with backends.database.writing() as tx:
            watched = await viewers.seen(
                tx, stream_id, name, caller.user_id, source[:LONGEST_SOURCE], backends.clock.now(), WATCHES_SECONDS
            )
            if watched and RENDITION.fullmatch(rendition):
                await viewers.watched_in(tx, stream_id, rendition, watched)
    return found, grant


async def directory(backends: Backends) -> tuple[list[Listed], list[Listed]]:
    """What is on air, the fullest first, and what comes next."""
    now = backends.clock.now()
    async with backends.database.reading() as reader:
        live = await streams.on_air(reader, SHOWN_AT_MOST)
        coming = await streams.coming(reader, now, SHOWN_AT_MOST)
        counts = await viewers.watching(reader, [each.id for each in live], now - timedelta(seconds=WATCHES_SECONDS))
        shown = [*live, *coming]
        hosts = [
            each for each in await together.hosts_of(reader, [each.id for each in shown]) if each.state == "accepted"
        ]
        pages = await lookup.by_ids_even_closed(
            reader, [*{s.creator_id for s in shown}, *{h.creator_id for h in hosts}]
        )
    beside: dict[UUID, list[Creator]] = {}
    for each in hosts:
        if each.creator_id in pages and pages[each.creator_id].is_public:
            beside.setdefault(each.stream_id, []).append(pages[each.creator_id])

    def listed(stream: Stream, watched: int | None) -> Listed:
        return Listed(
            creator=pages[stream.creator_id], stream=stream, watching=watched, beside=beside.get(stream.id, [])
        )

    on = [listed(each, counts.get(each.id, 0)) for each in live]
    return sorted(on, key=lambda each: -(each.watching or 0)), [listed(each, None) for each in coming]


async def on_air_for(backends: Backends, user_id: UUID) -> list[Listed]:
    """At the pages that somebody joined or follows, the fullest first."""
    live, _ = await directory(backends)
    pages = sorted({each.creator.id for each in live})
    if not pages:
        return []
    async with backends.database.reading() as reader:
        followed = {page for _, page in await following.followed_among(reader, [user_id], pages)}
    members = [Need(creator_id=page, access="members") for page in pages]
    joined = {
        page
        for page, decision in zip(pages, await entitlements.decide_all(backends, user_id, members), strict=True)
        if decision.allowed and decision.because != "team"
    }
    return [each for each in live if each.creator.id in followed | joined]


async def of_page(backends: Backends, creator: Creator) -> list[Stream]:
    """On air or to come."""
    async with backends.database.reading() as reader:
        own = await streams.shown_of(reader, creator.id, SHOWN_AT_MOST)
        hosted = [await streams.find(reader, each) for each in await together.hosted_by(reader, creator.id)]
        return [*own, *(each for each in hosted if each is not None)]


async def set_reminder(backends: Backends, caller: Caller, stream_id: UUID, *, wanted: bool) -> None:
    found = await find(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        if wanted and found.stream.state in ("scheduled", "preparing"):
            await viewers.remind(tx, stream_id, caller.require_user(), backends.clock.now())
        else:
            await viewers.forget_reminder(tx, stream_id, caller.require_user())


def _lives(backends: Backends) -> timedelta:
    return timedelta(seconds=backends.platform.media.grant_seconds)


async def folder_grant(backends: Backends, stream: Stream) -> Way:
    """Whoever calls this has asked whether they may. At our edge a grant opens it; what is shown elsewhere brings a token of its own."""
    lives = _lives(backends)
    shown = await showing.playback(backends, stream, lives)
    if shown.folder:
        grant = await backends.cdn.open_folder(shown.folder, lives)
        return Way(**msgspec.structs.asdict(grant), manifest=shown.manifest)
    return Way(
        base_url=shown.url, cookies={}, cookie_path="/", query=shown.query, expires_at=backends.clock.now() + lives,
        manifest=shown.manifest,
    )  # fmt: skip
