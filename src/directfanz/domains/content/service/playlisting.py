"""Playlists: what a person puts together of what they may see. Who looks at a shared one sees of it what they may see themselves."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.content.errors import NoSuchPlaylist, TooManyOf
from directfanz.domains.content.models import Playlist, Reading
from directfanz.domains.content.repository import playlists
from directfanz.domains.content.service import reading
from directfanz.http.caller import Caller
from directfanz.http.shown import one_line
from directfanz.kit.ids import new_id

MOST_PLAYLISTS, MOST_ITEMS = 200, 500


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    playlist: Playlist
    items: list[Reading]
    mine: bool


async def mine(backends: Backends, caller: Caller) -> list[Playlist]:
    async with backends.database.writing() as tx:
        return await playlists.of_user(tx, caller.require_user())


async def holding(backends: Backends, caller: Caller, post_id: UUID) -> set[UUID]:
    """Which of one's own hold a post."""
    async with backends.database.writing() as tx:
        return await playlists.holding(tx, caller.require_user(), post_id)


async def look(backends: Backends, caller: Caller, playlist_id: UUID) -> Listed:
    async with backends.database.writing() as tx:
        found = await playlists.find(tx, playlist_id)
        held = await playlists.posts_in(tx, playlist_id)
    if found is None or not (found.shared or found.user_id == caller.user_id):
        raise no_such_playlist()
    items = await reading.these(backends, caller, held)
    return Listed(playlist=found, items=items, mine=found.user_id == caller.user_id)


async def create(backends: Backends, caller: Caller, title: str, shared: bool = False) -> Playlist:
    user_id, now = caller.require_user(), backends.clock.now()
    made = Playlist(
        id=new_id(), user_id=user_id, title=one_line(title, "title", 100, 1), shared=shared, created_at=now, updated_at=now
    )  # fmt: skip
    async with backends.database.writing() as tx:
        if len(await playlists.of_user(tx, user_id)) >= MOST_PLAYLISTS:
            raise TooManyOf(f"One has at most {MOST_PLAYLISTS} playlists. Remove one that you do not need.")
        await playlists.insert(tx, made)
    return made


async def change(backends: Backends, caller: Caller, playlist_id: UUID, title: str, shared: bool) -> None:
    async with backends.database.writing() as tx:
        await _own(tx, caller, playlist_id)
        await playlists.change(tx, playlist_id, one_line(title, "title", 100, 1), shared, backends.clock.now())


async def remove(backends: Backends, caller: Caller, playlist_id: UUID) -> None:
    async with backends.database.writing() as tx:
        await _own(tx, caller, playlist_id)
        await playlists.remove(tx, playlist_id)


async def put_in(
    backends: Backends, caller: Caller, playlist_id: UUID, post_id: UUID, place: int | None = None
) -> None:
    """Where it is to stand, from 0; none: at the end. Again with another place moves it. Only what they can find is put in."""
    await reading.read(backends, caller, post_id)
    async with backends.database.writing() as tx:
        await _own(tx, caller, playlist_id)
        held = [each for each in await playlists.posts_in(tx, playlist_id) if each != post_id]
        if len(held) >= MOST_ITEMS:
            raise TooManyOf(f"A playlist holds at most {MOST_ITEMS} posts.")
        held.insert(len(held) if place is None else max(0, place), post_id)
        await playlists.set_posts(tx, playlist_id, held, backends.clock.now())


async def take_out(backends: Backends, caller: Caller, playlist_id: UUID, post_id: UUID) -> None:
    """Twice is as good as once."""
    async with backends.database.writing() as tx:
        await _own(tx, caller, playlist_id)
        held = await playlists.posts_in(tx, playlist_id)
        left = [each for each in held if each != post_id]
        if left != held:
            await playlists.set_posts(tx, playlist_id, left, backends.clock.now())


def no_such_playlist() -> NoSuchPlaylist:
    return NoSuchPlaylist("There is no such playlist, or not any more.")


async def _own(tx: Writer, caller: Caller, playlist_id: UUID) -> Playlist:
    found = await playlists.lock(tx, playlist_id)
    if found is None or found.user_id != caller.require_user():
        raise no_such_playlist()
    return found
