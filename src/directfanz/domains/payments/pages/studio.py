"""What a page earns: balance, book, sales, payouts down to single orders, and the year for the tax office."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.payments.api.views import download
from directfanz.domains.payments.pages.asking import Html, Page, Slug
from directfanz.domains.payments.service import disputes, payouts, refund_requests, statements
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.pages import render
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.kit.paging import page_of

NEWEST = 8


@get("/studio/{slug:str}/money", guards=[signed_in])
async def money_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    creator = entered.creator
    shown = await statements.overview(backends, caller, creator.id)
    newest = await statements.sales(backends, caller, creator.id, None, NEWEST)
    paid = await statements.payouts_of(backends, caller, creator.id, None, 3)
    asked = [
        each for each in await disputes.of_creator(backends, caller, creator.id) if each[0].state == "needs_response"
    ]
    back = await refund_requests.waiting_of(backends, caller, creator.id)
    return render(
        request, "payments/studio_money.html", asked_back=back, studio=entered, shown=shown, orders=newest, payouts=paid, disputes=asked,
        values=[amount.minor for _, amount in shown.days], earned=statements.sum_of(shown), best=max(amount for _, amount in shown.days),
        least=payouts.least(backends, creator.currency),
        share=f"{100 - creator.fee_bps_or(backends.platform.charges.fee_basis_points) / 100:g}",
        year=backends.clock.now().year,
    )  # fmt: skip


@get("/studio/{slug:str}/money/ledger", guards=[signed_in], dependencies=PAGE)
async def ledger_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, page: Given[PageAsk]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    listing = f"ledger-page {entered.creator.id}"
    before = page.position(backends, listing, tuple[UUID])
    rows, orders = await statements.entries(
        backends, caller, entered.creator.id, before[0] if before else None, page.limit + 1
    )
    shown = page_of(rows, page.limit, cursor_key(backends), listing, lambda row: (row.id,))
    lines = [{"entry": each, "order": orders.get(each.reference) if each.reference else None} for each in shown.items]
    more = f"{entered.home}/money/ledger?cursor={shown.next}" if shown.next else None
    return render(request, "payments/studio_ledger.html", studio=entered, lines=lines, next_href=more)


@get("/studio/{slug:str}/money/payouts", guards=[signed_in], dependencies=PAGE)
async def payouts_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, page: Given[PageAsk]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    listing = f"payouts-page {entered.creator.id}"
    before = page.position(backends, listing, tuple[UUID])
    rows = await statements.payouts_of(
        backends, caller, entered.creator.id, before[0] if before else None, page.limit + 1
    )
    shown = page_of(rows, page.limit, cursor_key(backends), listing, lambda row: (row.id,))
    more = f"{entered.home}/money/payouts?cursor={shown.next}" if shown.next else None
    return render(request, "payments/studio_payouts.html", studio=entered, payouts=shown.items, next_href=more)


@get("/studio/{slug:str}/money/payouts/{payout_id:uuid}", guards=[signed_in])
async def payout_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, payout_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    opened = await statements.of_payout(backends, caller, payout_id)
    return render(request, "payments/studio_payout.html", studio=entered, statement=opened, payout=opened.payout)


@get("/studio/{slug:str}/money/payouts/{payout_id:uuid}/csv", guards=[signed_in])
async def payout_csv(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, payout_id: FromPath[UUID]
) -> Response[bytes]:
    opened = await statements.of_payout(backends, caller, payout_id)
    return download(statements.as_csv(opened), f"payout-{opened.payout.created_at:%Y-%m-%d}.csv", "text/csv")


@get("/studio/{slug:str}/money/years/{year:int}", guards=[signed_in])
async def year_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, year: FromPath[int]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    found = await statements.tax_year(backends, caller, entered.creator.id, year)
    return render(
        request, "payments/studio_year.html", studio=entered, year=found, months=statements.readable(found),
        paid_out=statements.paid_out(found), this_year=backends.clock.now().year,
    )  # fmt: skip


@get("/studio/{slug:str}/money/years/{year:int}/csv", guards=[signed_in])
async def year_csv(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, year: FromPath[int]
) -> Response[bytes]:
    entered = await studio.enter(backends, caller, slug, "money")
    found = await statements.tax_year(backends, caller, entered.creator.id, year)
    return download(statements.year_as_csv(found), f"{entered.creator.slug}-{year}.csv", "text/csv")


routes = [money_page, ledger_page, payouts_page, payout_page, payout_csv, year_page, year_csv]
