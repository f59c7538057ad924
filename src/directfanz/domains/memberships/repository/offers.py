"""`offers`, `offer_redemptions` and `trial_uses`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.memberships.models import Offer

_COLUMNS = "id, creator_id, tier_id, code, name, percent, amount, currency, periods, at_most, expires_at, audience, state, created_at"
_USED = "(SELECT count(*) FROM offer_redemptions r WHERE r.offer_id = offers.id) AS used"


async def insert(tx: Writer, offer: Offer) -> None:
    """A code that is open already raises `offers_code_key`."""
    await tx.execute(
        f"INSERT INTO offers ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",  # noqa: S608
        *[getattr(offer, name.strip()) for name in _COLUMNS.split(",")],
    )


async def archive(tx: Writer, offer_id: UUID) -> bool:
    return await tx.execute("UPDATE offers SET state = 'archived' WHERE id = $1 AND state = 'open'", offer_id) == 1


async def find(reader: Reader, offer_id: UUID) -> Offer | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS}, {_USED} FROM offers WHERE id = $1", offer_id)  # noqa: S608
    return _offer(row) if row else None


async def find_open(reader: Reader, creator_id: UUID, code: str) -> Offer | None:
    """Index: offers_code_key."""
    sql = f"SELECT {_COLUMNS}, {_USED} FROM offers WHERE creator_id = $1 AND code = $2 AND state = 'open'"  # noqa: S608
    row = await reader.fetch_row(sql, creator_id, code)
    return _offer(row) if row else None


async def lock_open(tx: Writer, creator_id: UUID, code: str) -> Offer | None:
    """For the last use of it: counted anew once the lock is ours."""
    sql = "SELECT id FROM offers WHERE creator_id = $1 AND code = $2 AND state = 'open' FOR NO KEY UPDATE"
    offer_id = await tx.fetch_value(sql, creator_id, code)
    return await find(tx, offer_id) if offer_id else None


async def of_creator(reader: Reader, creator_id: UUID, most: int) -> list[Offer]:
    """The newest first. Index: offers_of."""
    sql = f"SELECT {_COLUMNS}, {_USED} FROM offers WHERE creator_id = $1 ORDER BY id DESC LIMIT $2"  # noqa: S608
    return [_offer(row) for row in await reader.fetch(sql, creator_id, most)]


async def redeem(tx: Writer, offer_id: UUID, user_id: UUID, membership_id: UUID, now: datetime) -> bool:
    """False when this person used it before."""
    return await tx.execute(
        """INSERT INTO offer_redemptions (offer_id, user_id, membership_id, at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (offer_id, user_id) DO NOTHING""",
        offer_id, user_id, membership_id, now,
    ) == 1  # fmt: skip


async def give_back(tx: Writer, membership_id: UUID) -> None:
    """Of a joining that came to nothing. Index: offer_redemptions_for."""
    await tx.execute("DELETE FROM offer_redemptions WHERE membership_id = $1", membership_id)


async def had_trial(reader: Reader, creator_id: UUID, user_id: UUID) -> bool:
    sql = "SELECT true FROM trial_uses WHERE creator_id = $1 AND user_id = $2"
    return bool(await reader.fetch_value(sql, creator_id, user_id))


async def use_trial(
    tx: Writer, creator_id: UUID, user_id: UUID, membership_id: UUID, card: str | None, now: datetime
) -> bool:
    """False when this person or this card had one of another membership. Keys: trial_uses_pkey, trial_uses_card_key."""
    await tx.execute(
        """INSERT INTO trial_uses (creator_id, user_id, membership_id, card, at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING""",
        creator_id, user_id, membership_id, card, now,
    )  # fmt: skip
    mine = await tx.fetch_row(
        "SELECT membership_id, card FROM trial_uses WHERE creator_id = $1 AND user_id = $2", creator_id, user_id
    )
    if mine is None or mine[0] != membership_id:
        return False
    if card is None or mine[1] is not None:
        return True
    return await tx.execute(
        """UPDATE trial_uses SET card = $3 WHERE creator_id = $1 AND user_id = $2
           AND NOT EXISTS (SELECT FROM trial_uses WHERE creator_id = $1 AND card = $3)""",
        creator_id, user_id, card,
    ) == 1  # fmt: skip


def _offer(row: Row) -> Offer:
    return Offer(**dict(row))
