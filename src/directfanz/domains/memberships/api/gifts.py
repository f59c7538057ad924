from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.memberships.api.views import GIFTS, READ, WRITE, GiftView, gift_view
from directfanz.domains.memberships.service import claiming, gifts
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.validation import Input

# 80 bits cannot be guessed; this keeps the tries from being a burden.
CLAIMS = rate_limit("claim-gift", per_minute=10, when_down="refuse")


class Gifts(msgspec.Struct, frozen=True):
    bought: list[GiftView]
    claimed: list[GiftView]


class GiftCodeAsk(Input, frozen=True):
    code: Annotated[str, Meta(min_length=1, max_length=60)]


class GiftCode(msgspec.Struct, frozen=True):
    """Shown once. The one before it opens nothing any more."""

    code: str


@get("/gifts", guards=[READ], tags=GIFTS, summary="Gifts that you bought or claimed, the newest first")
async def list_gifts(backends: Given[Backends], caller: Given[Caller]) -> Gifts:
    bought, claimed = await gifts.all_of(backends, caller)
    return Gifts([gift_view(each) for each in bought], [gift_view(each) for each in claimed])


@post(
    "/gifts/{gift_id:uuid}/code", status_code=200, guards=[WRITE], tags=GIFTS, summary="A code to hand on, shown once"
)
async def make_code(backends: Given[Backends], caller: Given[Caller], gift_id: FromPath[UUID]) -> GiftCode:
    return GiftCode(await gifts.new_code_for(backends, caller, gift_id))


@post("/gifts/claim", status_code=200, guards=[WRITE], opt=CLAIMS, tags=GIFTS, summary="Claim a gift with its code")
async def claim_gift(backends: Given[Backends], caller: Given[Caller], data: JSONBody[GiftCodeAsk]) -> GiftView:
    return gift_view(await claiming.claim(backends, caller, data.code))


routes = [list_gifts, make_code, claim_gift]
