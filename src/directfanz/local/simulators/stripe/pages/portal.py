"""The customer portal: cards, subscriptions, invoices (docs.stripe.com/customer-management)."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.local.simulators.stripe.engine import customers, payment_methods, subscriptions
from directfanz.local.simulators.stripe.engine.cancelling import ENDED
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.payment_methods import card_numbered, make
from directfanz.local.simulators.stripe.engine.sub_items import period_of
from directfanz.local.simulators.stripe.pages.paying import Form
from directfanz.local.simulators.stripe.pages.words import CHOICES
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.local.simulators.stripe.store import Obj
from directfanz.local.small_web.pages import Pages

INVOICES_SHOWN = 12


@get("/p/session/{name:str}")
async def show(simulator: Given[Simulator], pages: Given[Pages], name: FromPath[str]) -> Response[str]:
    page = _page(simulator.engine, pages, name)
    simulator.engine.rollback()
    return page


@post("/p/session/{name:str}", status_code=200)
async def act(
    simulator: Given[Simulator], pages: Given[Pages], name: FromPath[str], data: Form
) -> Response[str] | Redirect:
    engine = simulator.engine
    session = _session(engine, name)
    if session is None:
        return _page(engine, pages, name)
    try:
        with engine.books(session[HIDDEN]["account"]):
            _do(engine, session["customer"], data)
        engine.commit()
    except Refusal as refusal:
        engine.rollback()
        page = _page(engine, pages, name, refusal)
        engine.rollback()
        return page
    return Redirect(f"/p/session/{name}", status_code=303)


def _do(engine: Engine, customer: str, data: dict[str, str]) -> None:
    """Only what belongs to this customer."""
    what, _, which = data.get("do", "").partition(":")
    if what in ("cancel", "renew"):
        sub = engine.get("subscription", which)
        if sub["customer"] != customer:
            raise Refusal("This subscription is somebody else's.")
        subscriptions.update(engine, which, {"cancel_at_period_end": what == "cancel"})
    elif what == "default":
        customers.update(engine, customer, {"invoice_settings": {"default_payment_method": which}})
    elif what == "remove":
        if engine.get("payment_method", which)["customer"] == customer:
            payment_methods.detach(engine, which, {})
    elif data.get("test_card"):
        typed = {"number": data["test_card"], "exp_month": 12, "exp_year": 2099, "cvc": "123"}
        method = make(engine, card_numbered(engine, typed), {}, typed)
        payment_methods.attach(engine, method["id"], {"customer": customer})
        method[HIDDEN]["set_up"] = True
        engine.store.save(method)
        customers.update(engine, customer, {"invoice_settings": {"default_payment_method": method["id"]}})


def _session(engine: Engine, name: str) -> Obj | None:
    found = engine.store.find(name)
    return found if found and found["object"] == "billing_portal.session" else None


def _page(engine: Engine, pages: Pages, name: str, problem: Refusal | None = None) -> Response[str]:
    session = _session(engine, name)
    if session is None:
        return pages.page("gone.html", status=404, said="There is no such page.", back=None)
    with engine.books(session[HIDDEN]["account"]):
        customer = engine.get("customer", session["customer"])
        found = [sub for sub in engine.newest("subscription", "customer", customer["id"]) if sub["status"] not in ENDED]
        invoices = engine.newest("invoice", "customer", customer["id"])
        return pages.page(
            "portal.html",
            status=400 if problem else 200,
            merchant=engine.options.account_name,
            session=session,
            customer=customer,
            subscriptions=[(sub, period_of(sub)[1], _names(engine, sub)) for sub in found],
            methods=list(engine.newest("payment_method", "customer", customer["id"])),
            invoices=[one for one, _ in zip(invoices, range(INVOICES_SHOWN), strict=False) if one["status"] != "draft"],
            choices=CHOICES,
            problem=problem,
        )


def _names(engine: Engine, sub: Obj) -> str:
    products = (engine.store.find(item["price"]["product"]) for item in sub["items"]["data"])
    return ", ".join(product["name"] for product in products if product)


PORTAL_PAGES = [show, act]
