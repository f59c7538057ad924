from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.ledger.models import Balances, Written
from directfanz.domains.payments.api.views import (
    READ,
    WRITE,
    DisputeView,
    PayoutView,
    SaleView,
    Slug,
    dispute_of,
    download,
    payout_of,
    sale_of,
)
from directfanz.domains.payments.service import disputes, statements
from directfanz.domains.payments.service.statements import Line, Year
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.described import answers_file
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.kit.money import Money

TAG = ["Money of a page"]
Asked = Request[Any, Any, Any]
Evidence = dict[Annotated[str, Meta(max_length=60)], Annotated[str, Meta(max_length=5000)]]


class Release(msgspec.Struct, frozen=True):
    day: datetime
    amount: Money


class BalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """`held` becomes `available` on the days in `releases`; `available` is paid out each day; `reserve` waits for a dispute."""

    balances: list[Balances]
    releases: list[Release]


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    payout: PayoutView
    lines: list[Line]


@get("/creators/{slug:str}/balance", guards=[READ], tags=TAG, summary="What a page has: held, available, set aside")
async def balance(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> BalanceView:
    entered = await studio.enter(backends, caller, slug, "money")
    shown = await statements.overview(backends, caller, entered.creator.id)
    return BalanceView(balances=shown.balances, releases=[Release(day, amount) for day, amount in shown.releases])


@get("/creators/{slug:str}/ledger", guards=[READ], dependencies=PAGE, tags=TAG, summary="Its book, the newest first")
async def ledger_of_page(
    request: Asked, backends: Given[Backends], caller: Given[Caller], slug: Slug, page: Given[PageAsk]
) -> Response[Paged[Written]]:
    entered = await studio.enter(backends, caller, slug, "money")
    before = page.position(backends, f"ledger {entered.creator.id}", tuple[UUID])
    rows, _ = await statements.entries(
        backends, caller, entered.creator.id, before[0] if before else None, page.limit + 1
    )
    return paged(request, backends, f"ledger {entered.creator.id}", rows, page.limit, lambda row: (row.id,))


@get("/creators/{slug:str}/orders", guards=[READ], dependencies=PAGE, tags=TAG, summary="What it sold")
async def sales(
    request: Asked, backends: Given[Backends], caller: Given[Caller], slug: Slug, page: Given[PageAsk]
) -> Response[Paged[SaleView]]:
    entered = await studio.enter(backends, caller, slug, "money")
    listing = f"sales {entered.creator.id}"
    before = page.position(backends, listing, tuple[UUID])
    rows = await statements.sales(backends, caller, entered.creator.id, before[0] if before else None, page.limit + 1)
    return paged(request, backends, listing, [sale_of(row) for row in rows], page.limit, lambda row: (row.id,))


@get("/creators/{slug:str}/payouts", guards=[READ], dependencies=PAGE, tags=TAG, summary="What was paid to its bank")
async def payouts(
    request: Asked, backends: Given[Backends], caller: Given[Caller], slug: Slug, page: Given[PageAsk]
) -> Response[Paged[PayoutView]]:
    entered = await studio.enter(backends, caller, slug, "money")
    listing = f"payouts {entered.creator.id}"
    before = page.position(backends, listing, tuple[UUID])
    rows = await statements.payouts_of(
        backends, caller, entered.creator.id, before[0] if before else None, page.limit + 1
    )
    return paged(request, backends, listing, [payout_of(row) for row in rows], page.limit, lambda row: (row.id,))


@get("/payouts/{payout_id:uuid}", guards=[READ], tags=TAG, summary="A payout down to single orders")
async def payout(backends: Given[Backends], caller: Given[Caller], payout_id: FromPath[UUID]) -> StatementView:
    opened = await statements.of_payout(backends, caller, payout_id)
    return StatementView(payout=payout_of(opened.payout), lines=opened.lines)


@get("/creators/{slug:str}/disputes", guards=[READ], tags=TAG, summary="Payments that a bank questions")
async def all_disputes(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[DisputeView]:
    entered = await studio.enter(backends, caller, slug, "money")
    return [dispute_of(row) for row, _ in await disputes.of_creator(backends, caller, entered.creator.id)]


@post(
    "/disputes/{dispute_id:uuid}/evidence", status_code=200, guards=[WRITE], tags=TAG, summary="Answer a dispute, once"
)
async def answer_dispute(
    backends: Given[Backends], caller: Given[Caller], dispute_id: FromPath[UUID], data: JSONBody[Evidence]
) -> DisputeView:
    return dispute_of(await disputes.answer(backends, caller, dispute_id, data))


@get("/creators/{slug:str}/tax-years/{year:int}", guards=[READ], tags=TAG, summary="The sums of a year")
async def tax_year(backends: Given[Backends], caller: Given[Caller], slug: Slug, year: FromPath[int]) -> Year:
    entered = await studio.enter(backends, caller, slug, "money")
    return await statements.tax_year(backends, caller, entered.creator.id, year)


@get(
    "/creators/{slug:str}/tax-years/{year:int}/csv", guards=[READ], tags=TAG, summary="The same as a table",
    opt=answers_file("text/csv"),
)  # fmt: skip
async def tax_year_csv(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, year: FromPath[int]
) -> Response[bytes]:
    entered = await studio.enter(backends, caller, slug, "money")
    found = await statements.tax_year(backends, caller, entered.creator.id, year)
    return download(statements.year_as_csv(found), f"{entered.creator.slug}-{year}.csv", "text/csv")


routes = [balance, ledger_of_page, sales, payouts, payout, all_disputes, answer_dispute, tax_year, tax_year_csv]
