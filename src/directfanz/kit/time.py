"""Time as the platform writes it: UTC, milliseconds where a person or a program reads it."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def rfc3339(moment: datetime) -> str:
    """`2026-11-21T12:00:00.000Z`"""
    return in_utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    if not _RFC3339.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a moment such as 2026-11-21T12:00:00Z")
    return in_utc(datetime.fromisoformat(text.upper()))


def in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is not a moment")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("that moment is before or after all that can be written") from None


def add_months(moment: datetime, months: int) -> datetime:
    """The same day so many months on, or the month's last day where it has no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError("that month is before or after all that can be written")
    return moment.replace(year=year, month=month + 1, day=min(moment.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    return monthrange(year, month)[1]
