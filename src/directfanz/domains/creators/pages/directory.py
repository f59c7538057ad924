"""Who is here to follow, and whom one follows; following itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from litestar import get, post

from directfanz.backends import Backends
from directfanz.domains.creators.pages.asking import Html, Page, Slug
from directfanz.domains.creators.service import following, lookup
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.kit.paging import page_of

LISTING, FOLLOWING = "creators", "follows"


@get("/creators", dependencies=PAGE)
async def creators_page(request: Page, backends: Given[Backends], page: Given[PageAsk]) -> Html:
    position = page.position(backends, LISTING, tuple[UUID])
    found = await lookup.newest_published(backends.database, position[0] if position else None, page.limit + 1)
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda creator: (creator.id,))
    more = f"/creators?cursor={shown.next}" if shown.next else None
    return render(request, "creators/creators.html", creators=shown.items, next_href=more, followed=False)


@get("/following", dependencies=PAGE, guards=[signed_in])
async def following_page(request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]) -> Html:
    position = page.position(backends, FOLLOWING, tuple[datetime, UUID])
    async with backends.database.writing() as tx:
        found = await following.followed_by(tx, caller, position, page.limit + 1)
    shown = page_of(found, page.limit, cursor_key(backends), FOLLOWING, lambda each: (each[1], each[0].id))
    more = f"/following?cursor={shown.next}" if shown.next else None
    creators = [creator for creator, _ in shown.items]
    return render(request, "creators/creators.html", creators=creators, next_href=more, followed=True)


@post("/c/{slug:str}/follow", status_code=200, guards=[signed_in], opt=rate_limit("follow", per_minute=60))
async def follow_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    creator = await lookup.public_by_slug(backends.database, slug)
    await following.follow(backends, caller, creator.id)
    return see_other(request, creator.path, f"You follow {creator.name}.")


@post("/c/{slug:str}/unfollow", status_code=200, guards=[signed_in])
async def unfollow_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    creator = await lookup.by_slug(backends.database, slug)
    await following.unfollow(backends, caller, creator.id)
    return see_other(
        request, creator.path if creator.is_public else "/following", f"You no longer follow {creator.name}."
    )


routes = [creators_page, following_page, follow_do, unfollow_do]
