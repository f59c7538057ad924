from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, put

from directfanz.backends import Backends
from directfanz.domains.creators.api.views import READ, TAG, WRITE, CreatorView, Slug, view_of
from directfanz.domains.creators.service import following, lookup
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged

LISTING = "follows"


class Followed(msgspec.Struct, frozen=True):
    creator: CreatorView
    since: datetime


@put(
    "/creators/{slug:str}/follow", status_code=204, guards=[WRITE], opt=rate_limit("follow", per_minute=60), tags=TAG,
    summary="Follow a page",
)  # fmt: skip
async def follow(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> None:
    """Free. Twice is as good as once."""
    creator = await lookup.public_by_slug(backends.database, slug)
    await following.follow(backends, caller, creator.id)


@delete("/creators/{slug:str}/follow", guards=[WRITE], tags=TAG, summary="Follow a page no more")
async def unfollow(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> None:
    creator = await lookup.by_slug(backends.database, slug)
    await following.unfollow(backends, caller, creator.id)


@get("/me/follows", guards=[READ], dependencies=PAGE, tags=TAG, summary="The pages you follow, the newest first")
async def my_follows(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]
) -> Response[Paged[Followed]]:
    position = page.position(backends, LISTING, tuple[datetime, UUID])
    async with backends.database.writing() as tx:
        found = await following.followed_by(tx, caller, position, page.limit + 1)
    rows = [Followed(view_of(creator), since) for creator, since in found]
    return paged(request, backends, LISTING, rows, page.limit, lambda row: (row.since, row.creator.id))


routes = [follow, unfollow, my_follows]
