from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

ExportState = Literal["waiting", "running", "ready", "failed", "expired"]
# `running` may follow itself: a job whose worker was killed begins again.
EXPORT_TRANSITIONS: dict[ExportState, frozenset[ExportState]] = {
    "waiting": frozenset({"running", "failed"}),
    "running": frozenset({"running", "ready", "failed"}),
    "ready": frozenset({"expired"}),
    "failed": frozenset(),
    "expired": frozenset(),
}
EXPORT_LIVES = timedelta(days=7)
# Long after the last try of its job. Until then the person cannot ask for another one.
GIVE_UP_AFTER = timedelta(days=1)
DOWNLOAD_LIVES = timedelta(minutes=5)
GRACE_DAYS = 14
GRACE = timedelta(days=GRACE_DAYS)


class Export(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    user_id: UUID
    state: ExportState
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    bytes: int | None
    sha256: str | None

    @property
    def key(self) -> str:
        """In the bucket `private`, whose rule removes what is older than an export lives."""
        return f"exports/{self.id}.zip"


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """An account on its way out. Until `due_at` its owner may change their mind."""

    id: UUID
    user_id: UUID
    asked_at: datetime
    due_at: datetime
