"""A file as viewers will see it, for the team of its page."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, PathParameter
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.media.processing.api import original_at, renewed_at
from directfanz.domains.media.service import delivery, library, playing, working
from directfanz.domains.media.service.library import no_such_asset
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.grants import set_grant
from directfanz.http.pages import render

Slug = Annotated[str, PathParameter(max_length=64)]


@get("/studio/{slug:str}/files/{file_id:uuid}/watch", include_in_schema=False, guards=[signed_in])
async def watch_page(
    request: Request[Any, Any, Any],
    backends: Given[Backends],
    caller: Given[Caller],
    slug: Slug,
    file_id: FromPath[UUID],
) -> Response[str]:
    entered = await studio.enter(backends, caller, slug, "posts")
    asset = await library.get(backends, caller, file_id)
    if asset.creator_id != entered.creator.id:
        raise no_such_asset()
    if asset.state != "ready":
        progress = await working.progress(backends, caller, file_id)
        return render(
            request, "media/working.html", studio=entered, creator=entered.creator, file=asset, progress=progress
        )
    playback, grant = await playing.open_playback(
        backends, caller, asset, renew=renewed_at(asset.id), download=original_at(asset.id)
    )
    answer = render(request, "media/watch.html", studio=entered, creator=entered.creator, file=asset, playback=playback)
    set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


@get("/studio/files/{file_id:uuid}/original", include_in_schema=False, guards=[signed_in])
async def original(backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]) -> Redirect:
    """The link is made when it is wanted, and lives for less than a minute."""
    found = await delivery.open_original_for_team(backends, caller, file_id)
    return Redirect(found.url, status_code=303, headers={"Cache-Control": "no-store"})


routes = [watch_page, original]
