"""The bank's page of 3-D Secure."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from litestar import Response, get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.local.simulators.stripe.engine.completing import complete
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.pages.paying import Form, submission_of, success_address
from directfanz.local.simulators.stripe.pages.words import origin
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.local.simulators.stripe.store import Obj
from directfanz.local.small_web.pages import Pages

KINDS = {"checkout": "checkout.session", "payment_intent": "payment_intent", "setup_intent": "setup_intent"}


@get("/3ds/{kind:str}/{name:str}")
async def ask(
    simulator: Given[Simulator], pages: Given[Pages], kind: FromPath[str], name: FromPath[str]
) -> Response[str]:
    found = _waiting(simulator.engine, kind, name)
    if found is None:
        simulator.engine.rollback()
        return pages.page("gone.html", status=404, said="Your bank has nothing to ask here.", back=None)
    page = pages.page(
        "challenge.html",
        forms_lead_to=origin(_goes_back_to(found)),
        amount=found.get("amount") or found.get("amount_total"),
        currency=found.get("currency"),
        merchant=simulator.engine.options.account_name,
    )
    simulator.engine.rollback()
    return page


@post("/3ds/{kind:str}/{name:str}", status_code=200)
async def answer(
    simulator: Given[Simulator], pages: Given[Pages], kind: FromPath[str], name: FromPath[str], data: Form
) -> Response[str] | Redirect:
    passed = data.get("answer") == "pass"
    found = _waiting(simulator.engine, kind, name)
    if found is None:
        return pages.page("gone.html", status=404, said="Your bank has nothing to ask here.", back=None)
    if kind == "checkout":
        return _checkout(simulator, found, passed)
    where = _goes_back_to(found)
    told = {kind: name, f"{kind}_client_secret": found["client_secret"]}
    simulator.answer_challenge(name, passed=passed)
    status = "succeeded" if passed else "failed"
    if not where:
        said = "Done. You can close this page." if passed else "Your bank refused. You can close this page."
        return pages.page("gone.html", said=said, back=None)
    joiner = "&" if urlsplit(where).query else "?"
    return Redirect(f"{where}{joiner}{urlencode(told | {'redirect_status': status})}", status_code=303)


def _checkout(simulator: Simulator, session: Obj, passed: bool) -> Redirect:
    engine, name = simulator.engine, session["id"]
    if not passed:
        engine.rollback()
        return Redirect(f"/c/pay/{name}?refused=bank", status_code=303)
    typed = session[HIDDEN].pop("typed")
    try:
        with engine.books(session[HIDDEN]["account"]):
            method = engine.get("payment_method", typed["method"])
            complete(engine, session, submission_of(typed, method, authenticated=True))
        address = success_address(session)
        engine.commit()
    except Refusal as refusal:
        engine.rollback()
        return Redirect(f"/c/pay/{name}?{urlencode({'refused': refusal.code or 'bank'})}", status_code=303)
    return Redirect(address, status_code=303)


def _waiting(engine: Engine, kind: str, name: str) -> Obj | None:
    found = engine.store.find(name)
    if found is None or found["object"] != KINDS.get(kind):
        return None
    if kind == "checkout":
        return found if found["status"] == "open" and "typed" in found[HIDDEN] else None
    return found if found["status"] == "requires_action" else None


def _goes_back_to(found: Obj) -> str:
    if found["object"] == "checkout.session":
        return str(found["success_url"])
    if found[HIDDEN].get("return_url"):
        return str(found[HIDDEN]["return_url"])
    return f"/invoices/{found[HIDDEN]['invoice']}" if found[HIDDEN].get("invoice") else ""


BANK_PAGES = [ask, answer]
