"""What happened, gathered in one mail at the hour that somebody chose."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts.service.contacts import contact_of
from directfanz.domains.notifications import email
from directfanz.domains.notifications.kinds import KINDS
from directfanz.domains.notifications.repository import outgoing, told


class MakeDigest(msgspec.Struct, frozen=True):
    user_id: UUID


async def _digest(backends: Backends, payload: MakeDigest) -> None:
    """What was read meanwhile is not told again."""
    async with backends.database.writing() as tx:
        waiting = await outgoing.gathered_for(tx, payload.user_id)
        news = [each for each in await told.find_many(tx, waiting) if each.read_at is None and each.kind in KINDS]
        contact = await contact_of(tx, payload.user_id)
    if news and contact is not None:
        await backends.mailer.send(email.digest(backends, payload.user_id, news, contact))
    async with backends.database.writing() as tx:
        await outgoing.left(tx, waiting, "email")


DIGEST = Job("notifications.digest", MakeDigest, _digest, queue="mail")
