"""Where a file stands. Every move goes through here: the table says which there are, the row decides which of two comes first."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.media.errors import AssetMoved
from directfanz.domains.media.models import TRANSITIONS, State
from directfanz.domains.media.repository import assets


async def move(backends: Backends, tx: Writer, asset_id: UUID, old: State, new: State) -> None:
    """`AssetMoved` when it is not in `old` any more."""
    _require_way(old, new)
    if not await assets.move(tx, asset_id, old, new, backends.clock.now()):
        raise AssetMoved(f"This file is not {old} any more. Look again.")


async def fail(backends: Backends, tx: Writer, asset_id: UUID, old: State, code: str, reason: str) -> bool:
    """With the reason that its team reads. False when it is not in `old` any more: somebody else was quicker."""
    _require_way(old, "failed")
    now = backends.clock.now()
    return await assets.move(tx, asset_id, old, "failed", now, reason_code=code, reason=reason)


def _require_way(old: State, new: State) -> None:
    if new not in TRANSITIONS[old]:
        raise AssetMoved(f"A file that is {old} cannot become {new}.")
