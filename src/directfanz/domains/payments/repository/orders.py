from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import Kind, ObjectKind, Order, OrderState
from directfanz.domains.payments.policy.sharing import Back
from directfanz.domains.payments.repository.rows import struct_of
from directfanz.kit.money import Money

_COLUMNS = """id, user_id, creator_id, kind, membership_id, gift_id, goal_id, object_id, object_kind, title, message, subtotal,
    discount, tax, total, fee, provider_fee, refunded, refunded_tax, refunded_fee, currency, state, checkout, payment, charge,
    invoice, created_at, expires_at, paid_at"""
_LAST = UUID(int=2**128 - 1)
_AMOUNTS = (
    "subtotal", "discount", "tax", "total", "fee", "provider_fee", "refunded", "refunded_tax", "refunded_fee",
)  # fmt: skip


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    user_id: UUID
    creator_id: UUID
    kind: Kind
    title: str
    subtotal: Money
    discount: Money
    created_at: datetime
    expires_at: datetime | None
    key: str | None = None
    membership_id: UUID | None = None
    gift_id: UUID | None = None
    goal_id: UUID | None = None
    object_id: UUID | None = None
    object_kind: ObjectKind | None = None
    message: str = ""
    invoice: str | None = None


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What is known once the money is there."""

    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    fee: Money
    provider_fee: Money
    payment: str | None
    charge: str | None
    invoice: str | None
    paid_at: datetime


async def insert(tx: Writer, new: NewOrder) -> bool:
    """False when the person asked with this key, or the provider named this invoice, before."""
    return await tx.execute(
        """INSERT INTO orders (id, user_id, creator_id, kind, membership_id, gift_id, goal_id, object_id, object_kind, title, message,
                               subtotal, discount, total, currency, key, invoice, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12::bigint - $13::bigint, $14, $15, $16, $17, $18)
           ON CONFLICT DO NOTHING""",
        new.id, new.user_id, new.creator_id, new.kind, new.membership_id, new.gift_id, new.goal_id, new.object_id,
        new.object_kind, new.title, new.message, new.subtotal.minor, new.discount.minor, new.subtotal.currency, new.key,
        new.invoice, new.created_at, new.expires_at,
    ) == 1  # fmt: skip


async def insert_paid(tx: Writer, new: Sequence[tuple[NewOrder, Settled]]) -> int:
    """Periods of memberships that come paid for; how many were new."""
    return await tx.execute(
        """INSERT INTO orders (id, user_id, creator_id, kind, membership_id, title, subtotal, discount, tax, total, fee, provider_fee,
                               currency, state, payment, charge, invoice, created_at, paid_at)
           SELECT id, u, c, 'membership', m, t, s, d, x, o, f, pf, cur, 'paid', p, ch, i, a, at
             FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
                         $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[],
                         $16::timestamptz[], $17::timestamptz[])
                  AS n (id, u, c, m, t, s, d, x, o, f, pf, cur, p, ch, i, a, at)
           ON CONFLICT DO NOTHING""",
        [one.id for one, _ in new], [one.user_id for one, _ in new], [one.creator_id for one, _ in new],
        [one.membership_id for one, _ in new], [one.title for one, _ in new], [paid.subtotal.minor for _, paid in new],
        [paid.discount.minor for _, paid in new], [paid.tax.minor for _, paid in new], [paid.total.minor for _, paid in new],
        [paid.fee.minor for _, paid in new], [paid.provider_fee.minor for _, paid in new],
        [paid.total.currency for _, paid in new], [paid.payment for _, paid in new], [paid.charge for _, paid in new],
        [paid.invoice for _, paid in new], [one.created_at for one, _ in new], [paid.paid_at for _, paid in new],
    )  # fmt: skip


async def invoices_known(reader: Reader, invoices: Sequence[str]) -> dict[str, bool]:
    """Of these invoices those that have an order, and whether it is settled."""
    rows = await reader.fetch("SELECT invoice, paid_at IS NOT NULL FROM orders WHERE invoice = ANY($1)", list(invoices))
    return {row[0]: row[1] for row in rows}


async def find(reader: Reader, order_id: UUID) -> Order | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM orders WHERE id = $1", order_id)  # noqa: S608
    return _order(row) if row else None


async def lock(tx: Writer, order_id: UUID) -> Order | None:
    """Payments, refunds and disputes of one order come one after the other."""
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM orders WHERE id = $1 FOR UPDATE", order_id)  # noqa: S608
    return _order(row) if row else None


async def by_key(reader: Reader, user_id: UUID, key: str) -> Order | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM orders WHERE user_id = $1 AND key = $2", user_id, key)  # noqa: S608
    return _order(row) if row else None


async def pending_of_membership(reader: Reader, membership_id: UUID) -> Order | None:
    """Index: orders_membership."""
    sql = f"SELECT {_COLUMNS} FROM orders WHERE membership_id = $1 AND state = 'pending' ORDER BY id DESC LIMIT 1"  # noqa: S608
    row = await reader.fetch_row(sql, membership_id)
    return _order(row) if row else None


async def id_by(
    reader: Reader, *, payment: str | None = None, invoice: str | None = None, checkout: str | None = None
) -> UUID | None:
    """Indexes: the keys of the three columns."""
    if payment is not None:
        found = await reader.fetch_value("SELECT id FROM orders WHERE payment = $1", payment)
    elif invoice is not None:
        found = await reader.fetch_value("SELECT id FROM orders WHERE invoice = $1", invoice)
    else:
        found = await reader.fetch_value("SELECT id FROM orders WHERE checkout = $1", checkout)
    return found if isinstance(found, UUID) else None


async def set_checkout(tx: Writer, order_id: UUID, checkout: str) -> None:
    await tx.execute("UPDATE orders SET checkout = $2 WHERE id = $1 AND checkout IS NULL", order_id, checkout)


async def settle(tx: Writer, order_id: UUID, paid: Settled) -> Order | None:
    """The order as it is from now on; None when it was settled before."""
    row = await tx.fetch_row(
        f"""UPDATE orders SET state = 'paid', subtotal = $2, discount = $3, tax = $4, total = $5, fee = $6, provider_fee = $7,
                  payment = $8, charge = $9, invoice = coalesce(invoice, $10), paid_at = $11
           WHERE id = $1 AND state IN ('pending', 'failed', 'expired') RETURNING {_COLUMNS}""",  # noqa: S608
        order_id, paid.subtotal.minor, paid.discount.minor, paid.tax.minor, paid.total.minor, paid.fee.minor,
        paid.provider_fee.minor, paid.payment, paid.charge, paid.invoice, paid.paid_at,
    )  # fmt: skip
    return _order(row) if row else None


async def move(tx: Writer, order_id: UUID, old: OrderState, new: OrderState) -> bool:
    return await tx.execute("UPDATE orders SET state = $3 WHERE id = $1 AND state = $2", order_id, old, new) == 1


async def lapse_all(tx: Writer, order_ids: Sequence[UUID]) -> list[tuple[UUID | None, UUID | None]]:
    """Of pages that nobody paid on: the memberships and gifts that they held. In the order of their ids, as whoever locks several does."""
    rows = await tx.fetch(
        """UPDATE orders o SET state = 'expired'
             FROM (SELECT id FROM orders WHERE id = ANY($1) AND state = 'pending' ORDER BY id FOR UPDATE) AS over
            WHERE o.id = over.id RETURNING o.membership_id, o.gift_id""",
        list(order_ids),
    )
    return [(row[0], row[1]) for row in rows]


async def set_back(tx: Writer, order_id: UUID, back: Back, state: OrderState) -> None:
    await tx.execute(
        "UPDATE orders SET refunded = $2, refunded_tax = $3, refunded_fee = $4, state = $5 WHERE id = $1",
        order_id, back.amount.minor, back.tax.minor, back.fee.minor, state,
    )  # fmt: skip


async def of_user(reader: Reader, user_id: UUID, before: UUID | None, limit: int) -> list[Order]:
    """What they paid, and what waits to be paid; the newest first. Index: orders_of."""
    sql = f"""SELECT {_COLUMNS} FROM orders WHERE user_id = $1 AND id < $2 AND state <> 'expired'
              ORDER BY id DESC LIMIT $3"""  # noqa: S608
    return [_order(row) for row in await reader.fetch(sql, user_id, before or _LAST, limit)]


async def of_creator(reader: Reader, creator_id: UUID, before: UUID | None, limit: int) -> list[Order]:
    """Index: orders_to."""
    sql = f"""SELECT {_COLUMNS} FROM orders WHERE creator_id = $1 AND id < $2 AND paid_at IS NOT NULL
              ORDER BY id DESC LIMIT $3"""  # noqa: S608
    return [_order(row) for row in await reader.fetch(sql, creator_id, before or _LAST, limit)]


async def by_ids(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Order]:
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM orders WHERE id = ANY($1)", list(ids))  # noqa: S608
    return {row[0]: _order(row) for row in rows}


async def all_of(reader: Reader, user_id: UUID) -> list[Order]:
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM orders WHERE user_id = $1 ORDER BY id", user_id)  # noqa: S608
    return [_order(row) for row in rows]


async def expired(reader: Reader, now: datetime, most: int) -> list[Order]:
    """Index: orders_expiring."""
    sql = f"""SELECT {_COLUMNS} FROM orders WHERE state = 'pending' AND expires_at <= $1
              ORDER BY expires_at LIMIT $2"""  # noqa: S608
    return [_order(row) for row in await reader.fetch(sql, now, most)]


async def owns(reader: Reader, user_id: UUID, object_id: UUID, but: UUID | None = None) -> bool:
    """By another order than `but`. Index: orders_owned."""
    return bool(
        await reader.fetch_value(
            """SELECT EXISTS (SELECT FROM orders WHERE user_id = $1 AND object_id = $2 AND kind = 'purchase'
                              AND state IN ('paid', 'part_refunded', 'disputed') AND id IS DISTINCT FROM $3)""",
            user_id, object_id, but,
        )
    )  # fmt: skip


async def spent(reader: Reader, user_id: UUID, currency: str, since: datetime, now: datetime) -> int:
    """Paid since, less what went back, and what is on pages that are still open. Indexes: orders_spent, orders_of."""
    return int(
        await reader.fetch_value(
            """SELECT coalesce(sum(total - refunded), 0)::bigint FROM orders
               WHERE user_id = $1 AND currency = $2
                 AND (paid_at >= $3 OR (state = 'pending' AND expires_at > $4))""",
            user_id, currency, since, now,
        )
    )  # fmt: skip


async def by_month_of_user(reader: Reader, user_id: UUID, currency: str, since: datetime) -> list[tuple[datetime, int]]:
    """What they paid each month, less what went back. Index: orders_spent."""
    rows = await reader.fetch(
        """SELECT date_trunc('month', paid_at, 'UTC') AS month, sum(total - refunded)::bigint FROM orders
           WHERE user_id = $1 AND currency = $2 AND paid_at >= $3 GROUP BY 1 ORDER BY 1""",
        user_id, currency, since,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def by_day(reader: Reader, creator_id: UUID, currency: str, since: datetime) -> list[tuple[datetime, int]]:
    """What came in each day, less what went back. Index: orders_to."""
    rows = await reader.fetch(
        """SELECT date_trunc('day', paid_at, 'UTC') AS day, sum(total - refunded)::bigint FROM orders
           WHERE creator_id = $1 AND currency = $2 AND paid_at >= $3 GROUP BY 1 ORDER BY 1""",
        creator_id, currency, since,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def year(reader: Reader, creator_id: UUID, start: datetime, end: datetime) -> Sequence[Row]:
    """Sums of a year by month, kind and currency. Index: orders_to."""
    rows: Sequence[Row] = await reader.fetch(
        """SELECT date_trunc('month', paid_at, 'UTC') AS month, kind, currency, count(*), sum(subtotal)::bigint, sum(discount)::bigint,
                  sum(tax)::bigint, sum(total)::bigint, sum(fee)::bigint, sum(provider_fee)::bigint, sum(refunded)::bigint
           FROM orders WHERE creator_id = $1 AND paid_at >= $2 AND paid_at < $3 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
        creator_id, start, end,
    )  # fmt: skip
    return rows


def _order(row: Row) -> Order:
    return struct_of(Order, row, _AMOUNTS)
