"""What an invoice looks like before anything has happened to it."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine.core import Engine
from directfanz.local.simulators.stripe.engine.fields import nothing
from directfanz.local.simulators.stripe.store import Obj

_EMPTY = nothing(
    *[
        "account_tax_ids",
        "application",
        "automatically_finalizes_at",
        "custom_fields",
        "customer_account",
        "customer_phone",
    ],
    *[
        "customer_shipping",
        "default_payment_method",
        "default_source",
        "description",
        "due_date",
        "effective_at",
        "ending_balance",
    ],
    *["footer", "from_invoice", "hosted_invoice_url", "invoice_pdf", "last_finalization_error", "latest_revision"],
    *[
        "next_payment_attempt",
        "number",
        "on_behalf_of",
        "receipt_number",
        "rendering",
        "shipping_cost",
        "shipping_details",
    ],
    *["statement_descriptor", "threshold_reason", "webhooks_delivered_at", "status_details"],
)
SETTINGS = {"default_mandate": None, "payment_method_options": None, "payment_method_types": None}


def blank_invoice(engine: Engine, customer: Obj, code: str) -> Obj:
    return {
        **_EMPTY,
        "account_country": engine.options.account_country,
        "account_name": engine.options.account_name,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "billing_reason": "manual",
        "collection_method": "charge_automatically",
        "currency": code,
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "metadata": {},
        "parent": None,
        "payment_settings": dict(SETTINGS),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": customer["balance"],
        "status": "draft",
        "status_transitions": nothing("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at"),
        "test_clock": customer["test_clock"],
    }


def tax_setting(enabled: bool, located: bool) -> Obj:
    status = ("complete" if located else "requires_location_inputs") if enabled else None
    return {
        "disabled_reason": None,
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
        "provider": "stripe" if enabled else None,
        "status": status,
    }
