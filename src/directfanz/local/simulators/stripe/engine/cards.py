"""Stripe's test cards and what becomes of each: docs.stripe.com/testing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Authentication = Literal["never", "always", "unless_set_up", "once_set_up"]


@dataclass(frozen=True, slots=True)
class Decline:
    """As in docs.stripe.com/declines/codes."""

    code: str
    decline_code: str | None
    message: str


DECLINES = {
    "generic_decline": Decline("card_declined", "generic_decline", "Your card was declined."),
    "insufficient_funds": Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "lost_card": Decline("card_declined", "lost_card", "Your card was declined."),
    "stolen_card": Decline("card_declined", "stolen_card", "Your card was declined."),
    "fraudulent": Decline("card_declined", "fraudulent", "Your card was declined."),
    "expired_card": Decline("expired_card", "expired_card", "Your card has expired."),
    "incorrect_cvc": Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": Decline(
        "processing_error",
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "card_velocity_exceeded": Decline(
        "card_declined",
        "card_velocity_exceeded",
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    ),
    "authentication_required": Decline(
        "authentication_required",
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
}
FAILED_AUTHENTICATION = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)


@dataclass(frozen=True, slots=True)
class TestCard:
    """`attaches` is whether a declining card can be put on file nevertheless."""

    __test__ = False

    number: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    declines: str = ""
    attaches: bool = False
    authentication: Authentication = "never"
    disputes: str = ""
    at_once: bool = False
    refunds: Literal["succeed", "pending", "fail"] = "succeed"

    @property
    def last4(self) -> str:
        return self.number[-4:]


_ALL = (
    TestCard("4242424242424242"),
    TestCard("4000056655665556", funding="debit"),
    TestCard("5555555555554444", brand="mastercard"),
    TestCard("5200828282828210", brand="mastercard", funding="debit"),
    TestCard("378282246310005", brand="amex"),
    TestCard("6011111111111117", brand="discover"),
    TestCard("4000008260000000", country="GB"),
    TestCard("4000002760000016", country="DE"),
    TestCard("4000002500000003", country="FR"),
    TestCard("4000003720000005", country="IE"),
    TestCard("4000000000000002", declines="generic_decline"),
    TestCard("4000000000009995", declines="insufficient_funds"),
    TestCard("4000000000009987", declines="lost_card"),
    TestCard("4000000000009979", declines="stolen_card"),
    TestCard("4000000000000069", declines="expired_card"),
    TestCard("4000000000000127", declines="incorrect_cvc"),
    TestCard("4000000000000119", declines="processing_error"),
    TestCard("4000000000006975", declines="card_velocity_exceeded"),
    TestCard("4100000000000019", declines="fraudulent"),
    TestCard("4000000000000341", declines="generic_decline", attaches=True),
    TestCard("4000002500003155", country="FR", authentication="unless_set_up"),
    TestCard("4000002760003184", country="DE", authentication="always"),
    TestCard("4000003800000446", country="TH", authentication="once_set_up"),
    TestCard("4000000000003220", authentication="unless_set_up"),
    TestCard("4000008260003178", country="GB", authentication="always", declines="insufficient_funds", attaches=True),
    TestCard("4000000000000259", disputes="fraudulent"),
    TestCard("4000000000002685", disputes="product_not_received"),
    TestCard("4000000000001976", disputes="inquiry"),
    TestCard("4000000000000077", at_once=True),
    TestCard("4000000000007726", refunds="pending"),
    TestCard("4000000000005126", refunds="fail"),
)
BY_NUMBER = {card.number: card for card in _ALL}

BY_TOKEN = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_debit": "5200828282828210",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "us": "4242424242424242",
    "gb": "4000008260000000",
    "de": "4000002760000016",
    "fr": "4000002500000003",
    "ie": "4000003720000005",
    "chargeDeclined": "4000000000000002",
    "visa_chargeDeclined": "4000000000000002",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedLostCard": "4000000000009987",
    "visa_chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "visa_chargeDeclinedVelocityLimitExceeded": "4000000000006975",
    "chargeDeclinedFraudulent": "4100000000000019",
    "chargeCustomerFail": "4000000000000341",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "threeDSecure2Required": "4000000000003220",
    "createDispute": "4000000000000259",
    "createDisputeProductNotReceived": "4000000000002685",
    "createDisputeInquiry": "4000000000001976",
    "bypassPending": "4000000000000077",
    "pendingRefund": "4000000000007726",
    "refundFail": "4000000000005126",
}


def card_of_token(name: str) -> TestCard | None:
    """`pm_card_visa`, `tok_visa`."""
    for prefix in ("pm_card_", "tok_"):
        if name.startswith(prefix) and (number := BY_TOKEN.get(name.removeprefix(prefix))):
            return BY_NUMBER[number]
    return None


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit if place % 2 == 0 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0


def needs_authentication(card: TestCard, *, off_session: bool, set_up: bool) -> bool:
    """Whether the bank wants to see the card holder (3-D Secure), by how the card is used."""
    if card.authentication == "always":
        return True
    if card.authentication == "unless_set_up":
        return not (off_session and set_up)
    if card.authentication == "once_set_up":
        return not off_session
    return False
