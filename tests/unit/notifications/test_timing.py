"""Quiet hours and digests, by the clock on the wall, also on the days when it is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.domains.notifications.models import Rhythm
from directfanz.domains.notifications.policy.timing import digest_at, quiet_until, zone_named

NIGHT = Rhythm(quiet_from=22 * 60, quiet_to=8 * 60)
NOON = Rhythm(quiet_from=12 * 60, quiet_to=14 * 60)
BERLIN, NEW_YORK, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "zone", "now", "until"),
    [
        (NIGHT, BERLIN, "2026-01-10T20:59", None),
        (NIGHT, BERLIN, "2026-01-10T21:00", "2026-01-11T07:00"),
        (NIGHT, BERLIN, "2026-01-11T06:59", "2026-01-11T07:00"),
        (NIGHT, BERLIN, "2026-01-11T07:00", None),
        (NOON, NEW_YORK, "2026-07-01T16:00", "2026-07-01T18:00"),
        (NOON, NEW_YORK, "2026-07-01T18:00", None),
        # The night in which clocks go forward is an hour shorter, the other one longer; eight stays eight.
        (NIGHT, BERLIN, "2026-03-28T21:30", "2026-03-29T06:00"),
        (NIGHT, BERLIN, "2026-10-24T20:30", "2026-10-25T07:00"),
        # It ends at 02:30, which that day lacks: when the clock jumps to 03:00.
        (Rhythm(quiet_from=60, quiet_to=150), BERLIN, "2026-03-29T00:30", "2026-03-29T01:00"),
        # It ends at 02:30, which that day has twice: the first time. The second 02:10 is quiet by the wall, but over.
        (Rhythm(quiet_from=60, quiet_to=150), BERLIN, "2026-10-25T00:10", "2026-10-25T00:30"),
        (Rhythm(quiet_from=60, quiet_to=150), BERLIN, "2026-10-25T01:10", None),
        (Rhythm(), BERLIN, "2026-01-10T23:00", None),
    ],
)
def test_quiet_hours(rhythm: Rhythm, zone: ZoneInfo, now: str, until: str | None) -> None:
    assert quiet_until(rhythm, zone, utc(now)) == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("rhythm", "zone", "now", "at"),
    [
        (Rhythm(digest="daily", digest_at=18 * 60), BERLIN, "2026-01-10T16:59", "2026-01-10T17:00"),
        (Rhythm(digest="daily", digest_at=18 * 60), BERLIN, "2026-01-10T17:00", "2026-01-11T17:00"),
        (Rhythm(digest="daily", digest_at=18 * 60), BERLIN, "2026-03-28T18:00", "2026-03-29T16:00"),
        (Rhythm(digest="weekly", digest_at=8 * 60, digest_weekday=0), NEW_YORK, "2026-03-05T12:00", "2026-03-09T12:00"),
        (Rhythm(digest="weekly", digest_at=8 * 60, digest_weekday=0), NEW_YORK, "2026-10-26T12:00", "2026-11-02T13:00"),
        (Rhythm(digest="daily", digest_at=150), BERLIN, "2026-03-29T00:00", "2026-03-29T01:00"),
        (Rhythm(digest="daily", digest_at=135), LORD_HOWE, "2026-10-03T12:00", "2026-10-03T15:30"),
    ],
)
def test_digests(rhythm: Rhythm, zone: ZoneInfo, now: str, at: str) -> None:
    assert digest_at(rhythm, zone, utc(now)) == utc(at)


FIRST = utc("2025-01-01T00:00")
MOMENTS = st.integers(0, 3 * 366 * 1440).map(lambda minutes: FIRST + timedelta(minutes=minutes))
MINUTES = st.integers(0, 1439)


@settings(max_examples=100, deadline=None)
@given(now=MOMENTS, begins=MINUTES, ends=MINUTES, zone=st.sampled_from(ZONES))
def test_what_is_held_leaves_within_a_day_and_not_while_it_is_quiet(
    now: datetime, begins: int, ends: int, zone: str
) -> None:
    if begins == ends:
        return
    rhythm = Rhythm(quiet_from=begins, quiet_to=ends)
    until = quiet_until(rhythm, zone_named(zone), now)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert quiet_until(rhythm, zone_named(zone), until) is None


@settings(max_examples=100, deadline=None)
@given(now=MOMENTS, at=MINUTES, weekday=st.integers(0, 6), weekly=st.booleans(), zone=st.sampled_from(ZONES))
def test_a_digest_is_ahead_and_on_its_day(now: datetime, at: int, weekday: int, weekly: bool, zone: str) -> None:
    rhythm = Rhythm(digest="weekly" if weekly else "daily", digest_at=at, digest_weekday=weekday)
    found = digest_at(rhythm, zone_named(zone), now)
    local = found.astimezone(zone_named(zone))
    assert now < found <= now + timedelta(days=8 if weekly else 2)
    assert not weekly or local.weekday() == weekday
    drift = (local.hour * 60 + local.minute - at) % 1440
    assert drift <= 60, "only where the day lacks that hour is it another one"


def test_a_zone_that_is_none_any_more() -> None:
    assert zone_named("Mars/Olympus").key == "UTC"
    assert zone_named("../../etc/passwd").key == "UTC"
