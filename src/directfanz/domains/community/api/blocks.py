from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, delete, get, put
from litestar.params import JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.community.api.views import READ, TAG, WRITE, Handle, Slug
from directfanz.domains.community.service import blocks
from directfanz.domains.community.service.blocks import LONGEST_REASON, BlockedPerson, Mine
from directfanz.domains.creators.service import lookup, studio
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

LISTING = "page-blocks"
OFTEN = rate_limit("block", per_minute=30)


class BlockAsk(Input, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(max_length=LONGEST_REASON * 2, description="For the team; they do not read it.")] = ""


@get("/me/blocks", guards=[READ], tags=TAG, summary="Whom you blocked")
async def my_blocks(backends: Given[Backends], caller: Given[Caller]) -> Mine:
    return await blocks.of_person(backends, caller)


@put("/me/blocks/people/{handle:str}", status_code=204, guards=[WRITE], opt=OFTEN, tags=TAG, summary="Block a person")
async def block_person(backends: Given[Backends], caller: Given[Caller], handle: Handle) -> None:
    """You no longer see, answer or reach each other. They are not told."""
    await blocks.block_person(backends, caller, handle)


@delete("/me/blocks/people/{handle:str}", guards=[WRITE], tags=TAG, summary="Block a person no more")
async def unblock_person(backends: Given[Backends], caller: Given[Caller], handle: Handle) -> None:
    await blocks.unblock_person(backends, caller, handle)


@put("/me/blocks/pages/{slug:str}", status_code=204, guards=[WRITE], opt=OFTEN, tags=TAG, summary="Block a page")
async def block_page(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> None:
    """You follow it no more, and a membership of yours is not renewed. What you paid for stays yours."""
    async with backends.database.writing() as tx:
        creator = await lookup.by_slug(tx, slug)
    await blocks.block_page(backends, caller, creator.id)


@delete("/me/blocks/pages/{slug:str}", guards=[WRITE], tags=TAG, summary="Block a page no more")
async def unblock_page(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> None:
    async with backends.database.writing() as tx:
        creator = await lookup.by_slug(tx, slug)
    await blocks.unblock_page(backends, caller, creator.id)


@get("/creators/{slug:str}/blocks", guards=[READ], dependencies=PAGE, tags=TAG, summary="Whom a page blocked")
async def page_blocks(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug
) -> Response[Paged[BlockedPerson]]:
    entered = await studio.enter(backends, caller, slug, "moderate")
    before = page.position(backends, LISTING, tuple[datetime])
    found = await blocks.of_page(backends, caller, entered.creator.id, before[0] if before else None, page.limit + 1)
    return paged(request, backends, LISTING, found, page.limit, lambda row: (row.since,))


@put(
    "/creators/{slug:str}/blocks/{handle:str}",
    status_code=204,
    guards=[WRITE],
    opt=OFTEN,
    tags=TAG,
    summary="Block somebody from a page",
)
async def block_for_page(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, handle: Handle, data: JSONBody[BlockAsk]
) -> None:
    """No following, joining, buying, commenting. A running membership stays until its period ends and is not renewed."""
    entered = await studio.enter(backends, caller, slug, "moderate")
    await blocks.block_for_page(backends, caller, entered.creator.id, handle, data.reason)


@delete(
    "/creators/{slug:str}/blocks/{handle:str}", guards=[WRITE], tags=TAG, summary="Block somebody from a page no more"
)
async def unblock_for_page(backends: Given[Backends], caller: Given[Caller], slug: Slug, handle: Handle) -> None:
    entered = await studio.enter(backends, caller, slug, "moderate")
    await blocks.unblock_for_page(backends, caller, entered.creator.id, handle)


routes = [
    my_blocks, block_person, unblock_person, block_page, unblock_page, page_blocks, block_for_page, unblock_for_page,
]  # fmt: skip
