"""Cards, one-time payments, refunds, disputes: docs.stripe.com/testing and docs.stripe.com/payments."""

from __future__ import annotations

import pytest
import stripe

from tests.conformance.stripe.conftest import Shop, refused

DECLINING = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
]


async def test_a_payment_that_works(shop: Shop) -> None:
    intent = shop.pay(1000, metadata={"order": "7"}, expand=["latest_charge.balance_transaction"])
    assert (intent.status, intent.amount_received) == ("succeeded", 1000)
    charge = intent.latest_charge
    assert (charge.paid, charge.metadata["order"], charge.outcome.type) == (True, "7", "authorized")
    entry = charge.balance_transaction
    assert (entry.type, entry.amount, entry.fee, entry.net, entry.status) == ("charge", 1000, 59, 941, "pending")
    assert shop.heard() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize(("card", "code", "decline"), DECLINING)
async def test_declines(shop: Shop, card: str, code: str, decline: str) -> None:
    """docs.stripe.com/testing#declined-payments: 402, with the payment intent in the error."""
    error = refused(lambda: shop.pay(card=card))
    assert isinstance(error, stripe.CardError)
    assert (error.http_status, error.code) == (402, code)
    assert error.error is not None
    assert error.error.decline_code == decline
    assert error.error.doc_url
    assert error.error.payment_intent
    intent = shop.api.payment_intents.retrieve(error.error.payment_intent.id)
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", code)
    assert shop.api.charges.retrieve(error.error.charge).failure_code == code
    assert shop.heard()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


@pytest.mark.parametrize(("card", "code", "decline"), DECLINING)
async def test_a_card_that_is_declined_is_not_put_on_file(shop: Shop, card: str, code: str, decline: str) -> None:
    ben = shop.customer(card=None)
    error = refused(shop.api.payment_methods.attach, card, {"customer": ben.id})
    assert (error.code, error.error.decline_code) == (code, decline)


async def test_the_card_that_attaches_and_then_fails(shop: Shop) -> None:
    ben = shop.customer("pm_card_chargeCustomerFail")
    method = ben.invoice_settings.default_payment_method
    assert refused(lambda: shop.pay(card=method, customer=ben.id)).code == "card_declined"


async def test_the_bank_asks(shop: Shop) -> None:
    """docs.stripe.com/payments/3d-secure: requires_action, a page to go to, and back."""
    intent = shop.pay(card="pm_card_authenticationRequired", return_url="https://fans.example/back")
    assert intent.status == "requires_action"
    assert intent.next_action.redirect_to_url.return_url == "https://fans.example/back"
    assert intent.next_action.redirect_to_url.url.endswith(intent.id)
    shop.simulator.answer_challenge(intent.id)
    assert shop.api.payment_intents.retrieve(intent.id).status == "succeeded"


async def test_the_bank_asks_and_nobody_answers_right(shop: Shop) -> None:
    intent = shop.pay(card="pm_card_authenticationRequired")
    assert intent.next_action.type == "use_stripe_sdk"
    shop.simulator.answer_challenge(intent.id, passed=False)
    failed = shop.api.payment_intents.retrieve(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"


async def test_nobody_is_there_to_be_asked(shop: Shop) -> None:
    ben = shop.customer("pm_card_authenticationRequired")
    card = ben.invoice_settings.default_payment_method
    error = refused(lambda: shop.pay(card=card, customer=ben.id, off_session=True))
    assert (error.code, error.error.decline_code) == ("authentication_required", "authentication_required")


async def test_a_card_that_was_set_up_pays_without_asking(shop: Shop) -> None:
    """docs.stripe.com/testing#authentication-and-setup: 3155 asks unless it was set up for later."""
    ben = shop.customer(card=None)
    intent = shop.api.setup_intents.create(
        {"customer": ben.id, "payment_method": "pm_card_authenticationRequiredOnSetup", "confirm": True}
    )
    assert intent.status == "requires_action"
    shop.simulator.answer_challenge(intent.id)
    intent = shop.api.setup_intents.retrieve(intent.id)
    assert intent.status == "succeeded"
    assert shop.pay(card=intent.payment_method, customer=ben.id, off_session=True).status == "succeeded"


async def test_a_payment_cannot_be_confirmed_twice(shop: Shop) -> None:
    error = refused(shop.api.payment_intents.confirm, shop.pay().id)
    assert error.code == "payment_intent_unexpected_state"


async def test_authorized_now_and_captured_later(shop: Shop) -> None:
    intent = shop.pay(1000, capture_method="manual")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 1000)
    assert shop.api.balance_transactions.list().data == []
    captured = shop.api.payment_intents.capture(intent.id, {"amount_to_capture": 600})
    assert (captured.status, captured.amount_received) == ("succeeded", 600)


async def test_cards_of_a_customer(shop: Shop) -> None:
    ben = shop.customer()
    found = shop.api.customers.payment_methods.list(ben.id).data
    assert [one.card.last4 for one in found] == ["4242"]
    shop.api.payment_methods.detach(found[0].id)
    assert shop.api.customers.retrieve(ben.id).invoice_settings.default_payment_method is None
    assert shop.api.payment_methods.list({"customer": ben.id}).data == []
    error = refused(shop.api.payment_methods.attach, found[0].id, {"customer": ben.id})
    assert "detached" in str(error)


async def test_another_customers_card_cannot_be_used(shop: Shop) -> None:
    ben, cy = shop.customer(), shop.customer(card=None)
    card = ben.invoice_settings.default_payment_method
    assert refused(lambda: shop.pay(card=card, customer=cy.id)).param == "payment_method"
    told = {"invoice_settings": {"default_payment_method": card}}
    assert refused(shop.api.customers.update, cy.id, told).code == "resource_missing"


@pytest.mark.parametrize(("amount", "param"), [(0, "amount"), (-5, "amount"), (49, "amount"), (100_000_000, "amount")])
async def test_amounts_that_cannot_be_charged(shop: Shop, amount: int, param: str) -> None:
    assert refused(lambda: shop.pay(amount)).param == param


async def test_refunds_in_parts_and_never_more(shop: Shop) -> None:
    intent = shop.pay(1000)
    shop.heard()
    part = shop.api.refunds.create({"payment_intent": intent.id, "amount": 400, "reason": "requested_by_customer"})
    assert (part.status, part.charge) == ("succeeded", intent.latest_charge)
    assert shop.heard() == ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]
    error = refused(shop.api.refunds.create, {"payment_intent": intent.id, "amount": 601})
    assert error.param == "amount"
    shop.api.refunds.create({"payment_intent": intent.id})
    charge = shop.api.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    assert [one.amount for one in charge.refunds.data] == [600, 400]
    error = refused(shop.api.refunds.create, {"payment_intent": intent.id})
    assert error.code == "charge_already_refunded"


async def test_a_refund_that_comes_back(shop: Shop) -> None:
    intent = shop.pay(card="pm_card_refundFail")
    refund = shop.api.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    assert "refund.failed" in await shop.advance(minutes=1)
    assert shop.api.refunds.retrieve(refund.id).status == "failed"
    assert shop.api.charges.retrieve(intent.latest_charge).amount_refunded == 0


async def _disputed(shop: Shop) -> stripe.Dispute:
    shop.pay(1000, card="pm_card_createDispute")
    shop.heard()
    heard = await shop.advance(seconds=1)
    assert heard[:2] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    found: stripe.Dispute = shop.api.disputes.list().data[0]
    return found


@pytest.mark.parametrize(
    ("evidence", "status", "told"),
    [
        ("winning_evidence", "won", ["charge.dispute.funds_reinstated", "charge.dispute.closed"]),
        ("losing_evidence", "lost", ["charge.dispute.closed"]),
    ],
)
async def test_evidence_decides(shop: Shop, evidence: str, status: str, told: list[str]) -> None:
    """docs.stripe.com/testing#evidence"""
    dispute = await _disputed(shop)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 1000)
    assert dispute.balance_transactions[0].net == -2500
    answered = shop.api.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}})
    assert (answered.status, answered.evidence_details.submission_count) == ("under_review", 1)
    assert shop.heard() == ["charge.dispute.updated"]
    assert await shop.advance(seconds=1) == told
    assert shop.api.disputes.retrieve(dispute.id).status == status


async def test_evidence_can_be_kept_back(shop: Shop) -> None:
    dispute = await _disputed(shop)
    told = {"evidence": {"product_description": "A membership"}, "submit": False}
    kept = shop.api.disputes.update(dispute.id, told)
    assert (kept.status, kept.evidence_details.has_evidence) == ("needs_response", True)


async def test_a_dispute_that_nobody_answers_is_lost(shop: Shop) -> None:
    dispute = await _disputed(shop)
    assert await shop.advance(days=7) == ["charge.dispute.closed"]
    lost = shop.api.disputes.retrieve(dispute.id)
    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)
    error = refused(shop.api.refunds.create, {"charge": lost.charge})
    assert error.code == "charge_disputed"


async def test_an_inquiry_takes_no_money_yet(shop: Shop) -> None:
    shop.pay(1000, card="pm_card_createDisputeInquiry")
    await shop.advance(seconds=1)
    dispute = shop.api.disputes.list().data[0]
    assert (dispute.status, dispute.balance_transactions) == ("warning_needs_response", [])


async def test_a_dispute_can_be_accepted(shop: Shop) -> None:
    dispute = await _disputed(shop)
    assert shop.api.disputes.close(dispute.id).status == "lost"
    assert refused(shop.api.disputes.close, dispute.id).http_status == 400
