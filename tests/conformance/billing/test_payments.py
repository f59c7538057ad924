from __future__ import annotations

from datetime import timedelta

import pytest

from directfanz.errors import NotFound, Rejected
from directfanz.kit.money import Money
from tests.conformance.billing.conftest import Joins, key, pays, somebody
from tests.support.billing import Till


async def test_a_payment_says_what_it_cost_and_when_it_is_there(stage: Till) -> None:
    payment = await stage.billing.payment(await pays(stage, Money(1000, "USD")))
    assert payment.fee == Money(59, "USD")
    assert payment.available_at
    assert stage.clock.now() < payment.available_at < stage.clock.now() + timedelta(days=3)
    assert (payment.card_brand, payment.card_last4, payment.refunded) == ("visa", "4242", Money(0, "USD"))
    assert payment.charge
    assert payment.card
    assert not payment.disputed


async def test_the_payment_of_a_renewal_names_its_invoice(stage: Till, joins: Joins) -> None:
    joined = await joins()
    invoice = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert invoice.payment
    payment = await stage.billing.payment(invoice.payment)
    assert (payment.invoice, payment.state, payment.card) == (invoice.id, "succeeded", joined.card)


async def test_a_refused_payment_says_why(stage: Till, joins: Joins) -> None:
    joined = await joins()
    stage.break_card(joined.customer, "expired_card")
    await stage.advance(days=31, hours=2)
    invoice = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert invoice.payment
    payment = await stage.billing.payment(invoice.payment)
    assert (payment.state, payment.refusal, payment.fee) == ("open", "expired_card", None)


async def test_refunds_in_parts_and_never_more_than_was_paid(stage: Till) -> None:
    payment = await pays(stage, Money(1000, "USD"))
    first = await stage.billing.refund(payment, Money(300, "USD"), metadata={"order": "order-2"}, key="part-1")
    again = await stage.billing.refund(payment, Money(300, "USD"), metadata={"order": "order-2"}, key="part-1")
    assert (first.id, first.state, first.amount) == (again.id, "succeeded", Money(300, "USD"))
    assert (await stage.billing.refund_state(first.id)).metadata == {"order": "order-2"}
    with pytest.raises(Rejected):
        await stage.billing.refund(payment, Money(701, "USD"), metadata={}, key=key())
    await stage.billing.refund(payment, Money(700, "USD"), metadata={}, key=key())
    assert (await stage.billing.payment(payment)).refunded == Money(1000, "USD")
    with pytest.raises(NotFound):
        await stage.billing.refund("pi_nobody", Money(1, "USD"), metadata={}, key=key())


async def test_a_dispute_takes_the_money_and_evidence_brings_it_back(stage: Till) -> None:
    payment = await stage.billing.payment(await pays(stage, Money(2000, "USD")))
    opened = stage.simulator.dispute(payment.charge or "", "product_not_received")
    dispute = await stage.billing.dispute(opened["id"])
    assert (dispute.state, dispute.reason, dispute.payment) == ("needs_response", "product_not_received", payment.id)
    assert (dispute.amount, dispute.fee) == (Money(2000, "USD"), Money(1500, "USD"))
    assert dispute.due_at
    assert dispute.due_at > stage.clock.now()
    assert not dispute.evidence_sent
    assert (await stage.billing.payment(payment.id)).disputed
    said = {"uncategorized_text": "winning_evidence", "customer_name": "Ben Okafor"}
    answered = await stage.billing.answer_dispute(dispute.id, said, key=key())
    assert answered.evidence_sent
    await stage.advance(days=1)
    assert (await stage.billing.dispute(dispute.id)).state == "won"


async def test_a_dispute_nobody_answers_is_lost(stage: Till) -> None:
    payment = await stage.billing.payment(await pays(stage, Money(2000, "USD")))
    opened = stage.simulator.dispute(payment.charge or "")
    await stage.advance(days=30)
    assert (await stage.billing.dispute(opened["id"])).state == "lost"


async def test_an_inquiry_is_a_warning(stage: Till) -> None:
    payment = await stage.billing.payment(await pays(stage, Money(2000, "USD")))
    opened = stage.simulator.dispute(payment.charge or "", "inquiry")
    dispute = await stage.billing.dispute(opened["id"])
    assert (dispute.state, dispute.fee) == ("warning", Money(0, "USD"))


async def test_the_books_of_the_provider_add_up(stage: Till) -> None:
    begun, customer = stage.clock.now(), await somebody(stage)
    payment = await pays(stage, Money(1000, "USD"), customer)
    await pays(stage, Money(700, "EUR"), customer)
    await stage.billing.refund(payment, Money(400, "USD"), metadata={}, key=key())
    until = stage.clock.now() + timedelta(seconds=1)
    moves = [move async for move in stage.billing.balance_moves(begun, until)]
    assert sorted(move.kind for move in moves) == ["charge", "charge", "refund"]
    assert all(move.amount - move.fee == move.net for move in moves)
    assert all(begun <= move.created_at < until for move in moves)
    sums = {money.currency: money.minor for money in await stage.billing.balance()}
    assert sums == {"USD": 1000 - 59 - 400, "EUR": 700 - 50}
    for currency, total in sums.items():
        assert sum(move.net.minor for move in moves if move.net.currency == currency) == total


async def test_a_long_list_comes_whole(stage: Till) -> None:
    begun, customer = stage.clock.now(), await somebody(stage)
    payment = await pays(stage, Money(50_000, "USD"), customer)
    for _ in range(120):
        await stage.billing.refund(payment, Money(1, "USD"), metadata={}, key=key())
    moves = [move async for move in stage.billing.balance_moves(begun, stage.clock.now() + timedelta(seconds=1))]
    assert len({move.id for move in moves}) == 121
