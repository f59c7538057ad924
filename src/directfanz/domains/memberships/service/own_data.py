"""What this domain knows of a person. When they leave the platform nothing is charged any more: their subscriptions are cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.creators.service import lookup
from directfanz.domains.memberships.policy.states import ended
from directfanz.domains.memberships.repository import gifts, memberships, own_data
from directfanz.domains.memberships.service import at_provider
from directfanz.domains.memberships.service.record import become
from directfanz.kit.money import Money, plain

TABLES = frozenset(
    {
        "memberships",
        "membership_events",
        "tier_price_changes",
        "offer_redemptions",
        "trial_uses",
        "gifts",
        "member_notes",
    }
)


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    mine = await memberships.of_user(reader, user_id)
    bought, claimed = await gifts.bought_by(reader, user_id), await gifts.claimed_by(reader, user_id)
    return {
        "Memberships": [
            {
                "page": (await lookup.by_id_even_closed(reader, row.creator_id)).name, "state": row.state,
                "price": f"{plain(Money(row.amount, row.currency))} {row.currency} a {row.interval}", "from": row.started_at,
                "paid_until": row.period_end, "ended": row.ended_at, "why_you_left": row.cancel_comment,
            }
            for row in mine
        ],
        "Gifts you bought": [{"months": each.months, "state": each.state, "at": each.paid_at, "message": each.message} for each in bought],
        "Gifts you claimed": [{"months": each.months, "at": each.claimed_at, "until": each.ends_at} for each in claimed],
        "Codes you used": await own_data.codes_of(reader, user_id),
        "Trials you had": await own_data.trials_of(reader, user_id),
        "What teams noted about you": await own_data.notes_about(reader, user_id),
    }  # fmt: skip


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    for membership_id in await own_data.ids_not_ended(tx, user_id):
        row = await memberships.lock(tx, membership_id)
        if row is None or row.state == "ended":
            continue
        if row.subscription is not None:
            await at_provider.cancel(backends, tx, row.subscription)
        await become(
            backends, tx, row, ended(row, backends.clock.now(), "account_closed"), "ended", why="account_closed"
        )
    await own_data.forget(tx, user_id)
