from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.payments.api.views import (
    READ,
    WRITE,
    Amount,
    RefundRequestView,
    RefundView,
    Slug,
    refund_of,
    request_of,
)
from directfanz.domains.payments.service import refund_requests
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given

TAG, OF_PAGE = ["Orders"], ["Money of a page"]
Said = Annotated[str, Meta(min_length=1, max_length=500)]


class AskBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Said


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without an amount all that is left goes back."""

    amount: Amount | None = None


class Declining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    answer: Said


@post("/orders/{order_id:uuid}/refund-requests", guards=[WRITE], tags=TAG, summary="Ask for your money back")
async def ask(
    backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID], data: JSONBody[AskBack]
) -> RefundRequestView:
    """The page answers within seven days, then an operator does. What a page declined may be asked once more: of an operator."""
    return request_of(await refund_requests.ask(backends, caller, order_id, data.reason))


@delete("/refund-requests/{request_id:uuid}", guards=[WRITE], tags=TAG, summary="Take back what you asked for")
async def withdraw(backends: Given[Backends], caller: Given[Caller], request_id: FromPath[UUID]) -> None:
    await refund_requests.withdraw(backends, caller, request_id)


@get("/creators/{slug:str}/refund-requests", guards=[READ], tags=OF_PAGE, summary="What fans ask to have back")
async def waiting(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[RefundRequestView]:
    entered = await studio.enter(backends, caller, slug, "money")
    return [request_of(row) for row, _ in await refund_requests.waiting_of(backends, caller, entered.creator.id)]


@post(
    "/refund-requests/{request_id:uuid}/approve", status_code=200, guards=[WRITE], tags=OF_PAGE, summary="Give it back"
)
async def approve(
    backends: Given[Backends], caller: Given[Caller], request_id: FromPath[UUID], data: JSONBody[Approval]
) -> RefundView:
    amount = data.amount.money if data.amount else None
    return refund_of(await refund_requests.approve(backends, caller, request_id, amount))


@post(
    "/refund-requests/{request_id:uuid}/decline",
    status_code=200,
    guards=[WRITE],
    tags=OF_PAGE,
    summary="Say no, and why",
)
async def decline(
    backends: Given[Backends], caller: Given[Caller], request_id: FromPath[UUID], data: JSONBody[Declining]
) -> RefundRequestView:
    return request_of(await refund_requests.decline(backends, caller, request_id, data.answer))


routes = [ask, withdraw, waiting, approve, decline]
