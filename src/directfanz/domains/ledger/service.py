"""Posting, asking what is there, releasing what was held.

    await ledger.post(tx, Transaction(key=f"order/{order}/paid", kind="order_paid", reference=order, at=now, entries=[...]))

On the caller's transaction. Posting the same key again does nothing, so a command or an event may come twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.ledger.invariants import INVARIANTS, SINCE_PROVEN
from directfanz.domains.ledger.models import AccountName, Balances, Entry, Hold, Transaction, Unpaid, Written, broken_of
from directfanz.domains.ledger.policy import require_sound
from directfanz.domains.ledger.repository import book, checks
from directfanz.kit.ids import created_at, first_of, new_id
from directfanz.kit.money import Money

RELEASED_AT_ONCE = 20_000
SETTLED = timedelta(hours=2)


async def post(tx: Writer, transaction: Transaction) -> bool:
    """False when this key was posted before."""
    return await post_all(tx, [transaction]) == 1


async def post_all(tx: Writer, transactions: Sequence[Transaction]) -> int:
    """Many in one round trip; how many were new."""
    for transaction in transactions:
        require_sound(transaction)
    return await book.insert(tx, transactions)


async def is_posted(reader: Reader, key: str) -> bool:
    return await book.is_posted(reader, key)


async def balance(reader: Reader, account: AccountName, currency: str) -> Money:
    return Money(await book.sum_of(reader, account, currency), currency)


async def totals(reader: Reader) -> dict[tuple[str, str], int]:
    """Of all accounts of a kind together: (kind, currency) -> minor units."""
    return await book.totals(reader)


async def balances_of(reader: Reader, creator_id: UUID) -> list[Balances]:
    """One for each currency that the creator ever had anything in."""
    sums = await book.sums_of_owner(reader, creator_id)
    return [
        Balances(
            currency=currency,
            held=Money(sums.get(("creator_held", currency), 0), currency),
            available=Money(sums.get(("creator_available", currency), 0), currency),
            reserve=Money(sums.get(("creator_reserve", currency), 0), currency),
            in_payout=Money(sums.get(("in_payout", currency), 0), currency),
        )
        for currency in sorted({currency for _, currency in sums})
    ]


async def entries_of(reader: Reader, owner: UUID, before: UUID | None, limit: int) -> list[Written]:
    """The newest first."""
    return await book.entries_of(reader, owner, before, limit)


async def entries_about(reader: Reader, references: Sequence[UUID]) -> list[Written]:
    """All entries of the transactions that stand for these, the oldest first."""
    return await book.entries_about(reader, references)


async def hold_of(tx: Writer, reference: UUID, owner: UUID) -> Hold | None:
    """What is held of what somebody got for this; None once it was released. It stays so until our commit: a release that runs
    at the same time passes it over."""
    return await book.hold_of(tx, reference, owner)


async def release_due(tx: Writer, now: datetime, most: int = RELEASED_AT_ONCE) -> int:
    """Moves what was held long enough to what is available; how many entries. Call it until it returns 0."""
    due = await book.take_due(tx, now, most)
    sums: dict[tuple[UUID, str], int] = {}
    for owner, currency, amount in due:
        sums[owner, currency] = sums.get((owner, currency), 0) + amount
    await post_all(tx, [_release(owner, Money(minor, cur), now) for (owner, cur), minor in sums.items() if minor])
    return len(due)


def _release(owner: UUID, amount: Money, now: datetime) -> Transaction:
    entries = [
        Entry(AccountName("creator_held", owner), -amount, release_at=now),
        Entry(AccountName("creator_available", owner), amount),
    ]
    return Transaction(key=f"release/{new_id()}", kind="released", at=now, entries=entries)


async def due_next(reader: Reader, owner: UUID, limit: int = 60) -> list[tuple[datetime, Money]]:
    """What becomes available on which day."""
    return await book.due_next(reader, owner, limit)


async def who_can_be_paid(reader: Reader) -> list[tuple[UUID, Money]]:
    """Each creator with the sum of what is available and in no payout yet; only those above zero."""
    return await book.payable(reader)


async def take_for_payout(tx: Writer, owner: UUID, currency: str) -> list[Unpaid]:
    """All that is available leaves the list of what is unpaid; whoever asks next finds nothing."""
    return await book.take_available(tx, owner, currency)


async def problems(reader: Reader, *, since_proven: bool = False) -> list[str]:
    """What does not hold of all that must; an empty list is what one wants. Of everything, or of what came since it last held."""
    return await broken_of(reader, SINCE_PROVEN if since_proven else INVARIANTS)


async def prove(tx: Writer, now: datetime, settled: timedelta = SETTLED) -> None:
    """For whoever just found no problems, in the same transaction. Keys are made in the order of time: what is older than the longest
    transaction has no neighbour that is still to come."""
    await checks.prove(tx, first_of(created_at(new_id()) - settled), now)
