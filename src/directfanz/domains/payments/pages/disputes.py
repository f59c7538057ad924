"""Payments that a bank questions, and the form that answers."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.payments.pages.asking import Html, Page, Slug
from directfanz.domains.payments.service import disputes
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import refuse
from directfanz.http.validation import Input

Long = Annotated[str, Meta(max_length=6000)]
REASONS = {
    "fraudulent": "The fan says that they did not pay this.",
    "product_not_received": "The fan says that they did not get it.",
    "product_unacceptable": "The fan says that it is not what was promised.",
    "subscription_canceled": "The fan says that they had cancelled.",
    "duplicate": "The fan says that they paid twice.",
    "credit_not_processed": "The fan says that money was to go back.",
    "unrecognized": "The fan does not know this payment.",
}


class EvidenceForm(Input, frozen=True):
    product_description: Long = ""
    access_activity_log: Long = ""
    service_date: Long = ""
    customer_communication: Long = ""
    refund_policy_disclosure: Long = ""
    uncategorized_text: Long = ""


@get("/studio/{slug:str}/money/disputes", guards=[signed_in])
async def list_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    found = await disputes.of_creator(backends, caller, entered.creator.id)
    rows = [{"dispute": each, "order": order, "why": reason(each.reason)} for each, order in found]
    return render(request, "payments/studio_disputes.html", studio=entered, rows=rows)


@get("/studio/{slug:str}/money/disputes/{dispute_id:uuid}", guards=[signed_in])
async def one_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, dispute_id: FromPath[UUID]
) -> Html:
    row, _, _ = await disputes.get(backends, caller, dispute_id)
    return await _one(request, backends, caller, slug, dispute_id, Form.blank(**(row.evidence or {})))


@post("/studio/{slug:str}/money/disputes/{dispute_id:uuid}", status_code=200, guards=[signed_in])
async def answer_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, dispute_id: FromPath[UUID]
) -> Html:
    form, status = await read_form(request, EvidenceForm), 422
    if form.value is not None:
        said = {name: getattr(form.value, name) for name in EvidenceForm.__struct_fields__}
        try:
            await disputes.answer(backends, caller, dispute_id, said)
            return see_other(request, request.scope["path"], "Your answer is with the bank. It decides within weeks.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _one(request, backends, caller, slug, dispute_id, form, status)


async def _one(
    request: Page, backends: Backends, caller: Caller, slug: str, dispute_id: UUID, form: Form[Any], status: int = 200
) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    row, order, _ = await disputes.get(backends, caller, dispute_id)
    return render(
        request, "payments/studio_dispute.html", status, studio=entered, dispute=row, order=order, form=form,
        kinds=[[name, words] for name, words in disputes.EVIDENCE.items()], why=reason(row.reason),
    )  # fmt: skip


def reason(word: str) -> str:
    return REASONS.get(word, "The fan's bank asks whether this payment was right.")


routes = [list_page, one_page, answer_do]
