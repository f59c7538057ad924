"""What Stripe says no with, in our words: docs.stripe.com/error-codes."""

from __future__ import annotations

import stripe

from directfanz.backends.billing.contract import BalanceTooLow
from directfanz.backends.billing.stripe.reasons import REASONS, reason_of, refused
from directfanz.errors import DirectFanzError, NotFound, Rejected, Unavailable

RETRY_AFTER_SECONDS = 5
FUNDS_ARRIVE_SECONDS = 3600
_NO_CARD = (
    "no attached payment source",
    "no `default_payment_method`",
    "cannot charge a customer that has no active card",
)
# Said with 400, though time or an operator mends them and the request is right.
_LATER = frozenset({"lock_timeout", "idempotency_key_in_use", "rate_limit"})


def translated(error: stripe.StripeError) -> DirectFanzError:
    if isinstance(error, stripe.CardError):
        return refused(reason_of(code_of(error), _said(error, "decline_code")))
    if isinstance(error, stripe.APIConnectionError):
        return Unavailable("Stripe does not answer.", retry_after_seconds=RETRY_AFTER_SECONDS)
    if isinstance(error, stripe.AuthenticationError):  # its message quotes a part of the key
        return Unavailable("Stripe refuses our key; DIRECTFANZ_STRIPE_SECRET_KEY has to be looked at.")
    status = error.http_status or 503
    if status >= 500 or status in (408, 409, 429) or isinstance(error, stripe.RateLimitError):
        return Unavailable(f"Stripe answered {status}.", retry_after_seconds=RETRY_AFTER_SECONDS)
    return _of_request(error, status)


def _of_request(error: stripe.StripeError, status: int) -> DirectFanzError:
    text, code = (error.user_message or "no reason given")[:300], code_of(error)
    if any(sign in text for sign in _NO_CARD):
        return refused("no_card")
    if REASONS.get(code) == "authentication_needed":
        return refused("authentication_needed")
    if code in ("resource_missing", "account_invalid") or status == 404:
        return NotFound(f"Stripe does not know it: {text}")
    if code == "balance_insufficient":
        return BalanceTooLow(f"There is not enough at Stripe yet: {text}", retry_after_seconds=FUNDS_ARRIVE_SECONDS)
    if code in _LATER or status == 403:
        return Unavailable(f"Stripe could not do it now: {text}", retry_after_seconds=RETRY_AFTER_SECONDS)
    where = f" ({error.request_id})" if error.request_id else ""
    return Rejected(f"Stripe refused the request: {code or status}: {text}{where}")


def is_their_fault(error: stripe.StripeError) -> bool:
    """Stripe is away or ill, which the breaker counts. Too fast a pace is our fault and says that it is well."""
    if isinstance(error, stripe.APIConnectionError):
        return True
    return isinstance(error, stripe.APIError) and (error.http_status or 503) >= 500


def code_of(error: stripe.StripeError) -> str:
    """Not all of the SDK's errors carry it on."""
    return error.code or _said(error, "code")


def _said(error: stripe.StripeError, name: str) -> str:
    body = error.json_body
    told = body.get("error") if isinstance(body, dict) else None
    return str(told.get(name) or "") if isinstance(told, dict) else ""
