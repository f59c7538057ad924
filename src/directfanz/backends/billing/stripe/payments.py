"""What was asked for and what was paid: invoices, payments, refunds, disputes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from directfanz.backends.billing.contract import Dispute, Invoice, Metadata, Payment, Refund
from directfanz.backends.billing.stripe import reading, shapes
from directfanz.backends.billing.stripe.part import Part
from directfanz.backends.billing.stripe.wire import at, expanding
from directfanz.errors import Rejected
from directfanz.kit.money import Money

if TYPE_CHECKING:
    from stripe.params import DisputeUpdateParams, InvoicePayParams, RefundCreateParams
    from stripe.params._dispute_update_params import DisputeUpdateParamsEvidence


class Payments(Part):
    async def invoice(self, invoice_id: str) -> Invoice:
        path = at("invoices", invoice_id)
        return reading.invoice(await self._wire.get(path, shapes.Invoice, "invoice", expanding("payments")))

    async def pay_invoice(self, invoice_id: str, *, key: str) -> Invoice:
        asked: InvoicePayParams = {"off_session": True, "expand": ["payments"]}
        return await self._settled(invoice_id, "pay", dict(asked), "paid", key)

    async def void_invoice(self, invoice_id: str, *, key: str) -> Invoice:
        return await self._settled(invoice_id, "void", expanding("payments"), "void", key)

    async def _settled(self, invoice_id: str, verb: str, asked: dict[str, object], wanted: str, key: str) -> Invoice:
        """Refused because it is so already is done."""
        try:
            path = at("invoices", invoice_id, verb)
            return reading.invoice(await self._wire.post(path, shapes.Invoice, f"{verb}_invoice", asked, key=key))
        except Rejected:
            found = await self.invoice(invoice_id)
            if found.state != wanted:
                raise
            return found

    async def payment(self, payment_id: str) -> Payment:
        path = at("payment_intents", payment_id)
        wanted = expanding("latest_charge.balance_transaction")
        found = await self._wire.get(path, shapes.PaymentIntent, "payment", wanted)
        return reading.payment(found, await self._invoice_of(found))

    async def _invoice_of(self, found: shapes.PaymentIntent) -> str | None:
        """A payment does not name its invoice. Those without one are ours and carry what we wrote on them."""
        if found.metadata:
            return None
        asked = {"payment": {"type": "payment_intent", "payment_intent": found.id}, "limit": 1}
        page = await self._wire.get("invoice_payments", shapes.InvoicePayments, "payment", asked)
        return reading.name_of(page.data[0].invoice) if page.data else None

    async def refund(self, payment_id: str, amount: Money, *, metadata: Metadata, key: str) -> Refund:
        asked: RefundCreateParams = {
            "payment_intent": payment_id,
            "amount": reading.minor(amount),
            "metadata": dict(metadata),
        }
        return reading.refund(await self._wire.post("refunds", shapes.Refund, "refund", asked, key=key))

    async def refund_state(self, refund_id: str) -> Refund:
        return reading.refund(await self._wire.get(at("refunds", refund_id), shapes.Refund, "refund_state"))

    async def dispute(self, dispute_id: str) -> Dispute:
        return reading.dispute(await self._wire.get(at("disputes", dispute_id), shapes.Dispute, "dispute"))

    async def answer_dispute(self, dispute_id: str, evidence: Mapping[str, str], *, key: str) -> Dispute:
        answer: DisputeUpdateParams = {"evidence": cast("DisputeUpdateParamsEvidence", dict(evidence)), "submit": True}
        path = at("disputes", dispute_id)
        return reading.dispute(await self._wire.post(path, shapes.Dispute, "answer_dispute", answer, key=key))
