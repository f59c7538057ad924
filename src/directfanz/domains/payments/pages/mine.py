"""A fan's own money: what they paid, receipts, what they let themselves spend, and their cards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.payments.api.views import download
from directfanz.domains.payments.pages.asking import AnswerForm, AskBackForm, CapForm, Html, Page, RefundForm
from directfanz.domains.payments.service import buying, customers, refund_requests, refunds, spending
from directfanz.domains.payments.service.pdf import pdf_of
from directfanz.errors import DirectFanzError
from directfanz.http.amounts import amount_typed
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import refuse
from directfanz.kit.ids import new_token
from directfanz.kit.paging import page_of

HERE = "/money"
LISTING = "my-orders"
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CAD", "AUD")


@get(HERE, guards=[signed_in], dependencies=PAGE)
async def money_page(request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]) -> Html:
    return await _money(request, backends, caller, page, Form.blank(amount="", currency="EUR"))


@post(f"{HERE}/cap", status_code=200, guards=[signed_in])
async def cap_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    """An empty amount removes the cap."""
    form, status = await read_form(request, CapForm), 422
    if form.value is not None:
        try:
            if not form.value.amount.strip():
                await spending.remove_cap(backends, caller, form.value.currency)
                return see_other(request, HERE, "The cap is gone.")
            await spending.set_cap(backends, caller, amount_typed(form.value.amount, form.value.currency))
            return see_other(request, HERE, "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _money(request, backends, caller, PageAsk(), form, status)


@post(f"{HERE}/cards", status_code=200, guards=[signed_in])
async def cards_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    try:
        return Redirect(await customers.portal(backends, caller), status_code=303)
    except DirectFanzError as error:
        return see_other(request, HERE, error.message, "problem")


@get(f"{HERE}/orders/{{order_id:uuid}}", guards=[signed_in])
async def order_page(request: Page, backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID]) -> Html:
    return await _order(
        request, backends, caller, order_id, Form.blank(amount="", reason="", answer="", key=new_token(16))
    )


@post(f"{HERE}/orders/{{order_id:uuid}}/refund", status_code=200, guards=[signed_in])
async def refund_do(request: Page, backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID]) -> Html:
    form, status = await read_form(request, RefundForm), 422
    if form.value is not None:
        try:
            order = (await buying.get(backends, caller, order_id)).order
            typed = form.value.amount.strip()
            amount = amount_typed(typed, order.total.currency) if typed else None
            done = await refunds.refund(backends, caller, order_id, amount, form.value.reason, form.value.key)
            words = "It could not go back: " + (done.problem or "") if done.state == "failed" else "It goes back."
            return see_other(request, f"{HERE}/orders/{order_id}", words, "problem" if done.problem else "done")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _order(request, backends, caller, order_id, form, status)


@post(f"{HERE}/orders/{{order_id:uuid}}/ask-back", status_code=200, guards=[signed_in])
async def ask_back_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID]
) -> Html:
    form, status = await read_form(request, AskBackForm), 422
    if form.value is not None:
        try:
            await refund_requests.ask(backends, caller, order_id, form.value.reason)
            return see_other(request, f"{HERE}/orders/{order_id}", "Asked. You hear from us when it is answered.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _order(request, backends, caller, order_id, form, status)


@post(f"{HERE}/refund-requests/{{request_id:uuid}}/withdraw", status_code=200, guards=[signed_in])
async def withdraw_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], request_id: FromPath[UUID]
) -> Html:
    await refund_requests.withdraw(backends, caller, request_id)
    return see_other(request, HERE, "You asked for nothing back any more.")


@post(f"{HERE}/orders/{{order_id:uuid}}/refund-requests/{{request_id:uuid}}", status_code=200, guards=[signed_in])
async def answer_do(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    order_id: FromPath[UUID],
    request_id: FromPath[UUID],
) -> Html:
    form, status = await read_form(request, AnswerForm), 422
    if form.value is not None:
        try:
            words = await _answered(backends, caller, order_id, request_id, form.value)
            return see_other(request, f"{HERE}/orders/{order_id}", words)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _order(request, backends, caller, order_id, form, status)


async def _answered(backends: Backends, caller: Caller, order_id: UUID, request_id: UUID, asked: AnswerForm) -> str:
    if not asked.yes:
        await refund_requests.decline(backends, caller, request_id, asked.answer)
        return "Declined. They read what you wrote."
    order, typed = (await buying.get(backends, caller, order_id)).order, asked.amount.strip()
    amount = amount_typed(typed, order.total.currency) if typed else None
    done = await refund_requests.approve(backends, caller, request_id, amount)
    return "It goes back." if done.state != "failed" else f"It could not go back: {done.problem or ''}"


@get(f"{HERE}/orders/{{order_id:uuid}}/papers/{{paper_id:uuid}}", guards=[signed_in])
async def paper(
    backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID], paper_id: FromPath[UUID]
) -> Response[bytes]:
    issued = await buying.paper(backends, caller, order_id, paper_id)
    body = pdf_of(issued, backends.settings.site_name, caller.timezone or "UTC")
    return download(body, f"{issued.kind.replace('_', '-')}-{issued.name}.pdf", "application/pdf")


async def _money(
    request: Page, backends: Backends, caller: Caller, page: PageAsk, form: Form[Any], status: int = 200
) -> Html:
    before = page.position(backends, LISTING, tuple[UUID])
    rows = await buying.mine(backends, caller, before[0] if before else None, page.limit + 1)
    shown = page_of(rows, page.limit, cursor_key(backends), LISTING, lambda row: (row.id,))
    months = await spending.months(backends, caller, rows[0].total.currency) if rows else []
    return render(
        request, "payments/money.html", status, months=months, spent=[amount.minor for _, amount in months],
        orders=shown.items, form=form, caps=await spending.caps(backends, caller),
        refused=await buying.refused_renewals(backends, caller), currencies=[[each, each] for each in CURRENCIES],
        next_href=f"{HERE}?cursor={shown.next}" if shown.next else None,
    )  # fmt: skip


async def _order(
    request: Page, backends: Backends, caller: Caller, order_id: UUID, form: Form[Any], status: int = 200
) -> Html:
    bought = await buying.get(backends, caller, order_id)
    may_refund = await buying.may_refund(backends, caller, bought.order)
    is_mine, asked = bought.order.user_id == caller.user_id, await refund_requests.of_order(backends, bought.order)
    return render(
        request, "payments/order.html", status, bought=bought, order=bought.order, creator=bought.creator, form=form,
        may_refund=may_refund, is_mine=is_mine, asked=asked, is_operator=caller.role == "admin",
        may_ask=is_mine and await refund_requests.may_ask(backends, bought.order, asked),
    )  # fmt: skip


routes = [money_page, cap_do, cards_do, order_page, refund_do, ask_back_do, withdraw_do, answer_do, paper]
