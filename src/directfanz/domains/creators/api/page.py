"""Pages: the public list, one page, beginning and changing one."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, patch, post, put
from litestar.params import JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.api.views import (
    READ,
    TAG,
    WRITE,
    CreatorPage,
    CreatorView,
    OwnCreator,
    Slug,
    Text,
    own_of,
    page_of,
    view_of,
)
from directfanz.domains.creators.models import MOST_LINKS, Link
from directfanz.domains.creators.service import beginning, following, lookup, page, studio
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.described import takes_if_match
from directfanz.http.etags import require_match
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

LISTING = "creators"


class BeginAsk(Input, frozen=True, kw_only=True):
    name: Text
    slug: Annotated[str, Meta(max_length=64, description="a-z, 0-9 and single hyphens; yours for good.")]
    country: Annotated[str, Meta(max_length=2, description="ISO 3166: where you are paid, such as DE.")]
    currency: Annotated[str, Meta(max_length=3, description="ISO 4217: in what you are paid, such as EUR.")]
    tagline: Text = ""


class PagePatch(Input, frozen=True, kw_only=True):
    """Only what is given changes."""

    name: Text | None = None
    slug: Annotated[Annotated[str, Meta(max_length=64)] | None, Meta(description="The old one leads on.")] = None
    tagline: Text | None = None
    about: Annotated[str, Meta(max_length=6000)] | None = None
    accent: Annotated[str, Meta(max_length=7)] | None = None
    country: Annotated[str, Meta(max_length=2)] | None = None


class LinkAsk(Input, frozen=True):
    url: Text
    label: Text = ""


Links = Annotated[list[LinkAsk], Meta(max_length=MOST_LINKS)]


@get("/creators", dependencies=PAGE, tags=TAG, summary="Pages that are published, the newest first")
async def list_creators(
    request: Request[Any, Any, Any], backends: Given[Backends], page: Given[PageAsk]
) -> Response[Paged[CreatorView]]:
    position = page.position(backends, LISTING, tuple[UUID])
    found = await lookup.newest_published(backends.database, position[0] if position else None, page.limit + 1)
    rows = [view_of(creator) for creator in found]
    return paged(request, backends, LISTING, rows, page.limit, lambda row: (row.id,))


@post(
    "/creators", guards=[WRITE], opt=rate_limit("begin-page", per_hour=20, when_down="refuse"), tags=TAG,
    summary="Become a creator: a page of your own",
)  # fmt: skip
async def begin_page(backends: Given[Backends], caller: Given[Caller], data: JSONBody[BeginAsk]) -> OwnCreator:
    """A draft that only you see until you publish it."""
    wanted = beginning.NewPage(
        name=data.name, slug=data.slug, country=data.country, currency=data.currency, tagline=data.tagline
    )
    return own_of(await beginning.begin(backends, caller, wanted), "owner")


@get("/creators/{slug:str}", tags=TAG, summary="One page")
async def get_creator(backends: Given[Backends], slug: Slug) -> CreatorPage:
    """As anybody sees it. An address of before leads to the page as well; `slug` says today's."""
    async with backends.database.reading() as reader:
        creator = await lookup.public_by_slug(reader, slug)
        links = await lookup.links_of(reader, creator.id)
        return page_of(creator, links, await following.count(reader, creator.id))


@get("/me/creators", guards=[READ], tags=TAG, summary="The pages in whose team you are, your own first")
async def my_creators(backends: Given[Backends], caller: Given[Caller]) -> list[OwnCreator]:
    async with backends.database.writing() as tx:
        return [own_of(creator, role) for creator, role in await lookup.of_user(tx, caller.require_user())]


@get("/me/creators/{slug:str}", guards=[READ], tags=TAG, summary="A page in whose team you are, also as a draft")
async def my_creator(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> OwnCreator:
    entered = await studio.enter(backends, caller, slug)
    return own_of(entered.creator, entered.role)


@patch("/creators/{slug:str}", guards=[WRITE], opt=takes_if_match(), tags=TAG, summary="Change a page")
async def change_creator(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], slug: Slug,
    data: JSONBody[PagePatch],
) -> OwnCreator:  # fmt: skip
    """`If-Match` takes the ETag of `GET /me/creators/{slug}`."""
    entered = await studio.enter(backends, caller, slug, "page")
    require_match(request, own_of(entered.creator, entered.role))
    wanted = page.PageChange(
        name=data.name, slug=data.slug, tagline=data.tagline, about=data.about, accent=data.accent, country=data.country
    )
    return own_of(await page.change(backends, caller, entered.creator.id, wanted), entered.role)


@put("/creators/{slug:str}/links", guards=[WRITE], tags=TAG, summary="Set the links of a page, in their order")
async def set_links(backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[Links]) -> list[Link]:
    """Only `https` addresses of public sites; a label left empty shows the site's name."""
    entered = await studio.enter(backends, caller, slug, "page")
    asked = [Link(label=each.label, url=each.url) for each in data]
    return await page.set_links(backends, caller, entered.creator.id, asked)


@post("/creators/{slug:str}/publish", status_code=200, guards=[WRITE], tags=TAG, summary="Let everybody see a page")
async def publish_page(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> OwnCreator:
    entered = await studio.enter(backends, caller, slug, "page")
    return own_of(await page.publish(backends, caller, entered.creator.id), entered.role)


@post("/creators/{slug:str}/unpublish", status_code=200, guards=[WRITE], tags=TAG, summary="Make a page a draft again")
async def unpublish_page(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> OwnCreator:
    """Members stay members."""
    entered = await studio.enter(backends, caller, slug, "page")
    return own_of(await page.unpublish(backends, caller, entered.creator.id), entered.role)


routes = [
    list_creators, begin_page, get_creator, my_creators, my_creator, change_creator, set_links, publish_page,
    unpublish_page,
]  # fmt: skip
