from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from directfanz.kit.time import add_months, days_in_month, in_utc, parse_rfc3339, rfc3339


def test_a_moment_is_written_in_utc_to_the_millisecond() -> None:
    here = timezone(timedelta(hours=2))
    assert rfc3339(datetime(2026, 11, 21, 14, 0, 0, 999_999, here)) == "2026-11-21T12:00:00.999Z"
    assert rfc3339(datetime(33, 1, 2, tzinfo=UTC)) == "0033-01-02T00:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T12:00:00Z",
        "2026-11-21t12:00:00z",
        "2026-11-21 12:00:00+00:00",
        "2026-11-21T13:30:00.000+01:30",
        "2026-11-21T12:00:00.000000000Z",
    ],
)
def test_spellings_of_one_moment(text: str) -> None:
    assert parse_rfc3339(text) == datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T12:00:00",
        "2026-11-21T12:00Z",
        "2026-11-21T25:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-W47-6T00:00:00Z",
        "20261121T120000Z",
        "٢٠٢٦-11-21T12:00:00Z",
        "2026-11-21T12:00:00Z\n",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-11-21T12:00:00+99:99",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rfc3339(text)


def test_a_moment_needs_a_zone() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake under test
    for use in (in_utc, rfc3339):
        with pytest.raises(ValueError, match="time zone"):
            use(naive)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2024, 1, 31), 1, (2024, 2, 29)),
        ((2100, 1, 29), 1, (2100, 2, 28)),
        ((2000, 1, 29), 1, (2000, 2, 29)),
        ((2026, 12, 31), 1, (2027, 1, 31)),
        ((2026, 3, 31), -1, (2026, 2, 28)),
        ((2026, 1, 15), -13, (2024, 12, 15)),
        ((2026, 5, 31), 0, (2026, 5, 31)),
        ((2024, 2, 29), 12, (2025, 2, 28)),
        ((9999, 11, 30), 1, (9999, 12, 30)),
        ((1, 2, 1), -1, (1, 1, 1)),
    ],
)
def test_months_end_where_months_end(start: tuple[int, int, int], months: int, end: tuple[int, int, int]) -> None:
    evening = time(23, 59, 58, tzinfo=UTC)
    begins, ends = (datetime.combine(date(*day), evening) for day in (start, end))
    assert add_months(begins, months) == ends


@pytest.mark.parametrize("months", [12 * 8000, -12 * 3000])
def test_months_beyond_the_calendar_are_refused(months: int) -> None:
    with pytest.raises(ValueError, match="before or after"):
        add_months(datetime(2026, 1, 1, tzinfo=UTC), months)


def test_days_in_month() -> None:
    assert [days_in_month(2026, month) for month in (1, 2, 4, 12)] == [31, 28, 30, 31]
    assert days_in_month(2024, 2) == 29
    assert days_in_month(9999, 12) == 31
