"""Series of a page, and playlists of a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.content.api.posts import PostView, Slug, view_of
from directfanz.domains.content.models import Collection, Playlist
from directfanz.domains.content.service import collecting, playlisting
from directfanz.domains.content.service.collecting import MOST_ITEMS, CollectionForm
from directfanz.domains.creators.service import lookup, studio
from directfanz.domains.entitlements.models import Access, Decision
from directfanz.http.caller import Caller, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.validation import Input

TAG = ["Series and playlists"]
WRITE, MINE, CHANGE = require_scope("posts:write"), require_scope("community:read"), require_scope("community:write")
OFTEN = rate_limit("playlists", per_minute=60)
Title = Annotated[str, Meta(min_length=1, max_length=200)]


class SeriesAsk(Input, frozen=True, kw_only=True):
    """`access` is to the list, and never `paid`; each post keeps its own. `posts` are all of them, in their order; none: as they are."""

    title: Title
    about: Annotated[str, Meta(max_length=4000)] = ""
    access: Access = "public"
    min_rank: Annotated[int, Meta(ge=1, le=1000)] | None = None
    published: bool = False
    posts: Annotated[list[UUID], Meta(max_length=MOST_ITEMS)] | None = None


class SeriesView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    creator_id: UUID
    title: str
    about: str
    access: Access
    min_rank: int | None
    published: bool
    updated_at: datetime


class SeriesWhole(msgspec.Struct, frozen=True, kw_only=True):
    """`posts` is empty where the list is not open to the caller; `access_now` says why."""

    series: SeriesView
    posts: list[PostView]
    access_now: Decision


class PlaylistAsk(Input, frozen=True, kw_only=True):
    """Who has the address of a `shared` one sees of it what they may see themselves."""

    title: Title
    shared: bool = False


class PlaceAsk(Input, frozen=True, kw_only=True):
    place: Annotated[
        Annotated[int, Meta(ge=0, le=MOST_ITEMS)] | None, Meta(description="From 0; none: at the end.")
    ] = None


class PlaylistView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    title: str
    shared: bool
    updated_at: datetime


class PlaylistWhole(msgspec.Struct, frozen=True, kw_only=True):
    playlist: PlaylistView
    posts: list[PostView]


@get("/creators/{slug:str}/series", tags=TAG, summary="The series of a page")
async def list_series(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[SeriesView]:
    """The team also gets those that are not published."""
    creator = await lookup.public_by_slug(backends.database, slug)
    return [_series(each) for each in await collecting.of_page(backends, caller, creator)]


@post("/creators/{slug:str}/series", guards=[WRITE], tags=TAG, summary="Begin a series")
async def begin_series(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[SeriesAsk]
) -> SeriesView:
    entered = await studio.enter(backends, caller, slug, "posts")
    return _series(await collecting.create(backends, caller, entered.creator.id, _form(data)))


@get("/series/{series_id:uuid}", tags=TAG, summary="A series with its posts, as far as you may see them")
async def get_series(backends: Given[Backends], caller: Given[Caller], series_id: FromPath[UUID]) -> SeriesWhole:
    _, found = await collecting.look(backends, caller, series_id)
    return SeriesWhole(
        series=_series(found.collection), posts=[view_of(each) for each in found.items], access_now=found.decision
    )


@put("/series/{series_id:uuid}", guards=[WRITE], tags=TAG, summary="Change a series")
async def change_series(
    backends: Given[Backends], caller: Given[Caller], series_id: FromPath[UUID], data: JSONBody[SeriesAsk]
) -> SeriesView:
    return _series(await collecting.change(backends, caller, series_id, _form(data)))


@delete("/series/{series_id:uuid}", guards=[WRITE], tags=TAG, summary="Remove a series")
async def remove_series(backends: Given[Backends], caller: Given[Caller], series_id: FromPath[UUID]) -> None:
    """The posts in it stay."""
    await collecting.remove(backends, caller, series_id)


@get("/me/playlists", guards=[MINE], tags=TAG, summary="Your playlists")
async def my_playlists(backends: Given[Backends], caller: Given[Caller]) -> list[PlaylistView]:
    return [_playlist(each) for each in await playlisting.mine(backends, caller)]


@post("/me/playlists", guards=[CHANGE], opt=OFTEN, tags=TAG, summary="Make a playlist")
async def make_playlist(backends: Given[Backends], caller: Given[Caller], data: JSONBody[PlaylistAsk]) -> PlaylistView:
    return _playlist(await playlisting.create(backends, caller, data.title, data.shared))


@get("/playlists/{playlist_id:uuid}", tags=TAG, summary="A playlist of yours, or a shared one")
async def get_playlist(backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID]) -> PlaylistWhole:
    found = await playlisting.look(backends, caller, playlist_id)
    return PlaylistWhole(playlist=_playlist(found.playlist), posts=[view_of(each) for each in found.items])


@put(
    "/playlists/{playlist_id:uuid}",
    status_code=204,
    guards=[CHANGE],
    opt=OFTEN,
    tags=TAG,
    summary="Name or share a playlist",
)
async def change_playlist(
    backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID], data: JSONBody[PlaylistAsk]
) -> None:
    await playlisting.change(backends, caller, playlist_id, data.title, data.shared)


@delete("/playlists/{playlist_id:uuid}", guards=[CHANGE], opt=OFTEN, tags=TAG, summary="Remove a playlist")
async def remove_playlist(backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID]) -> None:
    await playlisting.remove(backends, caller, playlist_id)


@put(
    "/playlists/{playlist_id:uuid}/posts/{post_id:uuid}", status_code=204, guards=[CHANGE], opt=OFTEN, tags=TAG,
    summary="Put a post into a playlist",
)  # fmt: skip
async def put_into_playlist(
    backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID], post_id: FromPath[UUID], data: JSONBody[PlaceAsk]
) -> None:  # fmt: skip
    """Again with another place moves it."""
    await playlisting.put_in(backends, caller, playlist_id, post_id, data.place)


@delete(
    "/playlists/{playlist_id:uuid}/posts/{post_id:uuid}",
    guards=[CHANGE],
    opt=OFTEN,
    tags=TAG,
    summary="Take a post out of a playlist",
)
async def take_out_of_playlist(
    backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID], post_id: FromPath[UUID]
) -> None:
    await playlisting.take_out(backends, caller, playlist_id, post_id)


def _form(data: SeriesAsk) -> CollectionForm:
    return CollectionForm(**{name: getattr(data, name) for name in CollectionForm.__struct_fields__})


def _series(found: Collection) -> SeriesView:
    return SeriesView(**{name: getattr(found, name) for name in SeriesView.__struct_fields__})


def _playlist(found: Playlist) -> PlaylistView:
    return PlaylistView(**{name: getattr(found, name) for name in PlaylistView.__struct_fields__})


routes = [
    list_series, begin_series, get_series, change_series, remove_series, my_playlists, make_playlist, get_playlist, change_playlist,
    remove_playlist, put_into_playlist, take_out_of_playlist,
]  # fmt: skip
