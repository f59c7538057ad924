"""What somebody lets themselves spend, as this domain sees it: who knows of payments knows it, and a request brings it along."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from directfanz.backends.database.contract import Writer
from directfanz.kit.money import Money


@runtime_checkable  # the router looks whether what it gives is one
class SpendLimit(Protocol):
    async def hold(self, tx: Writer, user_id: UUID, membership_id: UUID, due: Money, since: datetime) -> None:
        """Before a card is charged. Raises when it is too much; otherwise it counts from now on."""

    async def let_go(self, tx: Writer, membership_id: UUID) -> None:
        """Nothing was charged."""
