"""When something leaves: not in somebody's quiet hours, and for a digest at their hour. Pure, in the person's own zone.

Clock times are compared as the wall says them, so that a night stays a night when clocks change. An hour that a day lacks comes
when the clock jumps; one that it has twice comes the first time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from directfanz.domains.notifications.models import Rhythm

DAY = timedelta(days=1)


def zone_named(name: str) -> ZoneInfo:
    """What somebody's browser said once may be no zone any more."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def quiet_until(rhythm: Rhythm, zone: ZoneInfo, now: datetime) -> datetime | None:
    """None outside the quiet hours, which may go over midnight."""
    if rhythm.quiet_from is None or rhythm.quiet_to is None:
        return None
    local = now.astimezone(zone)
    minute, begins, ends = local.hour * 60 + local.minute, rhythm.quiet_from, rhythm.quiet_to
    overnight = begins > ends
    if not (minute >= begins or minute < ends if overnight else begins <= minute < ends):
        return None
    moment = _at(local, ends, zone, days=1 if overnight and minute >= begins else 0)
    # Clocks that went back make a quiet hour that is over by the wall come again: it is over.
    return moment if moment > now else None


def digest_at(rhythm: Rhythm, zone: ZoneInfo, now: datetime) -> datetime:
    """The next one that is still to come."""
    local = now.astimezone(zone)
    every = 7 if rhythm.digest == "weekly" else 1
    days = (rhythm.digest_weekday - local.weekday()) % 7 if rhythm.digest == "weekly" else 0
    first = _at(local, rhythm.digest_at, zone, days)
    return first if first > now else _at(local, rhythm.digest_at, zone, days + every)


def _at(local: datetime, minute: int, zone: ZoneInfo, days: int) -> datetime:
    day = (local.replace(tzinfo=None) + days * DAY).date()
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    moment = wall.astimezone(UTC)
    missing = moment.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None)
    return _jump(wall, zone) if missing else moment


def _jump(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clock jumps over an hour: its first minute that there is."""
    moment = wall.replace(fold=1).astimezone(UTC)
    while (moment + timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None) < wall.replace(tzinfo=None):
        moment += timedelta(minutes=1)
    return moment + timedelta(minutes=1)
