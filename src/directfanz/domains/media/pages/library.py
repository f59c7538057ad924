"""The files of a page, in the studio: what is there, what is on its way, and what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, PathParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.domains.media.models import Asset, Kind, State
from directfanz.domains.media.pages.words import row_of, size, usage_words
from directfanz.domains.media.policy import limits
from directfanz.domains.media.service import library, retrying, thumbnails, uploading, working
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import refuse
from directfanz.http.validation import Input
from directfanz.kit.paging import page_of

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]
LISTING = "library"
THUMBNAIL = 320
TABS: dict[str, Kind | None] = {
    "": None, "films": "video", "sound": "audio", "pictures": "image", "documents": "document", "other": "file",
}  # fmt: skip
STATES: dict[str, State | None] = {"": None, "failed": "failed"}


class RenameForm(Input, frozen=True):
    name: Annotated[str, Meta(max_length=1000)] = ""
    downloadable: str = ""


@get("/studio/{slug:str}/library", guards=[signed_in], dependencies=PAGE)
async def library_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug,
    show: FromQuery[str] = "", search: FromQuery[str] = "",
) -> Html:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "posts")
    creator_id = entered.creator.id
    if show == "removed":
        removed = await library.removed_for_team(backends, caller, creator_id)
        return await _shown(request, backends, caller, entered, removed, None, show, search)
    position = page.position(backends, LISTING, tuple[datetime, UUID])
    found = await library.list_for_team(
        backends, caller, creator_id, kind=TABS.get(show), state=STATES.get(show), words=search[:100], before=position,
        limit=page.limit + 1,
    )  # fmt: skip
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda each: (each.created_at, each.id))
    query = f"&show={show}" if show else ""
    more = f"{entered.home}/library?cursor={shown.next}{query}" if shown.next else None
    return await _shown(request, backends, caller, entered, shown.items, more, show, search)


@post("/studio/{slug:str}/library/{file_id:uuid}/rename", status_code=200, guards=[signed_in])
async def rename_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, file_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    form = await read_form(request, RenameForm)
    if form.value is None:
        return see_other(request, f"{entered.home}/library", "That name is too long.", "problem")
    saved = form.value.downloadable == "on"
    doing = library.describe(backends, caller, file_id, name=form.value.name, downloadable=saved)
    return await _then(request, entered, doing, "Saved.")


@post("/studio/{slug:str}/library/{file_id:uuid}/retry", status_code=200, guards=[signed_in])
async def retry_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, file_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, retrying.retry(backends, caller, file_id), "It is tried again.")


@post("/studio/{slug:str}/library/{file_id:uuid}/remove", status_code=200, guards=[signed_in])
async def remove_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, file_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    days = backends.platform.media.removed_days
    words = f"Removed. For {days} days you find it under Removed and can fetch it back."
    return await _then(request, entered, library.remove(backends, caller, file_id), words)


@post("/studio/{slug:str}/library/{file_id:uuid}/fetch-back", status_code=200, guards=[signed_in])
async def fetch_back_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, file_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, library.fetch_back(backends, caller, file_id), "It is back.")


@post("/studio/{slug:str}/library/uploads/{upload_id:uuid}/cancel", status_code=200, guards=[signed_in])
async def cancel_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, upload_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, uploading.give_up(backends, caller, upload_id), "The upload is cancelled.")


async def _shown(
    request: Page, backends: Backends, caller: Caller, entered: Studio, files: Sequence[Asset], more: str | None, show: str,
    search: str,
) -> Html:  # fmt: skip
    usage = await uploading.usage(backends, caller, entered.creator.id)
    unfinished = {each.asset_id: each for each in await uploading.open_of(backends, caller, entered.creator.id)}
    waiting = [
        {"id": str(unfinished[each.id].id), "name": each.name, "size": size(each.bytes),
         "until": unfinished[each.id].expires_at}
        for each in files if each.id in unfinished
    ]  # fmt: skip
    listed = [each for each in files if each.id not in unfinished]
    progress = await working.progress_of(backends, [each for each in listed if each.state == "processing"])
    rows = [row_of(each, progress.get(each.id)) for each in listed]
    drawn = await thumbnails.of_assets(backends, listed, THUMBNAIL)
    seen = {str(asset_id): each for asset_id, each in drawn.items()}
    return render(
        request, "media/library.html", studio=entered, files=rows, seen=seen, unfinished=waiting, next_href=more, chosen=show,
        search=search, usage=usage_words(usage), largest=f"{usage.most_file_bytes // limits.GIB} GB",
        removed_days=backends.platform.media.removed_days,
    )  # fmt: skip


async def _then(request: Page, entered: Studio, doing: Awaitable[Any], words: str) -> Html:
    try:
        await doing
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        problem = form.problem or next(iter(form.errors.values()), error.message)
        return see_other(request, f"{entered.home}/library", problem, "problem")
    return see_other(request, f"{entered.home}/library", words)


routes = [library_page, rename_do, retry_do, remove_do, fetch_back_do, cancel_do]
