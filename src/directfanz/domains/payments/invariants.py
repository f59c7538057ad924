"""What holds between orders, payouts, papers and the ledger: asked each night of what is recent, and of all by tests and
`directfanz doctor`."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.ledger.models import Invariant
from directfanz.domains.payments.repository import checks

FIRST = UUID(int=0)


class OfRows(Invariant):
    """Of the rows that were made from an id on, and of those that money goes back of since: what is older changes no more."""

    def __init__(self, since: UUID = FIRST) -> None:
        self.since = since


class PaidOrdersAreBooked(OfRows):
    name = "paid_orders_are_booked"
    about = "Every paid order has its transaction, of its amount, and no other order has one."

    async def broken(self, reader: Reader) -> list[str]:
        missing = [
            f"{row[0]} over {row[1]} {row[2]} is not booked"
            for row in await checks.paid_without_transaction(reader, self.since)
        ]
        extra = [
            f"{row[0]} stands for no paid order" for row in await checks.transaction_without_paid(reader, self.since)
        ]
        other = [
            f"{row[0]} over {row[1]} {row[3]} is booked as {row[2]}"
            for row in await checks.paid_with_other_amount(reader, self.since)
        ]
        return missing + extra + other


class RefundsAddUp(OfRows):
    name = "refunds_add_up"
    about = "What went back of an order is the sum of its refunds and lost disputes."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.refunded_otherwise(reader, self.since)
        return [f"{row[0]} says {row[1]} {row[3]} went back, and its refunds {row[2]}" for row in rows]


class PayoutsAddUp(OfRows):
    name = "payouts_add_up"
    about = "A payout is the sum of its entries; an entry is in one payout at most, and waits for no other."

    async def broken(self, reader: Reader) -> list[str]:
        sums = [
            f"{row[0]} is {row[1]} {row[3]}, and its entries {row[2]}"
            for row in await checks.payouts_otherwise(reader, self.since)
        ]
        twice = [f"{row[0]} is in {row[1]} and waits to be paid" for row in await checks.paid_and_unpaid(reader)]
        aside = [
            f"{row[1]} {row[3]} of {row[0]} is set aside, and {row[2]} is in drafts"
            for row in await checks.in_payout_otherwise(reader)
        ]
        return sums + twice + aside


class NumbersHaveNoGaps(OfRows):
    name = "numbers_have_no_gaps"
    about = "Papers are numbered 1, 2, 3 ... for each creator and year."

    async def broken(self, reader: Reader) -> list[str]:
        rows = await checks.numbers_with_gaps(reader, self.since)
        return [f"{row[0]} is at {row[2]} in {row[1]} with {row[3]} papers" for row in rows]


def invariants(since: UUID = FIRST) -> tuple[Invariant, ...]:
    return (PaidOrdersAreBooked(since), RefundsAddUp(since), PayoutsAddUp(since), NumbersHaveNoGaps(since))


INVARIANTS = invariants()
