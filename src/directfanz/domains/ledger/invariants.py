"""What holds in the book at every moment: asked each night of what is new, and of everything once a week, by tests and by
`directfanz doctor`."""

from __future__ import annotations

from directfanz.backends.database.contract import Reader
from directfanz.domains.ledger.models import Invariant
from directfanz.domains.ledger.repository import checks


class OfTheBook(Invariant):
    """`since` is the form that goes on from what was proven; see `repository.checks`."""

    def __init__(self, *, since: bool = False) -> None:
        self.since = since


class TransactionsBalance(OfTheBook):
    name = "transactions_balance"
    about = "Each transaction sums to zero in each of its currencies."

    async def broken(self, reader: Reader) -> list[str]:
        return [f"{row[0]} is off by {row[2]} {row[1]}" for row in await checks.unbalanced(reader, since=self.since)]


class TransactionsAreWhole(OfTheBook):
    name = "transactions_are_whole"
    about = "Each transaction has the entries that it was written with."

    async def broken(self, reader: Reader) -> list[str]:
        return [
            f"{row[0]} has {row[2]} entries in place of {row[1]}"
            for row in await checks.not_whole(reader, since=self.since)
        ]


class BooksClose(OfTheBook):
    name = "books_close"
    about = "All entries of a currency together are zero."

    async def broken(self, reader: Reader) -> list[str]:
        return [f"{row[0]} is off by {row[1]}" for row in await checks.books(reader, since=self.since)]


class NothingHeldBelowZero(OfTheBook):
    name = "nothing_held_below_zero"
    about = "Nobody holds back, reserves or pays out less than nothing."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.below_zero(reader, ("creator_held", "creator_reserve", "in_payout"), since=self.since)
        return [f"{row[0]} of {row[1]} is {row[3]} {row[2]}" for row in rows]


class AvailableBelowZeroIsExplained(OfTheBook):
    name = "available_below_zero_is_explained"
    about = "What a creator has available falls below zero only by refunds and disputes."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.available_below_zero_without_reason(reader, since=self.since)
        return [f"{row[0]} has {row[2]} {row[1]}, which refunds and disputes do not explain" for row in rows]


class UnpaidEqualsBalances(OfTheBook):
    name = "unpaid_equals_balances"
    about = "What waits to be released or paid out is what the accounts say."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.unpaid_differs(reader, since=self.since)
        return [f"{row[0]} of {row[1]} in {row[2]} is {row[3]}, and {row[4]} waits" for row in rows]


class TheProvenStays(Invariant):
    name = "the_proven_stays"
    about = "What was proven once still comes to the same."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.proven_otherwise(reader)
        return [f"{row[0]} of {row[1]} in {row[2]} was {row[3]} when it was proven, and is {row[4]}" for row in rows]


_KINDS: tuple[type[OfTheBook], ...] = (
    TransactionsBalance,
    TransactionsAreWhole,
    BooksClose,
    NothingHeldBelowZero,
    AvailableBelowZeroIsExplained,
    UnpaidEqualsBalances,
)
INVARIANTS: tuple[Invariant, ...] = (*(each() for each in _KINDS), TheProvenStays())
SINCE_PROVEN: tuple[Invariant, ...] = tuple(each(since=True) for each in _KINDS)
