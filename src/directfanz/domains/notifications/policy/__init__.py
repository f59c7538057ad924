"""What is told how, and when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from directfanz.domains.notifications.kinds import Channel, Kind
from directfanz.domains.notifications.models import Delivery, Listener, Rhythm
from directfanz.domains.notifications.policy.timing import digest_at, quiet_until

# After so long the sweeper carries what a job should have carried.
RESCUED_AFTER = timedelta(minutes=15)
AS_IT_COMES = Rhythm()


def wants(kind: Kind, channel: Channel, chosen: Mapping[Channel, bool]) -> bool:
    """What they never chose is as the kind says."""
    if channel in kind.always:
        return True
    return chosen.get(channel, channel in kind.by_default)


def deliveries(kind: Kind, listener: Listener, notification_id: UUID, zone: ZoneInfo, now: datetime) -> list[Delivery]:
    """What leaves for this person by mail and push. What is told whatever they chose is not held back either."""
    found = [_mail(kind, listener, notification_id, zone, now), _push(kind, listener, notification_id, zone, now)]
    return [each for each in found if each is not None]


def is_due(delivery: Delivery, now: datetime) -> bool:
    """Whether a job carries it at once."""
    return not delivery.gathered and delivery.due_at == now + RESCUED_AFTER


def _mail(kind: Kind, to: Listener, notification_id: UUID, zone: ZoneInfo, now: datetime) -> Delivery | None:
    rhythm = to.rhythm or AS_IT_COMES
    if not wants(kind, "email", to.chosen):
        return None
    if kind.gathers and rhythm.digest != "at_once":
        if rhythm.digest == "never":
            return None
        due = digest_at(rhythm, zone, now)
        return Delivery(notification_id=notification_id, user_id=to.user_id, channel="email", due_at=due, gathered=True)
    return Delivery(
        notification_id=notification_id, user_id=to.user_id, channel="email",
        due_at=_leaves(rhythm, zone, now, held="email" not in kind.always),
    )  # fmt: skip


def _push(kind: Kind, to: Listener, notification_id: UUID, zone: ZoneInfo, now: datetime) -> Delivery | None:
    if not to.has_browser or not wants(kind, "push", to.chosen):
        return None
    return Delivery(
        notification_id=notification_id, user_id=to.user_id, channel="push",
        due_at=_leaves(to.rhythm or AS_IT_COMES, zone, now, held=True),
    )  # fmt: skip


def _leaves(rhythm: Rhythm, zone: ZoneInfo, now: datetime, *, held: bool) -> datetime:
    quiet = quiet_until(rhythm, zone, now) if held else None
    return quiet or now + RESCUED_AFTER
