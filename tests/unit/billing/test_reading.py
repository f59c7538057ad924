from __future__ import annotations

import msgspec
import pytest
import stripe

from directfanz.backends.billing.contract import BalanceTooLow, CardRefused
from directfanz.backends.billing.stripe import reading, shapes
from directfanz.backends.billing.stripe.faults import translated
from directfanz.errors import NotFound, Rejected, Unavailable
from directfanz.kit.money import Money


@pytest.mark.parametrize(
    ("money", "counted"),
    [(Money(1050, "USD"), 1050), (Money(900, "JPY"), 900), (Money(900, "ISK"), 90_000), (Money(5, "KWD"), 5)],
)
def test_amounts_go_and_come_as_they_are_counted(money: Money, counted: int) -> None:
    assert reading.minor(money) == counted
    assert reading.amount(counted, money.currency.lower()) == money


def test_a_part_of_the_smallest_unit_is_refused() -> None:
    with pytest.raises(Rejected):
        reading.amount(150, "isk")


def card_error(code: str, decline: str | None = None) -> stripe.CardError:
    told = {"error": {"code": code, "decline_code": decline, "type": "card_error"}}
    return stripe.CardError("no", None, code, http_status=402, json_body=told)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("code", "decline", "reason"),
    [
        ("card_declined", "generic_decline", "declined"),
        ("card_declined", "do_not_honor", "declined"),
        ("card_declined", "insufficient_funds", "insufficient_funds"),
        ("card_declined", "stolen_card", "declined"),
        ("card_declined", "expired_card", "expired_card"),
        ("expired_card", "expired_card", "expired_card"),
        ("incorrect_cvc", "incorrect_cvc", "wrong_details"),
        ("incorrect_number", None, "wrong_details"),
        ("authentication_required", "authentication_required", "authentication_needed"),
        ("subscription_payment_intent_requires_action", None, "authentication_needed"),
        ("a_code_of_next_year", "another", "declined"),
    ],
)
def test_refused_cards(code: str, decline: str | None, reason: str) -> None:
    error = translated(card_error(code, decline))
    assert isinstance(error, CardRefused)
    assert error.reason == reason
    assert error.message.endswith(".")


def invalid(
    code: str | None, status: int = 400, message: str = "no", kind: type = stripe.InvalidRequestError
) -> Exception:
    told = {"error": {"code": code, "message": message}}
    if kind is stripe.InvalidRequestError:
        return translated(stripe.InvalidRequestError(message, "x", code, http_status=status, json_body=told))  # type: ignore[no-untyped-call]
    return translated(kind(message, http_status=status, json_body=told))


def test_everything_else_that_stripe_says_no_with() -> None:
    assert isinstance(invalid("resource_missing", 404), NotFound)
    assert isinstance(invalid("resource_missing", 400), NotFound)
    assert isinstance(invalid("account_invalid", 403, kind=stripe.PermissionError), NotFound)
    assert isinstance(invalid(None, 403, kind=stripe.PermissionError), Unavailable)
    assert isinstance(invalid(None, 429, kind=stripe.RateLimitError), Unavailable)
    assert isinstance(invalid(None, 500, kind=stripe.APIError), Unavailable)
    assert isinstance(invalid("idempotency_key_in_use", 409, kind=stripe.APIError), Unavailable)
    assert isinstance(invalid(None, 400, kind=stripe.IdempotencyError), Rejected)
    assert isinstance(invalid("balance_insufficient"), BalanceTooLow)
    assert type(invalid("parameter_unknown")) is Rejected
    none = invalid(None, message="This customer has no attached payment source or default payment method.")
    assert isinstance(none, CardRefused)
    assert none.reason == "no_card"


def test_a_refused_key_is_not_quoted() -> None:
    error = translated(stripe.AuthenticationError("Invalid API Key provided: sk_live_abcd", http_status=401))
    assert isinstance(error, Unavailable)
    assert "sk_live" not in error.message


SUBSCRIPTION = {
    "id": "sub_1",
    "customer": "cus_1",
    "status": "active",
    "items": {
        "data": [
            {
                "id": "si_1",
                "current_period_start": 1,
                "current_period_end": 2,
                "price": {"id": "p", "currency": "usd", "unit_amount": 5, "recurring": {"interval": "month"}},
            }
        ]
    },
}


def test_shapes_that_are_not_ours_are_refused() -> None:
    two = msgspec.convert({**SUBSCRIPTION, "items": {"data": SUBSCRIPTION["items"]["data"] * 2}}, shapes.Subscription)  # type: ignore[index]
    with pytest.raises(Rejected):
        reading.subscription(two)
    weekly = msgspec.convert(SUBSCRIPTION, shapes.Subscription)
    weekly.items.data[0].price.recurring = shapes.Recurring(interval="week")
    with pytest.raises(Rejected):
        reading.subscription(weekly)


def test_a_date_to_cancel_at_is_a_cancellation_too() -> None:
    found = msgspec.convert({**SUBSCRIPTION, "cancel_at": 2}, shapes.Subscription)
    assert reading.subscription(found).cancels_at_end
