"""The files of a page, for its team."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.media.api.views import (
    TAG,
    WRITE,
    FileChange,
    FileView,
    LinkView,
    Slug,
    ViewGrantView,
    file_view,
)
from directfanz.domains.media.models import Kind, State
from directfanz.domains.media.service import delivery, library, retrying
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.grants import set_grant
from directfanz.http.paging import PAGE, PageAsk, Paged, paged

LISTING = "media-files"


@get("/creators/{slug:str}/files", guards=[WRITE], dependencies=PAGE, tags=TAG, summary="The files of a page")
async def list_files(
    request: Request[Any, Any, Any],
    backends: Given[Backends],
    caller: Given[Caller],
    page: Given[PageAsk],
    slug: Slug,
    kind: FromQuery[Kind | None] = None,
    status: FromQuery[State | None] = None,
    search: Annotated[str | None, QueryParameter(max_length=100, description="Part of a name.")] = None,
) -> Response[Paged[FileView]]:
    """The newest first."""
    entered = await studio.enter(backends, caller, slug, "posts")
    position = page.position(backends, LISTING, tuple[datetime, UUID])
    found = await library.list_for_team(
        backends, caller, entered.creator.id, kind=kind, state=status, words=search or "", before=position,
        limit=page.limit + 1,
    )  # fmt: skip
    rows = [file_view(each) for each in found]
    return paged(request, backends, LISTING, rows, page.limit, lambda row: (row.created_at, row.id))


@get("/files/{file_id:uuid}", guards=[WRITE], tags=TAG, summary="One file, and how far it is")
async def get_file(backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]) -> FileView:
    return file_view(await library.get(backends, caller, file_id))


@patch("/files/{file_id:uuid}", guards=[WRITE], tags=TAG, summary="Rename a file, or say whether it may be saved")
async def change_file(
    backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID], data: JSONBody[FileChange]
) -> FileView:
    changed = await library.describe(backends, caller, file_id, name=data.name, downloadable=data.downloadable)
    return file_view(changed)


@delete("/files/{file_id:uuid}", guards=[WRITE], tags=TAG, summary="Remove a file")
async def remove_file(backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]) -> None:
    """It is out of all posts at once, and can be fetched back for two weeks."""
    await library.remove(backends, caller, file_id)


@post(
    "/files/{file_id:uuid}/fetch-back", status_code=200, guards=[WRITE], tags=TAG, summary="Fetch back a removed file"
)
async def fetch_back_file(backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]) -> FileView:
    return file_view(await library.fetch_back(backends, caller, file_id))


@post("/files/{file_id:uuid}/retry", status_code=200, guards=[WRITE], tags=TAG, summary="Try a failed file again")
async def retry_file(backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]) -> FileView:
    """From where it stopped. 409 when nothing of it is here any more."""
    return file_view(await retrying.retry(backends, caller, file_id))


@get("/files/{file_id:uuid}/download", guards=[WRITE], tags=TAG, summary="A link to the original")
async def download_file(backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]) -> LinkView:
    """For less than a minute; a download that has begun goes on."""
    found = await delivery.open_original_for_team(backends, caller, file_id)
    return LinkView(url=found.url, expires_at=found.expires_at)


@get("/files/{file_id:uuid}/view", guards=[WRITE], tags=TAG, summary="A way to what viewers get of it")
async def view_file(
    backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]
) -> Response[ViewGrantView]:
    grant = await delivery.open_view_for_team(backends, caller, file_id)
    shown = ViewGrantView(base_url=grant.base_url, query=grant.query, expires_at=grant.expires_at)
    answer = Response(shown)
    set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


routes = [
    list_files, get_file, change_file, remove_file, fetch_back_file, retry_file, download_file, view_file,
]  # fmt: skip
