"""Telling somebody something.

    await notifications.notify(backends, tx, user_id, "privacy.export_ready", dedupe=f"export-{id}", link="/settings/privacy")

On the caller's transaction: the row, the push to open browsers and the mail come with its commit or not at all.
"""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.notifications import repository
from directfanz.domains.notifications.kinds import KINDS
from directfanz.domains.notifications.models import Notification
from directfanz.domains.notifications.service.delivery import MAIL, PUSH, Mail, Push
from directfanz.domains.notifications.service.preferences import wants
from directfanz.kit.ids import new_id

__all__ = ["notify"]


async def notify(
    backends: Backends, tx: Writer, user_id: UUID, kind: str, *, dedupe: str | None = None, link: str = "", **facts: str
) -> bool:
    """False when the same (`dedupe`) was told before. An unknown kind is a mistake in the code."""
    known = KINDS[kind]
    if dedupe is not None and await repository.is_told(tx, user_id, dedupe):
        return False
    told = Notification(
        id=new_id(), user_id=user_id, position=await repository.next_position(tx, user_id), kind=kind, facts=facts,
        link=link, created_at=backends.clock.now(), read_at=None,
    )  # fmt: skip
    if not await repository.insert(tx, told, dedupe):
        return False
    chosen = await repository.chosen(tx, user_id)
    if wants(known, "in_app", chosen):
        await backends.jobs.enqueue(tx, PUSH, Push(user_id, told.id))
    if wants(known, "email", chosen):
        await backends.jobs.enqueue(tx, MAIL, Mail(told.id))
    return True
