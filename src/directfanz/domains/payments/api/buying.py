from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, PathParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.payments.api.checkout import key_of
from directfanz.domains.payments.api.views import (
    READ,
    WRITE,
    Amount,
    OrderView,
    RefundView,
    Words,
    download,
    order_of,
    refund_of,
)
from directfanz.domains.payments.models import SpendCap
from directfanz.domains.payments.service import buying, refunds, spending
from directfanz.domains.payments.service.pdf import pdf_of
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.described import answers_file
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.kit.money import MAX_MINOR, money

TAG = ["Orders"]
LISTING = "orders"
OfCurrency = Annotated[str, PathParameter(pattern="^[A-Z]{3}$")]


class WantedRefund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without an amount all that is left goes back."""

    amount: Amount | None = None
    reason: Words = ""


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minor: Annotated[int, Meta(ge=0, le=MAX_MINOR)]


@get("/orders", guards=[READ], dependencies=PAGE, tags=TAG, summary="What you paid, the newest first")
async def orders(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]
) -> Response[Paged[OrderView]]:
    before = page.position(backends, LISTING, tuple[UUID])
    rows = await buying.mine(backends, caller, before[0] if before else None, page.limit + 1)
    return paged(request, backends, LISTING, [order_of(row) for row in rows], page.limit, lambda row: (row.id,))


@get("/orders/{order_id:uuid}", guards=[READ], tags=TAG, summary="One order: yours, or of a page whose money you see")
async def order(backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID]) -> OrderView:
    return order_of((await buying.get(backends, caller, order_id)).order)


@get(
    "/orders/{order_id:uuid}/invoice", guards=[READ], tags=TAG, summary="Its invoice, as PDF",
    opt=answers_file("application/pdf"),
)  # fmt: skip
async def invoice(backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID]) -> Response[bytes]:
    issued = await buying.paper(backends, caller, order_id, None)
    body = pdf_of(issued, backends.settings.site_name, caller.timezone or "UTC")
    return download(body, f"invoice-{issued.name}.pdf", "application/pdf")


@post("/orders/{order_id:uuid}/refunds", guards=[WRITE], tags=TAG, summary="Give money back, whole or in part")
async def refund(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID],
    data: JSONBody[WantedRefund],
) -> RefundView:  # fmt: skip
    """For the team of the page, and for operators. All refunds of an order together are never more than was paid."""
    amount = data.amount.money if data.amount else None
    return refund_of(await refunds.refund(backends, caller, order_id, amount, data.reason, key_of(request)))


@get("/me/spend-caps", guards=[READ], tags=TAG, summary="What you let yourself spend in a month")
async def caps(backends: Given[Backends], caller: Given[Caller]) -> list[SpendCap]:
    return await spending.caps(backends, caller)


@put("/me/spend-caps/{currency:str}", guards=[WRITE], tags=TAG, summary="Set a cap for a currency")
async def set_cap(
    backends: Given[Backends], caller: Given[Caller], currency: OfCurrency, data: JSONBody[Cap]
) -> list[SpendCap]:
    await spending.set_cap(backends, caller, money(data.minor, currency))
    return await spending.caps(backends, caller)


@delete("/me/spend-caps/{currency:str}", guards=[WRITE], tags=TAG, summary="Remove a cap")
async def remove_cap(backends: Given[Backends], caller: Given[Caller], currency: OfCurrency) -> None:
    await spending.remove_cap(backends, caller, currency)


routes = [orders, order, invoice, refund, caps, set_cap, remove_cap]
