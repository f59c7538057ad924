"""A month of posts, as a calendar shows it."""

from __future__ import annotations

from calendar import Calendar
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.models import Post
from directfanz.domains.content.repository import posts
from directfanz.domains.creators.service import team
from directfanz.http.caller import Caller

MOST_SHOWN = 500


class Planned(msgspec.Struct, frozen=True):
    post: Post
    at: str
    scheduled: bool


class Day(msgspec.Struct, frozen=True):
    number: int
    name: str
    inside: bool
    today: bool
    posts: list[Planned]


class Month(msgspec.Struct, frozen=True):
    """`before` and `after` name the months beside it, as the address does."""

    title: str
    zone: str
    weeks: list[list[Day]]
    before: str
    after: str
    planned: int


async def month(backends: Backends, caller: Caller, creator_id: UUID, asked: str, zone: ZoneInfo) -> Month:
    now = backends.clock.now()
    first = _first_day(asked, now.astimezone(zone).date())
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    start, end = _midnight(weeks[0][0], zone), _midnight(weeks[-1][-1] + timedelta(days=1), zone)
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        found = await posts.published_between(tx, creator_id, start, end, MOST_SHOWN)
    days: dict[date, list[Planned]] = {}
    for post in found:
        assert post.publish_at is not None
        local = post.publish_at.astimezone(zone)
        days.setdefault(local.date(), []).append(Planned(post, f"{local:%H:%M}", post.publish_at > now))
    shown = [
        [
            Day(
                day.day,
                f"{day:%A, %-d %B}",
                day.month == first.month,
                day == now.astimezone(zone).date(),
                days.get(day, []),
            )
            for day in week
        ]
        for week in weeks
    ]
    planned = sum(each.scheduled for planned_that_day in days.values() for each in planned_that_day)
    return Month(f"{first:%B %Y}", zone.key, shown, _named(first, -1), _named(first, 1), planned)


def _first_day(asked: str, today: date) -> date:
    """What is no month is this one."""
    try:
        found = datetime.strptime(asked, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        found = today
    return found.replace(day=1) if 2000 <= found.year <= 2100 else today.replace(day=1)


def _named(first: date, by: int) -> str:
    return f"{(first + timedelta(days=31)) if by > 0 else (first - timedelta(days=1)):%Y-%m}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
