from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, delete, put

from directfanz.backends import Backends
from directfanz.domains.creators.api.views import TAG, WRITE, Slug
from directfanz.domains.creators.models import picture_url
from directfanz.domains.creators.service import pictures, studio
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.described import takes_body
from directfanz.http.limits import rate_limit

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
UPLOADS = {**takes_body(*PICTURES), **rate_limit("page-pictures", per_minute=20)}


class PictureView(msgspec.Struct, frozen=True):
    address: str | None


@put("/creators/{slug:str}/avatar", guards=[WRITE], opt=UPLOADS, tags=TAG, summary="Set the picture of a page")
async def put_page_avatar(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], slug: Slug
) -> PictureView:
    """The body is the picture itself: JPEG, PNG, WebP or GIF, at most 2 MiB. A square is cut from its middle."""
    entered = await studio.enter(backends, caller, slug, "page")
    name = await pictures.set_picture(backends, caller, entered.creator.id, "avatar", await request.body())
    return PictureView(picture_url("avatar", name, 256))


@delete("/creators/{slug:str}/avatar", guards=[WRITE], tags=TAG, summary="Remove the picture of a page")
async def delete_page_avatar(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> None:
    entered = await studio.enter(backends, caller, slug, "page")
    await pictures.remove_picture(backends, caller, entered.creator.id, "avatar")


@put("/creators/{slug:str}/banner", guards=[WRITE], opt=UPLOADS, tags=TAG, summary="Set the banner of a page")
async def put_page_banner(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], slug: Slug
) -> PictureView:
    """As the picture; three times as wide as high, cut from its middle."""
    entered = await studio.enter(backends, caller, slug, "page")
    name = await pictures.set_picture(backends, caller, entered.creator.id, "banner", await request.body())
    return PictureView(picture_url("banner", name, 1600))


@delete("/creators/{slug:str}/banner", guards=[WRITE], tags=TAG, summary="Remove the banner of a page")
async def delete_page_banner(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> None:
    entered = await studio.enter(backends, caller, slug, "page")
    await pictures.remove_picture(backends, caller, entered.creator.id, "banner")


routes = [put_page_avatar, delete_page_avatar, put_page_banner, delete_page_banner]
