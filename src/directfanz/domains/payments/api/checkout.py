from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.params import JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Interval
from directfanz.domains.payments.api.views import WRITE, Amount, Words
from directfanz.domains.payments.service import checkout
from directfanz.domains.payments.service.checkout import Opened
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit

TAG = ["Paying"]
Asked = Request[Any, Any, Any]
LIMIT = rate_limit("checkout", per_minute=20)


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tier_id: UUID
    amount: Amount
    interval: Interval = "month"
    offer: Annotated[str, Meta(max_length=40)] | None = None


class Tip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    creator_id: UUID
    amount: Amount
    message: Words = ""
    goal_id: UUID | None = None


class Gift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tier_id: UUID
    months: Annotated[int, Meta(ge=1, le=12)]
    message: Words = ""


@post("/checkout", guards=[WRITE], opt=LIMIT, tags=TAG, summary="Become a member of a tier at a price")
async def join(request: Asked, backends: Given[Backends], caller: Given[Caller], data: JSONBody[Join]) -> Opened:
    return await checkout.join(
        backends, caller, data.tier_id, data.amount.money, data.interval, data.offer, key_of(request)
    )


@post("/tips", guards=[WRITE], opt=LIMIT, tags=TAG, summary="Give a tip, or give to a goal")
async def tip(request: Asked, backends: Given[Backends], caller: Given[Caller], data: JSONBody[Tip]) -> Opened:
    amount = data.amount.money
    return await checkout.tip(backends, caller, data.creator_id, amount, data.message, data.goal_id, key_of(request))


@post("/gifts", guards=[WRITE], opt=LIMIT, tags=TAG, summary="Buy a membership for somebody else")
async def gift(request: Asked, backends: Given[Backends], caller: Given[Caller], data: JSONBody[Gift]) -> Opened:
    return await checkout.gift(backends, caller, data.tier_id, data.months, data.message, key_of(request))


def key_of(request: Asked) -> str:
    """The same key is the same order, also when the first answer was lost before it could be kept."""
    return request.headers.get("idempotency-key", "")


routes = [join, tip, gift]
