"""Billing periods: from an anchor on, by whole months and years, and the share of one that is left."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

DAY = 86_400


def moment_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def add_months(moment: datetime, months: int, day: int) -> datetime:
    """On that day of the month, or on the month's last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(day, monthrange(year, month + 1)[1]))


def step(start: int, anchor: int, interval: str, count: int = 1) -> int:
    """The end of a period that begins at `start`. The anchor's day of month comes back after a short month."""
    if interval in ("day", "week"):
        return start + count * DAY * (7 if interval == "week" else 1)
    months = count * (12 if interval == "year" else 1)
    return int(add_months(moment_of(start), months, moment_of(anchor).day).timestamp())


def first_end(now: int, anchor: int, interval: str, count: int = 1) -> int:
    """The first end of a period after `now` for an anchor in the future or the past."""
    end = anchor
    while end <= now:
        end = step(end, anchor, interval, count)
    return end


def share(amount: int, part: int, whole: int) -> int:
    """`amount * part / whole`, halves away from zero."""
    if whole <= 0:
        return 0
    doubled = (2 * abs(amount) * part + whole) // (2 * whole)
    return doubled if amount >= 0 else -doubled


def percent(amount: int, percentage: float) -> int:
    """Percentages have at most four decimals."""
    return share(amount, round(percentage * 10_000), 1_000_000)


def start_of_day(seconds: int) -> int:
    return seconds - seconds % DAY


def shown_day(seconds: int) -> str:
    day = moment_of(seconds)
    return f"{day.day} {day:%b} {day.year}"


def months_later(seconds: int, months: int) -> int:
    start = moment_of(seconds)
    return int(add_months(start, months, start.day).timestamp())


def days_later(seconds: int, days: int) -> int:
    return int((moment_of(seconds) + timedelta(days=days)).timestamp())
