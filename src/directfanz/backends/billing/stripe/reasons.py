"""Why a card was refused, in our few words and in a sentence for its owner: docs.stripe.com/declines/codes."""

from __future__ import annotations

from typing import Final

from directfanz.backends.billing.contract import CardRefused, Reason

SENTENCES: Final[dict[Reason, str]] = {
    "declined": "Your bank declined the card. Try another card, or ask your bank why.",
    "insufficient_funds": "There is not enough money on the card. Try another card, or try again later.",
    "expired_card": "The card has expired. Add a new one and try again.",
    "authentication_needed": "Your bank wants you to confirm the payment. Pay again and follow its steps.",
    "wrong_details": "The number, the date or the security code of the card is wrong. Check them and try again.",
    "no_card": "There is no card to pay with. Add one and try again.",
}
REASONS: Final[dict[str, Reason]] = {
    "insufficient_funds": "insufficient_funds",
    "withdrawal_count_limit_exceeded": "insufficient_funds",
    "card_velocity_exceeded": "insufficient_funds",
    "expired_card": "expired_card",
    "invalid_expiry_month": "wrong_details",
    "invalid_expiry_year": "wrong_details",
    "incorrect_number": "wrong_details",
    "invalid_number": "wrong_details",
    "invalid_account": "wrong_details",
    "incorrect_cvc": "wrong_details",
    "invalid_cvc": "wrong_details",
    "incorrect_zip": "wrong_details",
    "incorrect_address": "wrong_details",
    "incorrect_pin": "wrong_details",
    "authentication_required": "authentication_needed",
    "authentication_not_handled": "authentication_needed",
    "payment_intent_action_required": "authentication_needed",
    "payment_intent_authentication_failure": "authentication_needed",
    "subscription_payment_intent_requires_action": "authentication_needed",
    "invoice_payment_intent_requires_action": "authentication_needed",
    "setup_intent_authentication_failure": "authentication_needed",
    "approve_with_id": "declined",
}


def refused(reason: Reason) -> CardRefused:
    return CardRefused(SENTENCES[reason], reason)


def reason_of(code: str, decline_code: str) -> Reason:
    """The bank's own word says more than Stripe's; `do_not_honor` and thirty others mean no more than no."""
    for word in (decline_code, code):
        if word in REASONS:
            return REASONS[word]
    return "declined"
