"""Checkout: docs.stripe.com/payments/checkout. Each test card is a button, and any of them can be typed."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency as Given
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect

from directfanz.local.simulators.stripe.engine import checkout, coupons
from directfanz.local.simulators.stripe.engine.cards import DECLINES, FAILED_AUTHENTICATION
from directfanz.local.simulators.stripe.engine.checkout_items import line_items_of
from directfanz.local.simulators.stripe.engine.completing import Submission, complete, wants_challenge
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.payment_methods import card_numbered, make
from directfanz.local.simulators.stripe.pages.words import CHOICES, COUNTRIES, every, origin
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.local.simulators.stripe.store import Obj
from directfanz.local.small_web.pages import Pages

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/c/pay/{name:str}")
async def show(
    simulator: Given[Simulator], pages: Given[Pages], name: FromPath[str], refused: FromQuery[str] = ""
) -> Response[str]:
    session = _find(simulator.engine, name)
    if session is None:
        return pages.page("gone.html", status=404, said="There is no such checkout.", back=None)
    page = _page(
        simulator, pages, session, session[HIDDEN].get("typed", {}), problem=_said_by_bank(refused) if refused else None
    )
    simulator.engine.rollback()
    return page


@post("/c/pay/{name:str}", status_code=200)
async def submit(
    simulator: Given[Simulator], pages: Given[Pages], name: FromPath[str], data: Form
) -> Response[str] | Redirect:
    session = _find(simulator.engine, name)
    if session is None:
        return pages.page("gone.html", status=404, said="There is no such checkout.", back=None)
    try:
        if session["status"] != "open":
            return _page(simulator, pages, session, data)
        with simulator.engine.books(session[HIDDEN]["account"]):
            return _submitted(simulator, pages, session, data)
    finally:
        simulator.engine.rollback()


def _submitted(simulator: Simulator, pages: Pages, session: Obj, data: dict[str, str]) -> Response[str] | Redirect:
    engine = simulator.engine
    try:
        if data.get("do") == "count":
            _apply(engine, session, data)
            engine.commit()
            return _page(simulator, pages, _again(engine, session), data)
        return _pay(engine, session, data)
    except Refusal as refusal:
        engine.rollback()
        return _page(simulator, pages, _again(engine, session), data, problem=refusal)


def _apply(engine: Engine, session: Obj, data: dict[str, str]) -> None:
    """A promotion code that was typed, and the tax of a country."""
    code = data.get("promotion", "").strip()
    if code and session["allow_promotion_codes"]:
        promo = coupons.active_code(engine, code)
        if promo is None:
            raise Refusal("This code is invalid.", param="promotion")
        customer = engine.find("customer", session["customer"])
        coupons.require_code(engine, promo, customer, session["amount_subtotal"])
        given = {"promotion_code": promo["id"]}
        session[HIDDEN]["discounts"] = [checkout.preview_discount(engine, given, customer)]
        session[HIDDEN]["discounted_by"] = [given]
        session["discounts"] = [{"coupon": promo["promotion"]["coupon"], "promotion_code": promo["id"]}]
    if session["mode"] != "setup":
        checkout.count(engine, session, {"country": data.get("country") or None, "state": data.get("state") or None})


def _pay(engine: Engine, session: Obj, data: dict[str, str]) -> Redirect:
    method = _method(engine, session, data)
    if method is not None and wants_challenge(session, method):
        session[HIDDEN]["typed"] = {
            key: data.get(key, "") for key in ("email", "name", "country", "state", "postal_code")
        }
        session[HIDDEN]["typed"]["method"] = method["id"]
        engine.store.save(session)
        engine.store.save(method)
        engine.commit()
        return Redirect(f"/3ds/checkout/{session['id']}", status_code=303)
    complete(engine, session, submission_of(data, method))
    address = success_address(session)
    engine.commit()
    return Redirect(address, status_code=303)


def submission_of(data: dict[str, str], method: Obj | None, *, authenticated: bool = False) -> Submission:
    return Submission(
        data.get("email", "").strip(),
        data.get("name", "").strip(),
        data.get("country", ""),
        method,
        data.get("state", ""),
        data.get("postal_code", ""),
        authenticated,
    )


def success_address(session: Obj) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _method(engine: Engine, session: Obj, data: dict[str, str]) -> Obj | None:
    """A button's card, one on file, or the one that was typed. Nothing due and no card wanted: none."""
    free = session["mode"] == "payment" and not session["amount_total"]
    if free or (session["mode"] == "subscription" and _needs_no_card(session)):
        return None
    _require_filled_in(session, data)
    if data.get("on_file"):
        return engine.get("payment_method", data["on_file"])
    pressed = data.get("test_card", "")
    if pressed:
        typed = {
            "number": pressed,
            "exp_month": 12,
            "exp_year": 2099,
            "cvc": "1234" if pressed.startswith("37") else "123",
        }
    else:
        month, _, year = data.get("expiry", "").replace(" ", "").partition("/")
        whole = f"20{year}" if len(year) == 2 else year
        typed = {"number": data.get("card", ""), "cvc": data.get("cvc", "")}
        typed |= {"exp_month": month if month.isdigit() else 0, "exp_year": whole if whole.isdigit() else 0}
    return make(engine, card_numbered(engine, typed), {}, typed)


def _require_filled_in(session: Obj, data: dict[str, str]) -> None:
    if "@" not in data.get("email", "") and not session["customer"]:
        raise Refusal("Please type an email address.", param="email")
    if session["automatic_tax"]["enabled"] and not data.get("country"):
        raise Refusal("Please choose your country: the tax depends on it.", param="country")


def _needs_no_card(session: Obj) -> bool:
    return session["payment_method_collection"] == "if_required" and not session["amount_total"]


def _find(engine: Engine, name: str) -> Obj | None:
    session = engine.store.find(name)
    return session if session and session["object"] == "checkout.session" else None


def _again(engine: Engine, session: Obj) -> Obj:
    found = engine.store.find(session["id"])
    assert found is not None
    return found


def _page(
    simulator: Simulator, pages: Pages, session: Obj, typed: dict[str, str], problem: Refusal | None = None
) -> Response[str]:
    engine = simulator.engine
    back = session["cancel_url"]
    if session["status"] != "open":
        said = "This has been paid." if session["status"] == "complete" else "This checkout has expired."
        where = success_address(session) if session["status"] == "complete" else back
        return pages.page("gone.html", status=200, said=said, back=where)
    with engine.books(session[HIDDEN]["account"]):
        shown = _shown(engine, session, typed)
    return pages.page(
        "pay.html",
        status=402 if problem and problem.status == 402 else 400 if problem else 200,
        forms_lead_to=origin(session["success_url"]),
        merchant=engine.options.account_name,
        session=session,
        typed=typed,
        problem=problem,
        choices=CHOICES,
        countries=COUNTRIES,
        **shown,
    )


def _shown(engine: Engine, session: Obj, typed: dict[str, str]) -> dict[str, Any]:
    customer = engine.find("customer", session["customer"])
    items = [] if session["mode"] == "setup" else line_items_of(engine, session["id"])["data"]
    on_file = []
    if customer:
        on_file = list(engine.newest("payment_method", "customer", customer["id"]))
    country = typed.get("country") or ((customer or {}).get("address") or {}).get("country") or ""
    recurring = next((item["price"]["recurring"] for item in items if item["price"]["recurring"]), None)
    return {
        "items": items,
        "customer": customer,
        "on_file": on_file,
        "email": typed.get("email") or (customer or {}).get("email") or session["customer_email"] or "",
        "country": country,
        "every": every(recurring),
        "trial_days": session[HIDDEN]["subscription_data"].get("trial_period_days"),
        "needs_card": not (session["mode"] != "setup" and not session["amount_total"] and _is_free(session)),
    }


def _is_free(session: Obj) -> bool:
    return session["mode"] == "payment" or _needs_no_card(session)


def _said_by_bank(code: str) -> Refusal:
    """Why somebody comes back from the bank's page."""
    decline = next((one for one in DECLINES.values() if one.code == code), FAILED_AUTHENTICATION)
    return Refusal(decline.message, code=decline.code, status=402)


PAYING_PAGES = [show, submit]
