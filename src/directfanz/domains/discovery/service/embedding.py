"""What other sites show of ours: a card, and oEmbed to find it. Always as a stranger sees it."""

from __future__ import annotations

import re
from html import escape
from typing import Literal
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.service import reading
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.errors import NothingToEmbed
from directfanz.domains.live.service import rules, watching
from directfanz.http.caller import Caller

STRANGER = Caller()
WIDTH, HEIGHT = 600, 220
NARROWEST, WIDEST = 220, 1_200
WIDE = 640  # a player
_POST = re.compile(r"/(?:c/[A-Za-z0-9-]{1,64}/)?posts/([0-9a-fA-F-]{36})/?", re.ASCII).fullmatch
_LIVE = re.compile(r"/c/[A-Za-z0-9-]{1,64}/live/([0-9a-fA-F-]{36})/?", re.ASCII).fullmatch
_PAGE = re.compile(r"/c/([A-Za-z0-9-]{1,64})/?", re.ASCII).fullmatch


class Embedded(msgspec.Struct, frozen=True, kw_only=True):
    """oEmbed 1.0."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich", "video"] = "rich"
    title: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    cache_age: int = 3_600
    html: str
    width: int
    height: int
    thumbnail_url: str | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None


async def embed(backends: Backends, url: str, max_width: int | None, max_height: int | None) -> Embedded:
    """Of an address of this site; of any other there is nothing to say."""
    site, parts = urlsplit(backends.settings.site_url), _split(url)
    if parts is None or (parts.scheme, parts.netloc) != (site.scheme, site.netloc):
        raise _nothing()
    if (live := _LIVE(parts.path)) is not None:
        return await _live(backends, live[1], max_width, max_height)
    creator, title, path = await _found(backends, parts.path)
    width = max(NARROWEST, min(max_width or WIDTH, WIDEST))
    height = min(max_height or HEIGHT, HEIGHT)
    address = f"{backends.settings.site_url}/embed{path}"
    frame = (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="{width}" height="{height}" loading="lazy" '
        'sandbox="allow-popups" referrerpolicy="no-referrer" style="border:0;border-radius:12px"></iframe>'
    )
    picture = backends.settings.site_url + creator.avatar_url if creator.avatar_url else None
    return Embedded(
        title=title, author_name=creator.name, author_url=backends.settings.site_url + creator.path,
        provider_name=backends.settings.site_name, provider_url=backends.settings.site_url, html=frame, width=width,
        height=height, thumbnail_url=picture, thumbnail_width=256 if picture else None,
        thumbnail_height=256 if picture else None,
    )  # fmt: skip


async def _live(backends: Backends, stream: str, max_width: int | None, max_height: int | None) -> Embedded:
    """A player, for a public stream of a page that lets other sites show it."""
    try:
        found = await watching.find(backends, STRANGER, UUID(stream))
    except ValueError:
        raise _nothing() from None
    async with backends.database.reading() as reader:
        allowed = await rules.of_page(reader, found.creator.id)
    if found.stream.access != "public" or allowed.embeds == "nowhere":
        raise _nothing()
    width = max(NARROWEST, min(max_width or WIDE, WIDEST, (max_height or WIDEST) * 16 // 9))
    site, title, creator = backends.settings.site_url, found.stream.title, found.creator
    frame = (
        f'<iframe src="{escape(site)}/embed/live/{found.stream.id}" title="{escape(title)}" width="{width}" '
        f'height="{width * 9 // 16}" allow="autoplay; fullscreen" loading="lazy" style="border:0"></iframe>'
    )
    return Embedded(
        type="video", title=title, author_name=creator.name, author_url=site + creator.path, cache_age=60,
        provider_name=backends.settings.site_name, provider_url=site, html=frame, width=width, height=width * 9 // 16,
    )  # fmt: skip


async def _found(backends: Backends, path: str) -> tuple[Creator, str, str]:
    if (post := _POST(path)) is not None:
        try:
            post_id = UUID(post[1])
        except ValueError:
            raise _nothing() from None
        creator, found = await reading.read(backends, STRANGER, post_id)
        return creator, found.post.title, f"/posts/{found.post.id}"
    if (page := _PAGE(path)) is not None:
        creator = await lookup.public_by_slug(backends.database, page[1])
        return creator, creator.name, f"/c/{creator.slug}"
    raise _nothing()


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _nothing() -> NothingToEmbed:
    return NothingToEmbed("There is nothing of ours at this address.")
