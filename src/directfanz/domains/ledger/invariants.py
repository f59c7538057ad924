"""What holds in the book at every moment: asked each night, by tests, and by `directfanz doctor`."""

from __future__ import annotations

from directfanz.backends.database.contract import Reader
from directfanz.domains.ledger.models import Invariant
from directfanz.domains.ledger.repository import checks

# What may take more from a creator than there is: somebody's money goes back after the creator was paid.
TAKES_BACK = ("refund", "refund_failed", "dispute_opened", "dispute_lost", "dispute_fee")


class TransactionsBalance(Invariant):
    name = "transactions_balance"
    about = "Each transaction sums to zero in each of its currencies."

    async def broken(self, reader: Reader) -> list[str]:
        return [f"{row[0]} is off by {row[2]} {row[1]}" for row in await checks.unbalanced(reader)]


class TransactionsAreWhole(Invariant):
    name = "transactions_are_whole"
    about = "Each transaction has the entries that it was written with."

    async def broken(self, reader: Reader) -> list[str]:
        return [f"{row[0]} has {row[2]} entries in place of {row[1]}" for row in await checks.not_whole(reader)]


class BooksClose(Invariant):
    name = "books_close"
    about = "All entries of a currency together are zero."

    async def broken(self, reader: Reader) -> list[str]:
        return [f"{row[0]} is off by {row[1]}" for row in await checks.books(reader)]


class NothingHeldBelowZero(Invariant):
    name = "nothing_held_below_zero"
    about = "Nobody holds back, reserves or pays out less than nothing."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.below_zero(reader, ("creator_held", "creator_reserve", "in_payout"))
        return [f"{row[0]} of {row[1]} is {row[3]} {row[2]}" for row in rows]


class AvailableBelowZeroIsExplained(Invariant):
    name = "available_below_zero_is_explained"
    about = "What a creator has available falls below zero only by refunds and disputes."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.available_below_zero_without_reason(reader, TAKES_BACK)
        return [f"{row[0]} has {row[2]} {row[1]}, which refunds and disputes do not explain" for row in rows]


class UnpaidEqualsBalances(Invariant):
    name = "unpaid_equals_balances"
    about = "What waits to be released or paid out is what the accounts say."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.unpaid_differs(reader)
        return [f"{row[0]} of {row[1]} in {row[2]} is {row[3]}, and {row[4]} waits" for row in rows]


INVARIANTS: tuple[Invariant, ...] = (
    TransactionsBalance(),
    TransactionsAreWhole(),
    BooksClose(),
    NothingHeldBelowZero(),
    AvailableBelowZeroIsExplained(),
    UnpaidEqualsBalances(),
)
