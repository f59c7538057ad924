from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from directfanz.backends.clock.shifted import ShiftedClock
from directfanz.backends.clock.system import SystemClock
from directfanz.errors import ConfigurationError
from tests.support.plain_settings import plain_settings


class Quick(ShiftedClock):
    """Time passes with every look at it."""

    _passed = 0.0

    def monotonic(self) -> float:
        self._passed += 1
        return self._passed


def ahead(clock: SystemClock) -> timedelta:
    return clock.now() - SystemClock().now()


def test_it_is_ahead_by_what_the_file_says_and_never_goes_back(tmp_path: Path) -> None:
    file = tmp_path / "ahead"
    clock = Quick(file)
    assert abs(ahead(clock)) < timedelta(seconds=5)
    for text, days in (("864000", 10), ("half wri", 10), ("86400", 10), ("1728000", 20), ("1e300", 20)):
        file.write_text(text)
        assert abs(ahead(clock) - timedelta(days=days)) < timedelta(seconds=5), text


def test_it_is_refused_where_people_pay() -> None:
    for environment in ("production", "staging"):
        with pytest.raises(ConfigurationError, match="CLOCK_SHIFT_FILE"):
            plain_settings(environment=environment, site_url="https://fans.example", clock_shift_file="/tmp/ahead")
    assert plain_settings(clock_shift_file="/tmp/ahead").clock_shift_file
