"""Series of a page, and playlists that people make."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.content.pages.asking import Html, Page, Slug
from directfanz.domains.content.service import collecting, covers, playlisting, reading, showing
from directfanz.domains.content.service.collecting import CollectionForm
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.domains.entitlements.models import Access
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input


class SeriesForm(Input, frozen=True):
    title: Annotated[str, Meta(max_length=200)] = ""
    about: Annotated[str, Meta(max_length=4000)] = ""
    access: Access = "public"
    min_rank: int | None = None
    published: bool = False


class PlaceForm(Input, frozen=True):
    """`place` from 0; none takes it out."""

    post_id: UUID
    place: int | None = None


class ListForm(Input, frozen=True):
    title: Annotated[str, Meta(max_length=200)] = ""
    shared: bool = False


@get("/c/{slug:str}/series/{series_id:uuid}")
async def series_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, series_id: FromPath[UUID]
) -> Html:
    creator, found = await collecting.look(backends, caller, series_id)
    ways = [] if found.decision.allowed else await showing.tiers_of(backends, creator)
    shown = {str(post_id): cover for post_id, cover in (await covers.of_readings(backends, found.items)).items()}
    return render(request, "content/series.html", creator=creator, series=found, ways=ways, covers=shown)


@get("/studio/{slug:str}/series", guards=[signed_in])
async def all_series_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _all(request, backends, caller, entered, Form.blank())


@post("/studio/{slug:str}/series", status_code=200, guards=[signed_in])
async def new_series_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    form, status = await read_form(request, SeriesForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            made = await collecting.create(backends, caller, entered.creator.id, CollectionForm(title=asked.title))
            return see_other(request, f"{entered.home}/series/{made.id}", "Now put posts into it.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _all(request, backends, caller, entered, form, status)


@get("/studio/{slug:str}/series/{series_id:uuid}", guards=[signed_in])
async def edit_series_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, series_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _series(request, backends, caller, entered, series_id)


@post("/studio/{slug:str}/series/{series_id:uuid}", status_code=200, guards=[signed_in])
async def edit_series_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, series_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    form, status = await read_form(request, SeriesForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            rank = asked.min_rank if asked.access == "rank" else None
            wanted = CollectionForm(
                title=asked.title, about=asked.about, access=asked.access, min_rank=rank, published=asked.published
            )
            await collecting.change(backends, caller, series_id, wanted)
            return see_other(request, f"{entered.home}/series/{series_id}", "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _series(request, backends, caller, entered, series_id, form, status)


@post("/studio/{slug:str}/series/{series_id:uuid}/place", status_code=200, guards=[signed_in])
async def place_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, series_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    asked = (await read_form(request, PlaceForm)).data
    return await _then(
        request, f"{entered.home}/series/{series_id}", collecting.place(backends, caller, series_id, asked.post_id, asked.place)
    )  # fmt: skip


@post("/studio/{slug:str}/series/{series_id:uuid}/remove", status_code=200, guards=[signed_in])
async def remove_series_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, series_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, f"{entered.home}/series", collecting.remove(backends, caller, series_id), "Removed.")


@get("/playlists", guards=[signed_in])
async def playlists_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    found = await playlisting.mine(backends, caller)
    return render(request, "content/playlists.html", playlists=found, form=Form.blank())


@post("/playlists", status_code=200, guards=[signed_in])
async def new_playlist_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, ListForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            made = await playlisting.create(backends, caller, asked.title, asked.shared)
            return see_other(request, f"/playlists/{made.id}", "It is there. Fill it from posts.")
        except DirectFanzError as error:
            status = refuse(form, error)
    found = await playlisting.mine(backends, caller)
    return render(request, "content/playlists.html", status, playlists=found, form=form)


@get("/playlists/{playlist_id:uuid}")
async def playlist_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID]
) -> Html:
    found = await playlisting.look(backends, caller, playlist_id)
    return render(request, "content/playlist.html", found=found)


@post("/playlists/{playlist_id:uuid}", status_code=200, guards=[signed_in])
async def change_playlist_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID]
) -> Html:
    asked = (await read_form(request, ListForm)).data
    doing = playlisting.change(backends, caller, playlist_id, asked.title, asked.shared)
    return await _then(request, f"/playlists/{playlist_id}", doing, "Saved.")


@post("/playlists/{playlist_id:uuid}/remove", status_code=200, guards=[signed_in])
async def remove_playlist_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID]
) -> Html:
    return await _then(request, "/playlists", playlisting.remove(backends, caller, playlist_id), "Removed.")


@post("/playlists/{playlist_id:uuid}/place", status_code=200, guards=[signed_in])
async def place_in_playlist_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], playlist_id: FromPath[UUID]
) -> Html:
    asked = (await read_form(request, PlaceForm)).data
    if asked.place is None:
        return await _then(
            request, f"/playlists/{playlist_id}", playlisting.take_out(backends, caller, playlist_id, asked.post_id)
        )
    doing = playlisting.put_in(backends, caller, playlist_id, asked.post_id, asked.place)
    return await _then(request, f"/playlists/{playlist_id}", doing)


@get("/c/{slug:str}/posts/{post_id:uuid}/playlists", guards=[signed_in])
async def choose_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    creator, found = await reading.read(backends, caller, post_id)
    held = [str(each) for each in await playlisting.holding(backends, caller, post_id)]
    return render(
        request, "content/choose_playlist.html", creator=creator, post=found.post,
        playlists=await playlisting.mine(backends, caller), holding=held,
    )  # fmt: skip


@post("/c/{slug:str}/posts/{post_id:uuid}/playlists/{playlist_id:uuid}", status_code=200, guards=[signed_in])
async def choose_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID], playlist_id: FromPath[UUID]
) -> Html:  # fmt: skip
    """Puts it in, or takes it out where it is in."""
    here = f"/c/{slug}/posts/{post_id}/playlists"
    if playlist_id in await playlisting.holding(backends, caller, post_id):
        return await _then(request, here, playlisting.take_out(backends, caller, playlist_id, post_id), "Taken out.")
    return await _then(request, here, playlisting.put_in(backends, caller, playlist_id, post_id), "Put in.")


async def _all(
    request: Page, backends: Backends, caller: Caller, entered: Studio, form: Form[Any], status: int = 200
) -> Html:
    found = await collecting.of_page(backends, caller, entered.creator)
    return render(request, "content/all_series.html", status, studio=entered, series=found, form=form)


async def _series(
    request: Page, backends: Backends, caller: Caller, entered: Studio, series_id: UUID, form: Form[Any] | None = None, status: int = 200
) -> Html:  # fmt: skip
    _, found = await collecting.look(backends, caller, series_id)
    row, held = found.collection, {each.post.id for each in found.items}
    shown = form or Form.blank(
        title=row.title, about=row.about, access=row.access, min_rank=row.min_rank or "", published=row.published
    )
    offered = await showing.tiers_of(backends, entered.creator)
    others = [each for each in await collecting.newest_of_team(backends, caller, row.creator_id) if each.id not in held]
    return render(
        request, "content/edit_series.html", status, studio=entered, series=found, form=shown, others=others,
        tiers=[[each.tier.rank, f"{each.tier.name} and above"] for each in offered],
    )  # fmt: skip


async def _then(request: Page, path: str, doing: Awaitable[Any], words: str | None = None) -> Html:
    try:
        await doing
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, path, form.problem or next(iter(form.errors.values()), error.message), "problem")
    return see_other(request, path, words)


routes = [
    series_page, all_series_page, new_series_do, edit_series_page, edit_series_do, place_do, remove_series_do, playlists_page,
    new_playlist_do, playlist_page, change_playlist_do, remove_playlist_do, place_in_playlist_do, choose_page, choose_do,
]  # fmt: skip
