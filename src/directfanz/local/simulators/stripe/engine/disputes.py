"""docs.stripe.com/disputes: the card holder's bank takes the money back, and evidence may bring it again."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import ledger
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.fields import metadata, nothing
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.periods import DAY
from directfanz.local.simulators.stripe.store import Obj

FEE = 1500
DAYS_TO_RESPOND = 7
_EVIDENCE = nothing(
    *[
        "access_activity_log",
        "billing_address",
        "cancellation_policy",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
    ],
    *[
        "customer_communication",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "customer_signature",
    ],
    *["duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description"],
    *["receipt", "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date"],
    *["service_documentation", "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation"],
    *["shipping_tracking_number", "uncategorized_file", "uncategorized_text"],
)
CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
# docs.stripe.com/testing#evidence: what the evidence says decides the case.
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "needs_response"}


@on_timer("dispute.begin")
def begin(engine: Engine, charge: Obj) -> None:
    from directfanz.local.simulators.stripe.engine.payment_methods import card_of

    method = engine.get("payment_method", charge["payment_method"])
    open_dispute(engine, charge, card_of(method).disputes or "fraudulent")


def open_dispute(engine: Engine, charge: Obj, reason: str = "fraudulent") -> Obj:
    """An inquiry takes no money; a chargeback takes it with a fee."""
    if charge["disputed"] or charge["status"] != "succeeded":
        raise Refusal(f"Charge {charge['id']} cannot be disputed: it failed, or it is disputed already.")
    inquiry = reason == "inquiry"
    dispute = engine.make("du", "dispute", _fields(engine, charge, reason), clock=charge[HIDDEN]["clock"])
    before = engine.snapshot(charge)
    charge["disputed"] = True
    engine.emit("charge.dispute.created", dispute)
    if not inquiry:
        _withdraw(engine, charge, dispute)
    engine.changed("charge.updated", charge, before)
    engine.set_timer(dispute, "dispute.overdue", dispute["evidence_details"]["due_by"])
    engine.store.save(dispute)
    return dispute


def _fields(engine: Engine, charge: Obj, reason: str) -> Obj:
    inquiry = reason == "inquiry"
    brand = charge["payment_method_details"]["card"]["brand"]
    code = CODES.get(reason)
    card = {
        "brand": brand,
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": brand,
        "network_reason_code": code,
    }
    return {
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**_EVIDENCE, "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": engine.now_of(charge) + DAYS_TO_RESPOND * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "metadata": {},
        "network_reason_code": code,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": card, "type": "card"},
        "reason": "general" if inquiry else reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def _withdraw(engine: Engine, charge: Obj, dispute: Obj) -> None:
    code = dispute["currency"]
    fee = {"amount": FEE, "application": None, "currency": code, "description": "Dispute fee", "type": "stripe_fee"}
    said = f"Chargeback withdrawal for {charge['id']}"
    entry = ledger.post(engine, "adjustment", -dispute["amount"], code, dispute, fees=[fee], description=said)
    dispute["balance_transactions"].append(engine.snapshot(entry))
    charge[HIDDEN]["funds_withdrawn"] = True
    engine.store.save(charge)
    engine.store.save(dispute)
    engine.emit("charge.dispute.funds_withdrawn", dispute)


def update(engine: Engine, name: str, params: Params) -> Obj:
    """Evidence is sent to the bank unless `submit` is false; then the bank decides."""
    dispute = engine.get("dispute", name)
    _require_open(dispute)
    before = engine.snapshot(dispute)
    dispute["metadata"] = metadata(dispute["metadata"], params.get("metadata"))
    given = {field: value or None for field, value in (params.get("evidence") or {}).items()}
    dispute["evidence"] |= given
    details = dispute["evidence_details"]
    details["has_evidence"] = any(value for field, value in dispute["evidence"].items() if field != "enhanced_evidence")
    if params.get("submit", True) and given:
        details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
        warning = "warning_" if dispute["status"].startswith("warning_") else ""
        dispute["status"] = f"{warning}under_review"
        engine.set_timer(dispute, "dispute.overdue", None)
        if (dispute["evidence"]["uncategorized_text"] or "") in VERDICTS:
            engine.set_timer(dispute, "dispute.decide", engine.now_of(dispute))
    engine.store.save(dispute)
    engine.changed("charge.dispute.updated", dispute, before)
    return dispute


@on_timer("dispute.decide")
def decide(engine: Engine, dispute: Obj) -> None:
    verdict = VERDICTS[dispute["evidence"]["uncategorized_text"]]
    if dispute["status"] == "warning_under_review":
        _answer_inquiry(engine, dispute, verdict)
    elif verdict == "needs_response":
        engine.store.save(dispute)
    else:
        finish(engine, dispute, verdict)


def _answer_inquiry(engine: Engine, dispute: Obj, verdict: str) -> None:
    if verdict == "won":
        finish(engine, dispute, "warning_closed")
        return
    before = engine.snapshot(dispute)
    dispute |= {"status": "needs_response", "is_charge_refundable": False}
    _withdraw(engine, engine.get("charge", dispute["charge"]), dispute)
    engine.changed("charge.dispute.updated", dispute, before)


@on_timer("dispute.overdue")
def overdue(engine: Engine, dispute: Obj) -> None:
    """Nobody answered in time."""
    dispute["evidence_details"]["past_due"] = True
    finish(engine, dispute, "warning_closed" if dispute["status"].startswith("warning_") else "lost")


def finish(engine: Engine, dispute: Obj, status: str) -> None:
    dispute["status"] = status
    dispute[HIDDEN]["timers"] = {}
    engine.store.save(dispute)
    if status == "won" and dispute["balance_transactions"]:
        _reinstate(engine, dispute)
    engine.emit("charge.dispute.closed", dispute)


def _reinstate(engine: Engine, dispute: Obj) -> None:
    charge = engine.get("charge", dispute["charge"])
    said = f"Chargeback reversal for {charge['id']}"
    entry = ledger.post(
        engine,
        "adjustment",
        dispute["amount"],
        dispute["currency"],
        dispute,
        category="dispute_reversal",
        description=said,
    )
    dispute["balance_transactions"].append(engine.snapshot(entry))
    charge[HIDDEN]["funds_withdrawn"] = False
    engine.store.save(charge)
    engine.store.save(dispute)
    engine.emit("charge.dispute.funds_reinstated", dispute)


def close(engine: Engine, name: str, _: Params) -> Obj:
    """Accepting it: the dispute is lost, and that cannot be taken back."""
    dispute = engine.get("dispute", name)
    _require_open(dispute)
    finish(engine, dispute, "lost")
    return dispute


def _require_open(dispute: Obj) -> None:
    if dispute["status"] not in ("needs_response", "warning_needs_response", "under_review", "warning_under_review"):
        raise Refusal("This dispute is already closed")


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("dispute", name)


def list_all(engine: Engine, params: Params) -> Obj:
    chosen = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return listing(engine, "dispute", params, "/v1/disputes", **chosen)
