"""RSS and Atom, the episodes behind them, cards on other sites, and the page where a member gets an address of their own."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID
from xml.etree import ElementTree as Xml

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.service import reading
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.api.asking import Slug
from directfanz.domains.discovery.errors import NoSuchFeed
from directfanz.domains.discovery.models import MemberFeed
from directfanz.domains.discovery.service import embedding, feeds
from directfanz.domains.discovery.service.embedding import STRANGER, Embedded
from directfanz.domains.discovery.service.feeds import writing
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.etags import etag_of, matches
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other

Page = Request[Any, Any, Any]
Html = Response[Any]
LONGEST_TOKEN = 100
RSS, ATOM = "application/rss+xml; charset=utf-8", "application/atom+xml; charset=utf-8"
# Players ask every few minutes, for hours. By address: a token is no account.
ASKED = rate_limit("feeds", per_minute=240, by_address=True)
SHARED, OWN = "public, max-age=300", "private, no-cache"


@get("/c/{slug:str}/feed.xml", opt=ASKED)
async def public_feed(request: Page, backends: Given[Backends], slug: Slug) -> Html:
    podcast = await feeds.public(backends, slug)
    return _answer(request, writing.rss(podcast, backends.settings.site_url), RSS, SHARED)


@get("/c/{slug:str}/podcast.xml", opt=ASKED)
async def public_podcast(request: Page, backends: Given[Backends], slug: Slug) -> Html:
    podcast = await feeds.episodes(backends, slug)
    return _answer(request, writing.rss(podcast, backends.settings.site_url), RSS, SHARED)


@get("/c/{slug:str}/feed.atom", opt=ASKED)
async def public_atom(request: Page, backends: Given[Backends], slug: Slug) -> Html:
    podcast = await feeds.public(backends, slug)
    return _answer(request, writing.atom(podcast, backends.settings.site_url), ATOM, SHARED)


@get("/feeds/{file:str}", opt=ASKED)
async def member_feed(request: Page, backends: Given[Backends], file: FromPath[str]) -> Html:
    podcast = await feeds.private(backends, _token_in(file))
    answer = _answer(request, writing.rss(podcast, backends.settings.site_url), RSS, OWN)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@get("/feeds/{token:str}/media/{post_id:uuid}/{name:str}", opt=ASKED)
async def member_episode(
    backends: Given[Backends], token: FromPath[str], post_id: FromPath[UUID], name: FromPath[str]
) -> Html:
    """Asked anew for every part of a download: whoever may not have it any more gets no further."""
    address = await feeds.episode_address(backends, token[:LONGEST_TOKEN], post_id, _asset_in(name))
    return Redirect(address, status_code=302, headers={"Cache-Control": "no-store"})


@get("/episodes/{post_id:uuid}/{name:str}", opt=ASKED)
async def open_episode(backends: Given[Backends], post_id: FromPath[UUID], name: FromPath[str]) -> Html:
    address = await feeds.open_episode_address(backends, post_id, _asset_in(name))
    return Redirect(address, status_code=302, headers={"Cache-Control": "no-store"})


@get("/c/{slug:str}/podcast", guards=[signed_in])
async def podcast_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    creator = await lookup.public_by_slug(backends.database, slug)
    return _podcast(request, creator, await feeds.mine(backends, caller, creator), None)


@post("/c/{slug:str}/podcast", status_code=200, guards=[signed_in], opt=rate_limit("make-feed", per_minute=10))
async def podcast_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    """Shows the new address this once."""
    creator = await lookup.public_by_slug(backends.database, slug)
    token = await feeds.make(backends, caller, creator)
    address = f"{backends.settings.site_url}/feeds/{token}.xml"
    return _podcast(request, creator, await feeds.mine(backends, caller, creator), address)


@post("/c/{slug:str}/podcast/revoke", status_code=200, guards=[signed_in])
async def revoke_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    creator = await lookup.public_by_slug(backends.database, slug)
    await feeds.revoke(backends, caller, creator)
    return see_other(request, f"{creator.path}/podcast", "The address opens nothing any more.")


@get("/oembed", opt=ASKED)
async def oembed(
    backends: Given[Backends],
    url: Annotated[str, QueryParameter(max_length=1_000)] = "",
    maxwidth: Annotated[int | None, QueryParameter(ge=1, le=10_000)] = None,
    maxheight: Annotated[int | None, QueryParameter(ge=1, le=10_000)] = None,
    form: Annotated[Literal["json", "xml"], QueryParameter(name="format")] = "json",
) -> Html:
    found = await embedding.embed(backends, url, maxwidth, maxheight)
    if form == "xml":
        return Response(_as_xml(found), media_type="text/xml; charset=utf-8", headers={"Cache-Control": SHARED})
    said = {name: value for name, value in msgspec.structs.asdict(found).items() if value is not None}
    return Response(said, headers={"Cache-Control": SHARED})


@get("/embed/posts/{post_id:uuid}")
async def post_card(request: Page, backends: Given[Backends], post_id: FromPath[UUID]) -> Html:
    """As a stranger sees it, whoever looks: in a frame of another site nobody is signed in."""
    creator, found = await reading.read(backends, STRANGER, post_id)
    return _card(request, creator, found)


@get("/embed/c/{slug:str}")
async def page_card(request: Page, backends: Given[Backends], slug: Slug) -> Html:
    return _card(request, await lookup.public_by_slug(backends.database, slug), None)


def _card(request: Page, creator: Creator, found: Reading | None) -> Html:
    answer = render(request, "discovery/embed.html", creator=creator, reading=found)
    answer.headers["Cache-Control"] = SHARED
    return answer


def _podcast(request: Page, creator: Creator, feed: MemberFeed | None, address: str | None) -> Html:
    return render(request, "discovery/podcast.html", creator=creator, feed=feed, address=address)


def _answer(request: Page, body: bytes, kind: str, cache: str) -> Html:
    etag = etag_of(body)
    headers = {"ETag": etag.decode(), "Cache-Control": cache}
    asked = request.headers.get("if-none-match")
    if asked is not None and matches(asked.encode("latin-1"), etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


def _token_in(file: str) -> str:
    token, dot, suffix = file.rpartition(".")
    if not dot or suffix != "xml" or len(token) > LONGEST_TOKEN:
        raise NoSuchFeed("There is no feed at this address.")
    return token


def _asset_in(name: str) -> UUID:
    try:
        return UUID(name.partition(".")[0])
    except ValueError:
        raise NoSuchFeed("There is no such episode.") from None


def _as_xml(found: Embedded) -> bytes:
    root = Xml.Element("oembed")
    for name, value in msgspec.structs.asdict(found).items():
        if value is not None:
            Xml.SubElement(root, name).text = str(value)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


routes = [
    public_feed, public_podcast, public_atom, member_feed, member_episode, open_episode, podcast_page, podcast_do, revoke_do, oembed,
    post_card, page_card,
]  # fmt: skip
