"""Somebody's own list."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.notifications.errors import NoSuchNotification
from directfanz.domains.notifications.models import Missed, Notification
from directfanz.domains.notifications.repository import told
from directfanz.domains.notifications.service.delivery import SHOW, Show
from directfanz.http.caller import Caller

MISSED_AT_MOST = 100


async def newest(backends: Backends, caller: Caller, before: int | None, limit: int) -> list[Notification]:
    async with backends.database.reading() as reader:
        return await told.newest(reader, caller.require_user(), before, limit)


async def unread(backends: Backends, caller: Caller) -> int:
    async with backends.database.reading() as reader:
        return await told.count_unread(reader, caller.require_user())


async def missed(backends: Backends, user_id: UUID, position: int, epoch: str) -> Missed:
    """After a reconnect. On the primary: a replica may not have what the socket would have told."""
    async with backends.database.writing() as tx:
        last, current = await told.last_position(tx, user_id)
        unread = await told.count_unread(tx, user_id)
        if position > last or (position > 0 and epoch != current):
            return Missed(unread=unread, position=last, epoch=current, reset=True)
        news = await told.since(tx, user_id, position, MISSED_AT_MOST + 1)
    if len(news) > MISSED_AT_MOST:
        return Missed(unread=unread, position=last, epoch=current, reset=True)
    return Missed(notifications=news, unread=unread, position=last, epoch=current)


async def mark_read(backends: Backends, caller: Caller, notification_id: UUID) -> None:
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        if not await told.mark_read(tx, user_id, notification_id, backends.clock.now()):
            raise NoSuchNotification("There is no such notification.")
        await backends.jobs.enqueue(tx, SHOW, Show([(user_id, None)]))


async def mark_all_read(backends: Backends, caller: Caller, upto: int | None = None) -> int:
    """`upto` is the position that the person had seen: what came later stays new."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        marked = await told.mark_all_read(tx, user_id, upto, backends.clock.now())
        if marked:
            await backends.jobs.enqueue(tx, SHOW, Show([(user_id, None)]))
    return marked
