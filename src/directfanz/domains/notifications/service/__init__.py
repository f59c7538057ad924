"""Telling somebody something.

    await notifications.notify(backends, tx, user_id, "privacy.export_ready", dedupe=f"export-{id}", link="/settings/privacy")
    await notifications.notify_many(backends, tx, user_ids, "content.published", dedupe=f"post-{id}", page="Ada", title="...")

On the caller's transaction: the row, the news for open browsers, the mail and the push come with its commit or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.contacts import zones_of
from directfanz.domains.notifications.kinds import KINDS, Kind
from directfanz.domains.notifications.models import Delivery, Listener, Notification
from directfanz.domains.notifications.policy import deliveries, is_due, wants
from directfanz.domains.notifications.policy.timing import zone_named
from directfanz.domains.notifications.repository import choices, outgoing, told
from directfanz.domains.notifications.service.delivery import CARRY, SHOW, Carry, Show
from directfanz.kit.ids import new_id

__all__ = ["MOST_AT_ONCE", "notify", "notify_burst", "notify_many"]

MOST_AT_ONCE = 1_000
CARRIED_BY_ONE_JOB = 100
MOST_ACTORS = 200


async def notify(
    backends: Backends, tx: Writer, user_id: UUID, kind: str, *, dedupe: str | None = None, link: str = "", **facts: str
) -> bool:
    """False when the same (`dedupe`) was told before. An unknown kind is a mistake in the code."""
    return bool(await _tell(backends, tx, [user_id], KINDS[kind], dedupe, link, facts))


async def notify_burst(
    backends: Backends, tx: Writer, user_id: UUID, kind: str, *, about: str, actor: UUID, link: str = "", **facts: str
) -> bool:
    """What many do to the same thing: while one about it is unread, the next is counted in it ("Ada and 12 others", where the kind
    says {name}) and rises to the top, instead of being told anew. The same person counts once: then False."""
    counted = await _counted(backends, tx, user_id, about, actor, link, facts)
    if counted is not None:
        return counted
    return bool(await _tell(backends, tx, [user_id], KINDS[kind], None, link, facts, (about, actor)))


async def notify_many(
    backends: Backends, tx: Writer, user_ids: Sequence[UUID], kind: str, *, dedupe: str, link: str = "", **facts: str
) -> int:
    """How many had not been told before. At most `MOST_AT_ONCE` in a transaction: a job tells more in parts."""
    if len(user_ids) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} people in one transaction")
    return len(await _tell(backends, tx, sorted(set(user_ids)), KINDS[kind], dedupe, link, facts))


async def _tell(
    backends: Backends, tx: Writer, user_ids: Sequence[UUID], kind: Kind, dedupe: str | None, link: str,
    facts: Mapping[str, str], burst: tuple[str, UUID] | None = None,
) -> set[UUID]:  # fmt: skip
    before = await told.told_before(tx, user_ids, dedupe) if dedupe is not None else set()
    to_tell = [each for each in user_ids if each not in before]
    if not to_tell:
        return set()
    positions, now = await told.next_positions(tx, to_tell), backends.clock.now()
    made = {
        user_id: Notification(
            id=new_id(), user_id=user_id, position=positions[user_id], kind=kind.name, facts=facts, link=link,
            created_at=now, read_at=None,
        )
        for user_id in to_tell
    }  # fmt: skip
    about, actor = burst or (None, None)
    fresh = await told.insert(tx, list(made.values()), dedupe, about, [actor] if actor else [])
    if fresh:
        await send(backends, tx, kind, {user_id: made[user_id].id for user_id in sorted(fresh)})
    return fresh


async def send(backends: Backends, tx: Writer, kind: Kind, ids: Mapping[UUID, UUID]) -> None:
    listeners = await choices.listeners(tx, list(ids), kind.name)
    shown: list[tuple[UUID, UUID | None]] = [
        (each.user_id, ids[each.user_id]) for each in listeners if wants(kind, "in_app", each.chosen)
    ]
    if shown:
        await backends.jobs.enqueue(tx, SHOW, Show(shown))
    now = backends.clock.now()  # one moment for the plan and for what is due by it: clocks go on between two looks
    planned = await _planned(tx, kind, listeners, ids, now)
    if not planned:
        return
    await outgoing.insert(tx, planned)
    for channel, job in CARRY.items():
        due = [each.notification_id for each in planned if each.channel == channel and is_due(each, now)]
        for start in range(0, len(due), CARRIED_BY_ONE_JOB):
            await backends.jobs.enqueue(tx, job, Carry(due[start : start + CARRIED_BY_ONE_JOB]))


async def _planned(
    tx: Writer, kind: Kind, listeners: Sequence[Listener], ids: Mapping[UUID, UUID], now: datetime
) -> list[Delivery]:
    """Zones are asked only of those whose clock matters."""
    rhythmic = [each.user_id for each in listeners if each.rhythm is not None]
    zones = await zones_of(tx, rhythmic) if rhythmic else {}
    return [
        delivery
        for each in listeners
        for delivery in deliveries(kind, each, ids[each.user_id], zone_named(zones.get(each.user_id, "UTC")), now)
    ]


async def _counted(
    backends: Backends, tx: Writer, user_id: UUID, about: str, actor: UUID, link: str, facts: Mapping[str, str]
) -> bool | None:
    """None when there is no unread one to count it in."""
    # The position's row is locked first, here as where one is told anew: two at once wait for each other, and the second one finds it.
    position = (await told.next_positions(tx, [user_id]))[user_id]
    found = await told.find_collapsing(tx, user_id, about)
    if found is None:
        return None
    notification_id, actors = found
    if actor in actors:
        return False
    await told.count_one_more(tx, notification_id, position, facts, actor, backends.clock.now(), MOST_ACTORS)
    await backends.jobs.enqueue(tx, SHOW, Show([(user_id, notification_id)]))
    return True
