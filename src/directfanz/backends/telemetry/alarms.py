"""The alarms of platform.toml, judged on one machine as CloudWatch judges them on AWS: the same limits, periods and silences.

A counter is summed over the time given; a share is one counter's sum over another's; anything else must be beyond its limit in each
minute of that time. A minute without a figure is no breach. Who hears is who operates the platform, once when it begins and once when
it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from directfanz.backends.telemetry.store import figures
from directfanz.backends.telemetry.store.figures import FigureQuery
from directfanz.platform_toml import Alarm, Platform

MINUTE = 60
State = Literal["ok", "alarm"]
# What a metric was in a minute that ended at this moment: a sum, a percentile or the highest level; None when nobody told it.
Figure = Callable[[str, Mapping[str, str], float, float, float | None], float | None]


class Change(NamedTuple):
    name: str
    alarm: Alarm
    state: State


def state_of(alarm: Alarm, kind: str, at: float, figure: Figure) -> State:
    """At the end of a whole minute."""
    if alarm.as_share_of is not None:
        part = figure(alarm.metric, alarm.where, at - alarm.for_seconds, at, None)
        whole = figure(alarm.as_share_of, {}, at - alarm.for_seconds, at, None)
        values = [part / whole if part is not None and whole else None]
    elif kind == "counter":
        values = [figure(alarm.metric, alarm.where, at - alarm.for_seconds, at, None)]
    else:
        minutes = range(alarm.for_seconds // MINUTE)
        ends = [at - MINUTE * number for number in minutes]
        values = [figure(alarm.metric, alarm.where, end - MINUTE, end, alarm.percentile) for end in ends]
    return "alarm" if all(value is not None and _beyond(alarm, value) for value in values) else "ok"


def changes(platform: Platform, at: float, figure: Figure) -> Iterator[Change]:
    """What began or ended with the minute that ends at this moment; a minute is judged once, so each is told once."""
    for name, alarm in platform.alarms.items():
        kind = platform.metrics[alarm.metric].kind
        now = state_of(alarm, kind, at, figure)
        if now != state_of(alarm, kind, at - MINUTE, figure):
            yield Change(name, alarm, now)


def stored(path: Path, platform: Platform) -> Figure:
    """From what this machine's processes told."""

    def figure(
        metric: str, where: Mapping[str, str], since: float, until: float, percentile: float | None
    ) -> float | None:
        query = FigureQuery(metric=metric, since=since, until=until, step_seconds=round(until - since), where=where)
        if percentile is not None:
            series = figures.percentiles(path, query, percentile)
        elif platform.metrics[metric].kind == "gauge":
            series = figures.levels(path, query)
        else:
            series = figures.totals(path, query)
        points = [point.value for one in series for point in one.points]
        return max(points) if points else None

    return figure


def _beyond(alarm: Alarm, value: float) -> bool:
    if alarm.above is not None:
        return value > alarm.above
    return alarm.below is not None and value < alarm.below
