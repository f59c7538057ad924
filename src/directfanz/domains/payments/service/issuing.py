"""Papers: an invoice when an order is paid, a credit note when money went back. In the transaction of their cause."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.creators.service import lookup
from directfanz.domains.payments.models import Issued, Order, Paper, PaperLine, Refund
from directfanz.domains.payments.repository import papers
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money


async def invoice(backends: Backends, tx: Writer, order: Order, paid_with: str = "") -> None:
    """Once per order. Nothing is issued for what cost nothing."""
    if order.total.minor == 0 or await papers.is_issued(tx, order.id, None):
        return
    paper = await _paper(backends, tx, order, [PaperLine(order.title, order.subtotal)], order, paid_with)
    await _issue(backends, tx, order, paper, None)


async def credit_note(backends: Backends, tx: Writer, order: Order, refund: Refund) -> None:
    if await papers.is_issued(tx, order.id, refund.id):
        return
    before = next((each for each in await papers.of_order(tx, order.id) if each.kind == "invoice"), None)
    net = refund.amount - refund.tax_part
    none = Money(0, net.currency)
    back = _Amounts(subtotal=net, discount=none, tax=refund.tax_part, total=refund.amount)
    paper = await _paper(backends, tx, order, [PaperLine(f"Given back: {order.title}", net)], back, "")
    if before is not None:  # names as they stood on the invoice
        paper = Paper(
            seller=before.paper.seller, seller_country=before.paper.seller_country, seller_address=before.paper.seller_address,
            buyer=before.paper.buyer, lines=paper.lines, subtotal=paper.subtotal, discount=paper.discount, tax=paper.tax,
            total=paper.total, takes_back=before.name,
        )  # fmt: skip
    await _issue(backends, tx, order, paper, refund.id)


class _Amounts:
    def __init__(self, *, subtotal: Money, discount: Money, tax: Money, total: Money) -> None:
        self.subtotal, self.discount, self.tax, self.total = subtotal, discount, tax, total


async def _paper(
    backends: Backends, tx: Writer, order: Order, lines: list[PaperLine], amounts: Order | _Amounts, paid_with: str
) -> Paper:
    buyer = (await people_of(tx, [order.user_id])).get(order.user_id)
    seller = await lookup.by_id_even_closed(tx, order.creator_id)
    return Paper(
        seller=seller.name, seller_country=seller.country,
        seller_address=backends.settings.site_url + seller.path,
        buyer=buyer.display_name if buyer else "", lines=lines, subtotal=amounts.subtotal, discount=amounts.discount, tax=amounts.tax,
        total=amounts.total, paid_with=paid_with,
    )  # fmt: skip


async def _issue(backends: Backends, tx: Writer, order: Order, paper: Paper, refund_id: UUID | None) -> None:
    """The number is taken last: whoever wants the next one of this creator waits from here to our commit."""
    now = backends.clock.now()
    number = await papers.next_number(tx, order.creator_id, now.year)
    await papers.insert(
        tx,
        Issued(
            id=new_id(), creator_id=order.creator_id, year=now.year, number=number,
            kind="credit_note" if refund_id else "invoice", order_id=order.id,
            refund_id=refund_id, issued_at=now, paper=paper,
        ),
    )  # fmt: skip
