"""What each event in an order's life is in the ledger. Pure: entries from shares; nothing here is looked up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.domains.ledger.models import AccountName, Entry, Hold, Transaction
from directfanz.domains.payments.models import Dispute, Order, Payout, Refund
from directfanz.domains.payments.policy.sharing import Shares
from directfanz.kit.money import Money

PROVIDER, PROVIDER_FEES = AccountName("provider"), AccountName("provider_fees")
PLATFORM, TAX = AccountName("platform_fees"), AccountName("tax")
REFUNDS, DISPUTES = AccountName("refunds"), AccountName("disputes")


def from_creator(owner: UUID, amount: Money, hold: Hold | None) -> list[Entry]:
    """Out of what is still held of this order, and the rest out of what is available, also when that falls below zero."""
    none = Money(0, amount.currency)
    out_of_hold = max(min(amount, hold.amount), none) if hold else none
    entries = [Entry(AccountName("creator_available", owner), -(amount - out_of_hold))]
    if hold and out_of_hold.minor:
        entries.append(Entry(AccountName("creator_held", owner), -out_of_hold, hold.until))
    return entries


def to_creator(owner: UUID, amount: Money, until: datetime | None) -> Entry:
    """Held until then, or available at once."""
    if until is None:
        return Entry(AccountName("creator_available", owner), amount)
    return Entry(AccountName("creator_held", owner), amount, until)


def transaction(key: str, kind: str, reference: UUID | None, at: datetime, entries: Sequence[Entry]) -> Transaction:
    """Without the entries that move nothing."""
    moving = [entry for entry in entries if entry.amount.minor]
    return Transaction(key=key, kind=kind, reference=reference, at=at, entries=moving)


def paid(order: UUID, creator: UUID, shares: Shares, at: datetime, held_until: datetime) -> Transaction:
    entries = [
        Entry(PROVIDER, -shares.total),
        to_creator(creator, shares.creator, held_until),
        Entry(PLATFORM, shares.platform),
        Entry(PROVIDER_FEES, shares.provider),
        Entry(TAX, shares.tax),
    ]
    return transaction(f"order/{order}/paid", "order_paid", order, at, entries)


def refund_asked(refund: UUID, order: Order, shares: Shares, at: datetime, hold: Hold | None) -> Transaction:
    """The money is set aside at once, so that it is not paid out while the provider is asked."""
    entries = [
        *from_creator(order.creator_id, shares.creator, hold), Entry(PLATFORM, -shares.platform), Entry(TAX, -shares.tax),
        Entry(REFUNDS, shares.total),
    ]  # fmt: skip
    return transaction(f"refund/{refund}/asked", "refund", order.id, at, entries)


def refund_sent(refund: Refund, at: datetime) -> Transaction:
    entries = [Entry(REFUNDS, -refund.amount), Entry(PROVIDER, refund.amount)]
    return transaction(f"refund/{refund.id}/sent", "refund_sent", refund.order_id, at, entries)


def refund_back(refund: Refund, at: datetime) -> Transaction:
    """The fan's bank did not take it: the provider has it again."""
    entries = [Entry(PROVIDER, -refund.amount), Entry(REFUNDS, refund.amount)]
    return transaction(f"refund/{refund.id}/back", "refund_back", refund.order_id, at, entries)


def refund_failed(refund: Refund, creator: UUID, at: datetime, hold: Hold | None) -> Transaction:
    until = hold.until if hold else None
    entries = [
        Entry(REFUNDS, -refund.amount), to_creator(creator, refund.creator_part, until), Entry(PLATFORM, refund.fee_part),
        Entry(TAX, refund.tax_part),
    ]  # fmt: skip
    return transaction(f"refund/{refund.id}/failed", "refund_failed", refund.order_id, at, entries)


def dispute_opened(dispute: Dispute, creator: UUID, at: datetime, hold: Hold | None) -> list[Transaction]:
    """The provider takes the money and its fee; the creator's share is set aside until it is decided."""
    share = dispute.creator_part
    took = [Entry(PROVIDER, dispute.amount), Entry(DISPUTES, -dispute.amount), Entry(PROVIDER_FEES, dispute.fee)]
    took += from_creator(creator, dispute.fee, None)
    aside = [*from_creator(creator, share, hold), Entry(AccountName("creator_reserve", creator), share)]
    return _those_that_move(
        transaction(f"dispute/{dispute.id}/opened", "dispute_opened", dispute.order_id, at, took),
        transaction(f"dispute/{dispute.id}/aside", "dispute_opened", dispute.order_id, at, aside),
    )


def dispute_won(dispute: Dispute, creator: UUID, fee_back: Money, at: datetime, hold: Hold | None) -> list[Transaction]:
    share, until = dispute.creator_part, hold.until if hold else None
    gave = [
        Entry(PROVIDER, -dispute.amount), Entry(DISPUTES, dispute.amount), Entry(PROVIDER_FEES, -fee_back),
        to_creator(creator, fee_back, None),
    ]  # fmt: skip
    back = [Entry(AccountName("creator_reserve", creator), -share), to_creator(creator, share, until)]
    return _those_that_move(
        transaction(f"dispute/{dispute.id}/won", "dispute_won", dispute.order_id, at, gave),
        transaction(f"dispute/{dispute.id}/freed", "dispute_won", dispute.order_id, at, back),
    )


def dispute_lost(dispute: Dispute, creator: UUID, at: datetime) -> Transaction:
    """What was set aside is gone; the platform and the tax give their part back as with a refund."""
    entries = [
        Entry(DISPUTES, dispute.amount), Entry(AccountName("creator_reserve", creator), -dispute.creator_part),
        Entry(PLATFORM, -dispute.fee_part), Entry(TAX, -dispute.tax_part),
    ]  # fmt: skip
    return transaction(f"dispute/{dispute.id}/lost", "dispute_lost", dispute.order_id, at, entries)


def payout_begun(payout: Payout) -> Transaction:
    creator, amount = payout.creator_id, payout.amount
    entries = [
        Entry(AccountName("creator_available", creator), -amount),
        Entry(AccountName("in_payout", creator), amount),
    ]
    return transaction(f"payout/{payout.id}/begun", "payout", payout.id, payout.created_at, entries)


def payout_transferred(payout: Payout, at: datetime) -> Transaction:
    entries = [Entry(AccountName("in_payout", payout.creator_id), -payout.amount), Entry(PROVIDER, payout.amount)]
    return transaction(f"payout/{payout.id}/transferred", "payout_transferred", payout.id, at, entries)


def payout_returned(payout: Payout, at: datetime) -> Transaction:
    """Out of the provider's hands when it was transferred, else out of what was set aside for it."""
    source = PROVIDER if payout.transfer else AccountName("in_payout", payout.creator_id)
    entries = [Entry(source, -payout.amount), Entry(AccountName("creator_available", payout.creator_id), payout.amount)]
    return transaction(f"payout/{payout.id}/returned", "payout_returned", payout.id, at, entries)


def platform_moved(move: str, net: Money, at: datetime) -> Transaction:
    """The platform took its own money out, or the provider charged the platform itself."""
    return transaction(f"move/{move}", "platform_move", None, at, [Entry(PROVIDER, -net), Entry(PLATFORM, net)])


def _those_that_move(*transactions: Transaction) -> list[Transaction]:
    return [each for each in transactions if each.entries]
