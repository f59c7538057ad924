"""Jobs that carry a notification to open browsers and to the mailbox."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Retry
from directfanz.domains.accounts.service.contacts import contact_of
from directfanz.domains.notifications import email, repository
from directfanz.domains.notifications.events import Pushed, channel_of
from directfanz.domains.notifications.kinds import KINDS
from directfanz.domains.notifications.models import view


class Push(msgspec.Struct, frozen=True):
    """Without a notification only the count is told."""

    user_id: UUID
    notification_id: UUID | None


class Mail(msgspec.Struct, frozen=True):
    notification_id: UUID


async def _push(backends: Backends, payload: Push) -> None:
    async with backends.database.writing() as tx:  # the primary: a replica may not have it yet
        told = await repository.find(tx, payload.notification_id) if payload.notification_id else None
        unread = await repository.count_unread(tx, payload.user_id)
        position, epoch = await repository.last_position(tx, payload.user_id)
    message = Pushed(unread, told.position if told else position, epoch, view(told) if told else None)
    await backends.cache.publish(channel_of(payload.user_id), msgspec.json.encode(message))


async def _mail(backends: Backends, payload: Mail) -> None:
    async with backends.database.writing() as tx:
        told = await repository.find(tx, payload.notification_id)
        contact = await contact_of(tx, told.user_id) if told else None
    if told is None or contact is None or told.kind not in KINDS:
        return  # erased or moved meanwhile: nobody is there to be told
    await backends.mailer.send(email.written(backends, told, contact))


# Of a push that fails nothing is lost: the list has it, and a client that reconnects asks for what it missed.
PUSH = Job("notifications.push", Push, _push, retry=Retry(tries=3, first_seconds=1))
MAIL = Job("notifications.mail", Mail, _mail, queue="mail")
