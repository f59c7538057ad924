"""P21: every breach alerts who operates the platform, in time and once, and nothing else does: generated series against the very
alarms that Terraform makes of platform.toml.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.telemetry.alarms import MINUTE, changes, state_of
from directfanz.domains.notifications.service.alarms import announce
from directfanz.operate.aws.variables import FILE
from directfanz.platform_toml import Alarm, Platform
from directfanz.settings import Settings
from tests.architecture.house import ROOT
from tests.support.accounts import Stage, stage_set

pytestmark = pytest.mark.property("P21")
START = datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()
LONG = 60  # minutes
# Per minute: a figure well under, just under, just over, far over the limit, or none at all.
levels = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 0.99, 1.01, 5.0, None]), st.integers(1, 12)), min_size=1, max_size=12
)
Series = list[float | None]


def series_of(runs: list[tuple[float | None, int]], limit: float, per_minute: float) -> Series:
    scale = (limit or 1.0) / per_minute
    minutes: Series = [None if level is None else level * scale for level, count in runs for _ in range(count)]
    return (minutes + [0.0] * LONG)[:LONG]


class Told:
    """Figures as CloudWatch would have them: one value each minute."""

    def __init__(self, minutes: Series, whole: float = 100.0) -> None:
        self.minutes, self.whole = minutes, whole

    def __call__(
        self, metric: str, where: Mapping[str, str], since: float, until: float, _: float | None
    ) -> float | None:
        first, last = round((since - START) / MINUTE), round((until - START) / MINUTE)
        span = [
            self.minutes[n] if where or metric not in SHARED else self.whole
            for n in range(first, last)
            if 0 <= n < LONG
        ]
        known = [value for value in span if value is not None]
        return sum(known) if known else None


SHARED = {"http_requests_total"}


def breaches(alarm: Alarm, kind: str, minutes: Series, at: int) -> bool:
    """By the words of the description, written anew: at the end of minute `at`."""
    long = alarm.for_seconds // MINUTE
    span = minutes[max(0, at - long) : at]
    known = [value for value in span if value is not None]
    limit = alarm.above if alarm.above is not None else alarm.below
    assert limit is not None

    def beyond(value: float) -> bool:
        return value > limit if alarm.above is not None else value < limit

    if alarm.as_share_of is not None:
        whole = 100.0 * min(at, long)
        return bool(known) and beyond(sum(known) / whole)
    if kind == "counter":
        return bool(known) and beyond(sum(known))
    return len(span) == long and all(value is not None and beyond(value) for value in span)


@pytest.mark.parametrize("name", ["errors", "slow", "dead_jobs", "cache_errors", "reconciliation", "provider_events"])
@given(runs=levels)
@settings(max_examples=100, deadline=None)
def test_it_alarms_while_the_limit_is_crossed_and_not_otherwise(
    name: str, runs: list[tuple[float | None, int]], platform: Platform
) -> None:
    alarm = platform.alarms[name]
    kind = platform.metrics[alarm.metric].kind
    long = alarm.for_seconds // MINUTE
    scale = long if kind == "counter" and alarm.as_share_of is None else 1 / 100 if alarm.as_share_of else 1
    minutes = series_of(runs, alarm.above or 0.0, scale)
    if alarm.above == 0:
        minutes = [None if value is None else float(value > 1) for value in minutes]
    told = Told(minutes)
    for at in range(1, LONG):
        state = state_of(alarm, kind, START + at * MINUTE, told)
        assert (state == "alarm") == breaches(alarm, kind, minutes, at), (at, minutes[:at])


@given(runs=levels)
@settings(max_examples=100, deadline=None)
def test_each_beginning_and_end_is_one_change(runs: list[tuple[float | None, int]], platform: Platform) -> None:
    minutes = [None if level is None else float(level > 1) for level in series_of(runs, 1.0, 1.0)]
    told = Told(minutes)
    alone = {"dead_jobs": platform.alarms["dead_jobs"]}

    only = msgspec.structs.replace(platform, alarms=alone)
    found = [(at, change.state) for at in range(1, LONG) for change in changes(only, START + at * MINUTE, told)]
    stretches = [state for state, _ in groupby(minutes[: LONG - 1], key=lambda value: value is not None and value > 0)]
    expected = stretches if stretches and stretches[0] else stretches[1:]
    assert [state == "alarm" for _, state in found] == expected


def test_cloudwatch_is_told_the_same_limits(platform: Platform) -> None:
    told = json.loads((ROOT / "infra" / FILE).read_text())["platform"]["alarms"]
    for name, alarm in platform.alarms.items():
        assert (told[name]["above"], told[name]["below"], told[name]["for_seconds"], told[name]["severity"]) == (
            alarm.above, alarm.below, alarm.for_seconds, alarm.severity
        )  # fmt: skip


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    async with stage_set(settings, ManualClock(datetime.fromtimestamp(START, UTC))) as stage:
        yield stage


async def test_who_operates_hears_once_when_it_begins_and_once_when_it_ends(stage: Stage) -> None:
    olu, cy = await stage.joined("olu", role="admin"), await stage.joined("cy")
    series: Series = [0.0, 1.0, 1.0, 1.0, *[0.0] * LONG]
    told = Told(series[:LONG])

    def dead_jobs_alone(
        metric: str, where: Mapping[str, str], since: float, until: float, p: float | None
    ) -> float | None:
        return told(metric, where, since, until, p) if metric == "jobs_dead" else None

    for _ in range(20):  # every half minute, and by two workers
        await announce(stage.backends, dead_jobs_alone)
        await announce(stage.backends, dead_jobs_alone)
        await stage.clock.advance(timedelta(seconds=30))
    rows = await stage.backends.database.fetch(
        "SELECT user_id, kind FROM notifications WHERE kind LIKE 'platform.%' AND user_id = ANY($1) ORDER BY position",
        [olu.user_id, cy.user_id],
    )
    heard = [(row["user_id"], row["kind"]) for row in rows if row["kind"] != "platform.welcome"]
    assert heard == [(olu.user_id, "platform.warning"), (olu.user_id, "platform.alarm_over")]
