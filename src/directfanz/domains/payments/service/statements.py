"""What a creator has, got and waits for, down to single orders; and the sums that a tax office asks for."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Row
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import team
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.models import Balances, Written
from directfanz.domains.payments.errors import NoSuchPayout
from directfanz.domains.payments.models import Order, Payout
from directfanz.domains.payments.repository import orders, payouts
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.money import Money, plain
from directfanz.kit.time import rfc3339

FIRST_YEAR = 2020
DAYS_SHOWN = 30


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a payout. The amounts of its order stand beside it when it comes from one."""

    kind: str
    at: datetime
    title: str
    order_id: UUID | None
    amount: Money
    total: Money | None
    tax: Money | None
    fee: Money | None
    provider_fee: Money | None
    release_at: datetime | None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    payout: Payout
    creator: Creator
    lines: list[Line]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    creator: Creator
    balances: list[Balances]
    releases: list[tuple[datetime, Money]]
    days: list[tuple[datetime, Money]]


class MonthOfYear(msgspec.Struct, frozen=True, kw_only=True):
    month: str
    kind: str
    currency: str
    orders: int
    subtotal: int
    discount: int
    tax: int
    total: int
    platform_fee: int
    provider_fee: int
    refunded: int


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """In minor units. `paid_out` by currency: what reached the bank that year."""

    year: int
    page: str
    country: str
    months: list[MonthOfYear]
    paid_out: dict[str, int]


async def overview(backends: Backends, caller: Caller, creator_id: UUID) -> Overview:
    since = (backends.clock.now() - timedelta(days=DAYS_SHOWN - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "money")
        by_day = dict(await orders.by_day(tx, creator_id, creator.currency, since))
        days = [since + timedelta(days=number) for number in range(DAYS_SHOWN)]
        return Overview(
            creator=creator, balances=await ledger.balances_of(tx, creator_id), releases=await ledger.due_next(tx, creator_id),
            days=[(day, Money(by_day.get(day, 0), creator.currency)) for day in days],
        )  # fmt: skip


def sum_of(shown: Overview) -> Money:
    return Money(sum(amount.minor for _, amount in shown.days), shown.creator.currency)


async def entries(
    backends: Backends, caller: Caller, creator_id: UUID, before: UUID | None, limit: int
) -> tuple[list[Written], dict[UUID, Order]]:
    """The ledger of a page, the newest first, with the orders that its lines stand for."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "money")
        found = await ledger.entries_of(tx, creator_id, before, limit)
        return found, await orders.by_ids(tx, list({each.reference for each in found if each.reference}))


async def sales(backends: Backends, caller: Caller, creator_id: UUID, before: UUID | None, limit: int) -> list[Order]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "money")
        return await orders.of_creator(tx, creator_id, before, limit)


async def payouts_of(
    backends: Backends, caller: Caller, creator_id: UUID, before: UUID | None, limit: int
) -> list[Payout]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "money")
        return await payouts.of_creator(tx, creator_id, before, limit)


async def of_payout(backends: Backends, caller: Caller, payout_id: UUID) -> Statement:
    async with backends.database.writing() as tx:
        payout = await payouts.find(tx, payout_id)
        if payout is None or await team.role_of(tx, caller, payout.creator_id) is None:
            raise NoSuchPayout("There is no such payout.")
        creator = await team.require(tx, caller, payout.creator_id, "money")
        rows = await payouts.items_of(tx, payout_id)
    return Statement(payout=payout, creator=creator, lines=[_line(row) for row in rows])


def as_csv(statement: Statement) -> str:
    rows = [
        [
            rfc3339(line.at), line.kind, line.title, str(line.order_id or ""), _plain(line.total), _plain(line.tax), _plain(line.fee),
            _plain(line.provider_fee), plain(line.amount), line.amount.currency, rfc3339(line.release_at) if line.release_at else "",
        ]
        for line in statement.lines
    ]  # fmt: skip
    head = "at,kind,title,order,total,tax,platform_fee,provider_fee,yours,currency,released"
    return _csv(head, rows)


async def tax_year(backends: Backends, caller: Caller, creator_id: UUID, year: int) -> Year:
    """By UTC. An order counts where it was paid, also what went back of it later."""
    if not FIRST_YEAR <= year <= backends.clock.now().year:
        raise InvalidInput.in_field(
            "year", "There is nothing of that year.", f"Give one from {FIRST_YEAR} to this one."
        )
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "money")
        months = await orders.year(tx, creator_id, start, end)
        paid = await payouts.paid_in_year(tx, creator_id, start, end)
    return Year(
        year=year, page=creator.name, country=creator.country, paid_out={row[0]: row[2] for row in paid},
        months=[
            MonthOfYear(
                month=f"{row[0]:%Y-%m}", kind=row[1], currency=row[2], orders=row[3], subtotal=row[4], discount=row[5], tax=row[6],
                total=row[7], platform_fee=row[8], provider_fee=row[9], refunded=row[10],
            )
            for row in months
        ],
    )  # fmt: skip


def readable(year: Year) -> list[dict[str, object]]:
    """The months with their amounts as money, for a page."""
    amounts = ("subtotal", "discount", "tax", "total", "platform_fee", "provider_fee", "refunded")
    return [
        {"month": each.month, "kind": each.kind, "orders": each.orders}
        | {name: Money(getattr(each, name), each.currency) for name in amounts}
        for each in year.months
    ]


def paid_out(year: Year) -> list[Money]:
    return [Money(minor, currency) for currency, minor in sorted(year.paid_out.items())]


def year_as_csv(year: Year) -> str:
    amounts = ("subtotal", "discount", "tax", "total", "platform_fee", "provider_fee", "refunded")
    rows = [
        [each.month, each.kind, each.currency, str(each.orders)]
        + [plain(Money(getattr(each, name), each.currency)) for name in amounts]
        for each in year.months
    ]
    return _csv("month,kind,currency,orders," + ",".join(amounts), rows)


def _line(row: Row) -> Line:
    currency, from_order = row["currency"], row["transaction_kind"] == "order_paid"
    beside = {
        name: Money(row[name], currency) if from_order else None for name in ("total", "tax", "fee", "provider_fee")
    }
    return Line(
        kind=row["order_kind"] if from_order else row["transaction_kind"], at=row["at"], title=row["title"] or "",
        order_id=row["order_id"], amount=Money(row["amount"], currency), release_at=row["release_at"], **beside,
    )  # fmt: skip


def _plain(amount: Money | None) -> str:
    return plain(amount) if amount else ""


def _csv(head: str, rows: list[list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head.split(","))
    writer.writerows([[_safe(cell) for cell in row] for row in rows])
    return out.getvalue()


def _safe(cell: str) -> str:
    """A program that shows tables would run what begins so; amounts below zero stay numbers."""
    numeric = cell.removeprefix("-").replace(".", "", 1).isdigit()
    return cell if numeric or cell[:1] not in ("=", "+", "-", "@", "\t", "\r") else "'" + cell
