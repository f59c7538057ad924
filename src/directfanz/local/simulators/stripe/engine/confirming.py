"""What happens when a payment is confirmed: the bank says yes, says no, or wants to see the card holder."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import charges, hooks, payment_methods
from directfanz.local.simulators.stripe.engine.cards import (
    DECLINES,
    FAILED_AUTHENTICATION,
    Decline,
    needs_authentication,
)
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, told
from directfanz.local.simulators.stripe.engine.errors import DOCS, CardRefusal, Refusal
from directfanz.local.simulators.stripe.engine.payment_methods import card_of, decline_of, put_on_file
from directfanz.local.simulators.stripe.store import Obj


def confirm_intent(
    engine: Engine,
    intent: Obj,
    *,
    off_session: bool,
    return_url: str | None = None,
    authenticated: bool = False,
    uses_mandate: bool = False,
) -> CardRefusal | None:
    """Returns the refusal rather than raising it: who pays an invoice decides what follows.

    An invoice uses the card as it was set up for, and yet asks the holder when the bank wants that (`uses_mandate`).
    """
    if not intent["payment_method"]:
        raise Refusal(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
            "method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
        )
    method = engine.get("payment_method", intent["payment_method"], "payment_method")
    card = card_of(method)
    set_up = method[HIDDEN]["set_up"]
    authenticated = bool(method[HIDDEN].pop("challenge_passed", False)) or authenticated
    if not authenticated and needs_authentication(card, off_session=off_session or uses_mandate, set_up=set_up):
        if off_session:
            return _declined(engine, intent, method, DECLINES["authentication_required"])
        _ask(engine, intent, "payment_intent", return_url)
        engine.store.save(intent)
        engine.emit("payment_intent.requires_action", intent)
        return None
    decline = decline_of(method)
    if decline:
        return _declined(engine, intent, method, decline)
    _succeed(engine, intent, method, authenticated)
    return None


def _ask(engine: Engine, intent: Obj, kind: str, return_url: str | None) -> None:
    """3-D Secure: a page of the bank's, which leads back."""
    url = f"{engine.options.public_url}/3ds/{kind}/{intent['id']}"
    intent["status"] = "requires_action"
    intent[HIDDEN]["return_url"] = return_url
    if return_url:
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": return_url}}
    else:
        sdk = {"type": "three_d_secure_redirect", "stripe_js": url, "source": f"src_{intent['id'][3:]}"}
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}


def _succeed(engine: Engine, intent: Obj, method: Obj, authenticated: bool) -> None:
    charge = charges.attempt(engine, intent, method, None, authenticated=authenticated)
    intent |= {"latest_charge": charge["id"], "next_action": None, "last_payment_error": None}
    if intent["setup_future_usage"] and intent["customer"]:
        method[HIDDEN]["set_up"] = True
        put_on_file(engine, method, intent["customer"])
        engine.store.save(method)
    engine.emit("charge.succeeded", charge)
    if intent["capture_method"] == "manual":
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        engine.store.save(intent)
        engine.emit("payment_intent.amount_capturable_updated", intent)
        return
    settle_capture(engine, intent, intent["amount"])
    if card_of(method).disputes:
        engine.set_timer(charge, "dispute.begin", engine.now_of(charge))
        engine.store.save(charge)


def settle_capture(engine: Engine, intent: Obj, amount: int) -> None:
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    engine.store.save(intent)
    engine.emit("payment_intent.succeeded", intent)
    hooks.tell(hooks.PAID, engine, intent)


def _declined(engine: Engine, intent: Obj, method: Obj, decline: Decline) -> CardRefusal:
    charge = charges.attempt(engine, intent, method, decline, authenticated=False)
    intent |= {
        "status": "requires_payment_method",
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": None,
        "last_payment_error": _problem(decline, method, charge["id"]),
    }
    engine.store.save(intent)
    engine.emit("charge.failed", charge)
    engine.emit("payment_intent.payment_failed", intent)
    hooks.tell(hooks.FAILED, engine, intent)
    return payment_methods.refusal_of(
        decline,
        charge=charge["id"],
        payment_intent=engine.snapshot(intent),
        payment_method=engine.snapshot(method),
        advice_code=charge["outcome"]["advice_code"],
        network_decline_code=charge["outcome"]["network_decline_code"],
    )


def _problem(decline: Decline, method: Obj, charge: str | None) -> Obj:
    problem = {
        "code": decline.code,
        "doc_url": f"{DOCS}/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": told(method),
        "type": "card_error",
    }
    if decline.decline_code:
        problem["decline_code"] = decline.decline_code
    return problem | ({"charge": charge} if charge else {})


def answer_challenge(engine: Engine, intent: Obj, *, passed: bool) -> None:
    """What the card holder did on the bank's page."""
    if intent["status"] != "requires_action":
        return
    method = engine.get("payment_method", intent["payment_method"])
    if passed:
        confirm_intent(engine, intent, off_session=False, authenticated=True)
        return
    intent |= {
        "status": "requires_payment_method",
        "next_action": None,
        "payment_method": None,
        "last_payment_error": _problem(FAILED_AUTHENTICATION, method, None),
    }
    engine.store.save(intent)
    engine.emit("payment_intent.payment_failed", intent)
    hooks.tell(hooks.FAILED, engine, intent)


def confirm_setup(
    engine: Engine, intent: Obj, *, return_url: str | None = None, authenticated: bool = False
) -> CardRefusal | None:
    """A card put on file for later, without a charge."""
    method = engine.get("payment_method", intent["payment_method"], "payment_method")
    card = card_of(method)
    if not authenticated and card.authentication in ("always", "unless_set_up"):
        _ask(engine, intent, "setup_intent", return_url)
        engine.store.save(intent)
        engine.emit("setup_intent.requires_action", intent)
        return None
    decline = DECLINES[card.declines] if card.declines and not card.attaches else None
    if decline:
        fail_setup(engine, intent, method, decline)
        return payment_methods.refusal_of(decline, setup_intent=engine.snapshot(intent))
    method[HIDDEN]["set_up"] = True
    engine.store.save(method)
    if intent["customer"]:
        put_on_file(engine, method, intent["customer"])
    intent |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    engine.store.save(intent)
    engine.emit("setup_intent.succeeded", intent)
    hooks.tell(hooks.SET_UP, engine, intent)
    return None


def fail_setup(engine: Engine, intent: Obj, method: Obj, decline: Decline) -> None:
    intent |= {"status": "requires_payment_method", "next_action": None, "payment_method": None}
    intent["last_setup_error"] = _problem(decline, method, None)
    engine.store.save(intent)
    engine.emit("setup_intent.setup_failed", intent)


def answer_setup_challenge(engine: Engine, intent: Obj, *, passed: bool) -> None:
    if intent["status"] != "requires_action":
        return
    if passed:
        confirm_setup(engine, intent, authenticated=True)
        return
    failed = Decline("setup_intent_authentication_failure", None, FAILED_AUTHENTICATION.message)
    fail_setup(engine, intent, engine.get("payment_method", intent["payment_method"]), failed)
