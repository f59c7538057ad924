"""What this domain knows of a person.

The law keeps what was paid, its papers and what went back for years, also when somebody leaves: their account's name is gone then, and
so are the words that they wrote. What they chose for themselves goes at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.payments.repository import dunning, holds, orders, papers, people, refund_requests, refunds
from directfanz.domains.payments.service.telling import words

TABLES = frozenset(
    {"customers", "orders", "refunds", "refund_requests", "disputes", "spend_caps", "spend_holds", "dunnings"}
)


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    mine = await orders.all_of(reader, user_id)
    back = await refunds.of_orders(reader, [each.id for each in mine])
    issued = [paper for each in mine if each.paid_at for paper in await papers.of_order(reader, each.id)]
    return {
        "What you paid (kept by law, also when you leave)": [
            {
                "what": each.title, "state": each.state, "total": words(each.total), "tax": words(each.tax), "asked": each.created_at,
                "paid": each.paid_at, "message": each.message,
            }
            for each in mine
        ],
        "What went back": [{"amount": words(each.amount), "state": each.state, "at": each.created_at} for each in back],
        "What you asked to have back": [
            {"reason": each.reason, "state": each.state, "at": each.asked_at, "answer": each.answer}
            for each in await refund_requests.of_user(reader, user_id)
        ],
        "Invoices and credit notes (kept by law)": [
            {"number": each.name, "kind": each.kind, "total": words(each.paper.total), "at": each.issued_at} for each in issued
        ],
        "What you let yourself spend in a month": [{"amount": words(each)} for each in await people.caps_of(reader, user_id)],
        "Renewals that your card refused": [
            {"amount": words(each.amount), "since": each.failed_at, "tried_again": each.next_try_at}
            for each in await dunning.open_of(reader, user_id)
        ],
        "You at our payment provider": [{"customer": name} for name in [await people.customer_of(reader, user_id)] if name],
    }  # fmt: skip


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    await people.erase(tx, user_id)
    await holds.erase(tx, user_id)
    await refund_requests.forget_words(tx, user_id)
