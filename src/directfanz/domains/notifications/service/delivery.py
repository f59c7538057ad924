"""Jobs that carry what was told: to open pages, to the mailbox, to browsers that are closed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Retry
from directfanz.domains.accounts.service.contacts import contact_of
from directfanz.domains.notifications import email
from directfanz.domains.notifications.events import Pushed, channel_of
from directfanz.domains.notifications.kinds import KINDS
from directfanz.domains.notifications.models import Notification, Outgoing, view
from directfanz.domains.notifications.repository import outgoing, told
from directfanz.domains.notifications.service import pushing
from directfanz.errors import DirectFanzError, Rejected

log = logging.getLogger("directfanz.notifications")
# Longer than any provider is waited for.
TAKEN_FOR = timedelta(minutes=2)
SHOWN_AT_ONCE = 50


class Show(msgspec.Struct, frozen=True):
    """People, each with what is new; without it only the count is told."""

    to: list[tuple[UUID, UUID | None]]


class Carry(msgspec.Struct, frozen=True):
    notification_ids: list[UUID]


async def _show(backends: Backends, payload: Show) -> None:
    async with backends.database.writing() as tx:  # the primary: a replica may not have it yet
        news = {each.id: each for each in await told.find_many(tx, [each for _, each in payload.to if each])}
        standing = await told.standing(tx, [user_id for user_id, _ in payload.to])
    for start in range(0, len(payload.to), SHOWN_AT_ONCE):
        part = payload.to[start : start + SHOWN_AT_ONCE]
        await asyncio.gather(
            *(_show_one(backends, user_id, news.get(told_id) if told_id else None, standing[user_id])
              for user_id, told_id in part if user_id in standing)
        )  # fmt: skip


async def _show_one(
    backends: Backends, user_id: UUID, new: Notification | None, standing: tuple[int, int, str]
) -> None:
    unread, position, epoch = standing
    message = Pushed(unread, new.position if new else position, epoch, view(new) if new else None)
    await backends.cache.publish(channel_of(user_id), msgspec.json.encode(message))


async def _mail(backends: Backends, told_one: Notification) -> None:
    async with backends.database.writing() as tx:
        contact = await contact_of(tx, told_one.user_id)
    if contact is not None:
        await backends.mailer.send(email.written(backends, told_one, contact))


def _carrying(channel: Outgoing, send: Callable[[Backends, Notification], Awaitable[None]]) -> Job[Carry]:
    async def carry(backends: Backends, payload: Carry) -> None:
        """Each by itself: what left is gone from the list, so a retry carries only the rest."""
        failed: list[DirectFanzError] = []
        for notification_id in payload.notification_ids:
            try:
                await _carry_one(backends, channel, notification_id, send)
            except Rejected as error:
                log.warning("A %s was refused for good: %s", channel, error.message)
            except DirectFanzError as error:
                failed.append(error)
        if failed:
            raise failed[0]

    name = {"email": "notifications.mail", "push": "notifications.push"}[channel]
    return Job(name, Carry, carry, queue="mail" if channel == "email" else "push", timeout_seconds=1_200)


async def _carry_one(
    backends: Backends, channel: Outgoing, notification_id: UUID, send: Callable[[Backends, Notification], Awaitable[None]]
) -> None:  # fmt: skip
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        if not await outgoing.take(tx, notification_id, channel, now, now + TAKEN_FOR):
            return
        found = await told.find(tx, notification_id)
    try:
        if found is not None and found.kind in KINDS:
            await send(backends, found)
    except Rejected:
        await _gone(backends, channel, [notification_id])
        raise
    except BaseException:
        async with backends.database.writing() as tx:
            await outgoing.give_back(tx, notification_id, channel)
        raise
    await _gone(backends, channel, [notification_id])


async def _gone(backends: Backends, channel: Outgoing, notification_ids: Sequence[UUID]) -> None:
    async with backends.database.writing() as tx:
        await outgoing.left(tx, notification_ids, channel)


# Of news that fail nothing is lost: the list has it, and a client that reconnects asks for what it missed.
SHOW = Job("notifications.show", Show, _show, retry=Retry(tries=3, first_seconds=1))
CARRY: dict[Outgoing, Job[Carry]] = {"email": _carrying("email", _mail), "push": _carrying("push", pushing.push)}
