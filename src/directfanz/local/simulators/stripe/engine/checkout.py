"""docs.stripe.com/api/checkout/sessions: a page of Stripe's on which somebody pays, subscribes or leaves a card."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import coupons, setup_intents
from directfanz.local.simulators.stripe.engine.checkout_items import prepared, total
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid
from directfanz.local.simulators.stripe.engine.fields import CURRENCIES, metadata, minimum_charge, nothing
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj

SHORTEST_SECONDS, LONGEST_SECONDS = 30 * 60, 24 * 3600
ECHOED = (
    *[
        "allow_promotion_codes",
        "billing_address_collection",
        "cancel_url",
        "client_reference_id",
        "consent_collection",
        "locale",
    ],
    *[
        "customer_creation",
        "customer_email",
        "payment_method_collection",
        "redirect_on_completion",
        "return_url",
        "submit_type",
    ],
    *["success_url", "integration_identifier", "origin_context"],
)
_EMPTY = nothing(
    *["adaptive_pricing", "after_expiration", "amount_subtotal", "amount_total", "branding_settings", "client_secret"],
    *[
        "collected_information",
        "consent",
        "currency",
        "currency_conversion",
        "customer",
        "customer_account",
        "customer_details",
    ],
    *[
        "discounts",
        "excluded_payment_method_types",
        "invoice",
        "invoice_creation",
        "managed_payments",
        "name_collection",
    ],
    *["payment_intent", "payment_link", "payment_method_configuration_details", "permissions", "presentment_details"],
    *["recovered_from", "saved_payment_method_options", "setup_intent", "shipping_address_collection", "shipping_cost"],
    *["subscription", "tax_id_collection", "total_details", "wallet_options"],
)
# What is done with at completion, kept out of sight until then.
LATER = ("subscription_data", "payment_intent_data", "setup_intent_data", "customer_update")


def create(engine: Engine, params: Params) -> Obj:
    mode = params.get("mode", "payment")
    _check(params, mode)
    customer = engine.get("customer", params["customer"], "customer") if params.get("customer") else None
    session = engine.make(
        "cs_test", "checkout.session", _fields(engine, params, mode, customer), clock=_clock(customer)
    )
    _keep(session, params)
    session["url"] = f"{engine.options.public_url}/c/pay/{session['id']}"
    session[HIDDEN]["items"] = prepared(engine, params.get("line_items") or [], mode)
    session[HIDDEN]["discounts"] = _given_discounts(engine, params, customer)
    session["discounts"] = [{"coupon": None, "promotion_code": None, **one} for one in params.get("discounts") or []]
    if mode == "setup":
        session[HIDDEN]["lines"] = []
        session["setup_intent"] = _set_up(engine, session, customer)["id"]
    else:
        count(engine, session, customer["address"] if customer else None)
        _require_payable(session)
    engine.set_timer(session, "checkout.expire", session["expires_at"])
    engine.store.save(session)
    return session


def _clock(customer: Obj | None) -> str | None:
    return customer[HIDDEN]["clock"] if customer else None


def _check(params: Params, mode: str) -> None:
    if mode != "setup" and not params.get("line_items"):
        raise absent("line_items")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("ui_mode", "The simulator knows the hosted page only.")
    if not params.get("success_url"):
        raise absent("success_url")
    _check_addresses(params)
    if params.get("customer") and params.get("customer_email"):
        raise invalid("customer_email", "You may only specify one of these parameters: customer, customer_email.")
    if params.get("discounts") and params.get("allow_promotion_codes"):
        raise invalid("discounts", "You may only specify one of these parameters: allow_promotion_codes, discounts.")
    for owner, only in (("subscription_data", "subscription"), ("payment_intent_data", "payment")):
        if params.get(owner) and mode != only:
            raise invalid(owner, f"You can not pass `{owner}` in `{mode}` mode.")
    if params.get("currency") and params["currency"] not in CURRENCIES:
        raise invalid("currency", f"Invalid currency: {params['currency'][:10]}")


def _check_addresses(params: Params) -> None:
    for name in ("success_url", "cancel_url"):
        if params.get(name) and not params[name].startswith(("http://", "https://")):
            raise invalid(name, "Not a valid URL", "url_invalid")


def _fields(engine: Engine, params: Params, mode: str, customer: Obj | None) -> Obj:
    now = engine.now(_clock(customer))
    expires = params.get("expires_at", now + engine.options.session_hours * 3600)
    if "expires_at" in params and not now + SHORTEST_SECONDS <= expires <= now + LONGEST_SECONDS:
        raise invalid("expires_at", "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.")
    taxed = bool((params.get("automatic_tax") or {}).get("enabled"))
    echoed = {name: params.get(name) for name in ECHOED}
    fields = {
        **_EMPTY,
        **echoed,
        "automatic_tax": {
            "enabled": taxed,
            "liability": {"type": "self"} if taxed else None,
            "provider": "stripe" if taxed else None,
            "status": "requires_location_inputs" if taxed else None,
        },
        "custom_fields": [],
        "custom_text": nothing("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"),
        "customer": customer["id"] if customer else None,
        "expires_at": expires,
        "metadata": metadata(None, params.get("metadata")),
        "mode": mode,
        "payment_method_collection": params.get(
            "payment_method_collection", "always" if mode != "payment" else "if_required"
        ),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "payment_method_types": ["card"],
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "ui_mode": "hosted_page",
        "currency": params.get("currency"),
    }
    if mode == "payment":
        fields["customer_creation"] = params.get("customer_creation", "if_required")
    return fields


def _keep(session: Obj, params: Params) -> None:
    for name in LATER:
        session[HIDDEN][name] = params.get(name) or {}
    data = session[HIDDEN]["subscription_data"]
    session[HIDDEN]["trial"] = bool(data.get("trial_period_days") or data.get("trial_end"))
    session[HIDDEN]["discounted_by"] = params.get("discounts") or []


def _given_discounts(engine: Engine, params: Params, customer: Obj | None) -> list[str]:
    """Looked at now, redeemed at completion."""
    return [preview_discount(engine, one, customer) for one in params.get("discounts") or []]


def preview_discount(engine: Engine, given: Params, customer: Obj | None) -> str:
    promo = None
    if given.get("promotion_code"):
        promo = engine.get("promotion_code", given["promotion_code"], "discounts[0][promotion_code]")
        coupon = coupons.require_code(engine, promo, customer)
    else:
        coupon = engine.get("coupon", given.get("coupon"), "discounts[0][coupon]")
    if not coupons.current(engine, coupon)["valid"]:
        raise invalid("discounts", f"Coupon expired: {coupon['id']}", "coupon_expired")
    return str(coupons.discount(engine, coupon, promo, customer)["id"])


def count(engine: Engine, session: Obj, address: Obj | None, exempt: str | None = None) -> Obj:
    """The amounts as the page shows them; again whenever a code or a country is typed."""
    sums = total(engine, session, session[HIDDEN]["discounts"], address, exempt)
    off = sum(one["amount"] for one in sums["total_discount_amounts"])
    session |= {
        "amount_subtotal": sums["subtotal"],
        "amount_total": sums["total"],
        "currency": sums["lines"]["data"][0]["currency"],
        "total_details": {
            "amount_discount": off,
            "amount_shipping": 0,
            "amount_tax": sum(one["amount"] for one in sums["total_taxes"]),
        },
    }
    if session["automatic_tax"]["enabled"] and address and address.get("country"):
        session["automatic_tax"]["status"] = "complete"
    session[HIDDEN]["lines"] = sums["lines"]["data"]
    engine.store.save(session)
    return sums


def _require_payable(session: Obj) -> None:
    amount, code = session["amount_total"], session["currency"]
    if session["mode"] == "payment" and 0 < amount < minimum_charge(code):
        said = f"The Checkout Session's total amount due must add up to at least {minimum_charge(code)} {code}"
        raise Refusal(said, code="amount_too_small")


def _set_up(engine: Engine, session: Obj, customer: Obj | None) -> Obj:
    data = session[HIDDEN]["setup_intent_data"]
    intent = setup_intents.begin(engine, customer)
    intent["metadata"] = metadata(None, data.get("metadata"))
    intent["description"] = data.get("description")
    intent[HIDDEN]["session"] = session["id"]
    engine.store.save(intent)
    engine.emit("setup_intent.created", intent)
    return intent


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("checkout.session", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    session = engine.get("checkout.session", name)
    session["metadata"] = metadata(session["metadata"], params.get("metadata"))
    engine.store.save(session)
    return session


def expire(engine: Engine, name: str, _: Params) -> Obj:
    session = engine.get("checkout.session", name)
    if session["status"] != "open":
        raise Refusal(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"{session['status']}."
        )
    run_out(engine, session)
    return session


@on_timer("checkout.expire")
def run_out(engine: Engine, session: Obj) -> None:
    if session["status"] != "open":
        return
    session |= {"status": "expired", "url": None}
    engine.set_timer(session, "checkout.expire", None)
    engine.store.save(session)
    engine.emit("checkout.session.expired", session)


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(
        engine,
        "checkout.session",
        params,
        "/v1/checkout/sessions",
        customer=params.get("customer"),
        payment_intent=params.get("payment_intent"),
        subscription=params.get("subscription"),
        status=params.get("status"),
    )
