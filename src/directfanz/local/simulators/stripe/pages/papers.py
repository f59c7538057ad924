"""The hosted invoice, which can be paid there, and a charge's receipt."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.local.simulators.stripe.engine.collecting import collect
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.payment_methods import card_numbered, make, put_on_file
from directfanz.local.simulators.stripe.pages.paying import Form
from directfanz.local.simulators.stripe.pages.words import CHOICES
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.local.simulators.stripe.store import Obj
from directfanz.local.small_web.pages import Pages


@get(["/invoices/{name:str}", "/invoices/{name:str}/pdf"])
async def invoice(simulator: Given[Simulator], pages: Given[Pages], name: FromPath[str]) -> Response[str]:
    page = _page(simulator.engine, pages, name)
    simulator.engine.rollback()
    return page


@post("/invoices/{name:str}", status_code=200)
async def pay(
    simulator: Given[Simulator], pages: Given[Pages], name: FromPath[str], data: Form
) -> Response[str] | Redirect:
    """With a card chosen here, which is put on file. 3-D Secure leads to the bank's page and back."""
    engine = simulator.engine
    found = engine.store.find(name)
    if found is None or found["object"] != "invoice" or found["status"] != "open":
        return _page(engine, pages, name)
    number = data.get("test_card", "")
    typed = {"number": number, "exp_month": 12, "exp_year": 2099, "cvc": "123"}
    with engine.books(found[HIDDEN]["account"]):
        try:
            method = make(engine, card_numbered(engine, typed), {}, typed)
            put_on_file(engine, method, found["customer"])
            refusal = collect(engine, found, method["id"])
        except Refusal as problem:
            refusal = problem
        if refusal and refusal.code == "invoice_payment_intent_requires_action":
            intent = found[HIDDEN]["intent"]
            engine.commit()
            return Redirect(f"/3ds/payment_intent/{intent}", status_code=303)
    engine.commit()
    page = _page(engine, pages, name, refusal)
    engine.rollback()
    return page


def _page(engine: Engine, pages: Pages, name: str, problem: Refusal | None = None) -> Response[str]:
    found = engine.store.find(name)
    if found is None or found["object"] != "invoice":
        return pages.page("gone.html", status=404, said="There is no such invoice.", back=None)
    challenge = _challenge(engine, found)
    return pages.page(
        "invoice.html",
        status=402 if problem else 200,
        invoice=found,
        lines=found["lines"]["data"],
        choices=CHOICES,
        challenge=challenge,
        problem=problem,
    )


def _challenge(engine: Engine, found: Obj) -> str:
    """The bank's page, if it waits for somebody."""
    intent = engine.store.find(found[HIDDEN].get("intent") or "")
    return f"/3ds/payment_intent/{intent['id']}" if intent and intent["status"] == "requires_action" else ""


@get("/receipts/{name:str}")
async def receipt(simulator: Given[Simulator], pages: Given[Pages], name: FromPath[str]) -> Response[str]:
    found = simulator.engine.store.find(name)
    simulator.engine.rollback()
    if found is None or found["object"] != "charge":
        return pages.page("gone.html", status=404, said="There is no such receipt.", back=None)
    return pages.page("receipt.html", charge=found, merchant=simulator.engine.options.account_name)


PAPER_PAGES = [invoice, pay, receipt]
