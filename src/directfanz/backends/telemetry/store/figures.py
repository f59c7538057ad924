"""Figures over time, for people, alarms and the launch checks.

A counter is summed over each step, a histogram becomes its percentile or its rate, a gauge is the last of each process,
taken together as the caller says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from directfanz.backends.telemetry.metrics import BOUNDS_SECONDS
from directfanz.backends.telemetry.store import schema

Together = Literal["sum", "max", "average"]


class FigureQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`where` holds labels, and `service`. `by` splits into one series per value of these labels."""

    metric: str
    since: float
    until: float
    step_seconds: int = 60
    where: Mapping[str, str] = {}
    by: Sequence[str] = ()


class Point(msgspec.Struct, frozen=True):
    """`time` is where the step begins."""

    time: float
    value: float


class Series(msgspec.Struct, frozen=True):
    labels: Mapping[str, str]
    points: list[Point]


class _Row(msgspec.Struct, frozen=True):
    time: float
    instance: str
    labels: dict[str, str]
    value: float
    buckets: tuple[int, ...]


_SELECT = """
SELECT time, service, instance, labels, value, buckets FROM points
 WHERE metric = ? AND time > ? AND time <= ? ORDER BY time
"""
_Groups = dict[tuple[tuple[str, str], ...], dict[float, list[_Row]]]


def totals(path: Path, query: FigureQuery) -> list[Series]:
    """Of a counter: how much in each step. Of a histogram: the sum of what was recorded."""
    return _each(path, query, lambda rows: sum(row.value for row in rows))


def counts(path: Path, query: FigureQuery) -> list[Series]:
    """Of a histogram: how many were recorded in each step."""
    return _each(path, query, lambda rows: float(sum(sum(row.buckets) for row in rows)))


def percentiles(path: Path, query: FigureQuery, percentile: float) -> list[Series]:
    """Of a histogram, within its buckets as if values were spread evenly; a step without any has no point."""
    return _each(path, query, lambda rows: _percentile(_merged(rows), percentile))


def levels(path: Path, query: FigureQuery, together: Together = "max") -> list[Series]:
    """Of a gauge: the last of each step. A step in which nobody told it has no point."""
    return _each(path, query, lambda rows: _level(rows, together))


def total(series: Iterable[Series]) -> float:
    return sum(point.value for one in series for point in one.points)


def metrics_seen(path: Path) -> list[str]:
    with schema.reading(path) as connection:
        return [name for (name,) in connection.execute("SELECT DISTINCT metric FROM points ORDER BY metric")]


def _each(path: Path, query: FigureQuery, figure: Callable[[list[_Row]], float]) -> list[Series]:
    return [
        Series(dict(labels), [Point(time, figure(rows)) for time, rows in sorted(steps.items())])
        for labels, steps in sorted(_groups(path, query).items())
    ]


def _groups(path: Path, query: FigureQuery) -> _Groups:
    """A point tells of the time up to it, so one at the very end of a step belongs to that step."""
    groups: _Groups = {}
    with schema.reading(path) as connection:
        for time, service, instance, labels, value, buckets in connection.execute(
            _SELECT, (query.metric, query.since, query.until)
        ):
            known = {"service": service} | msgspec.json.decode(labels, type=dict[str, str])
            if any(known.get(name) != wanted for name, wanted in query.where.items()):
                continue
            step = query.since + math.ceil((time - query.since) / query.step_seconds - 1) * query.step_seconds
            key = tuple((name, known.get(name, "")) for name in query.by)
            row = _Row(time, instance, known, value, msgspec.json.decode(buckets, type=tuple[int, ...]))
            groups.setdefault(key, {}).setdefault(step, []).append(row)
    return groups


def _level(rows: list[_Row], together: Together) -> float:
    """Rows are in order of time: the last of each process and label set stays."""
    last = {(row.instance, *sorted(row.labels.items())): row.value for row in rows}.values()
    if together == "sum":
        return sum(last)
    return max(last) if together == "max" else sum(last) / len(last)


def _merged(rows: list[_Row]) -> list[int]:
    return [sum(counts) for counts in zip(*(row.buckets for row in rows), strict=True)]


def _percentile(buckets: list[int], percentile: float) -> float:
    rank, seen, low = sum(buckets) * percentile / 100, 0, 0.0
    for count, high in zip(buckets, (*BOUNDS_SECONDS, BOUNDS_SECONDS[-1]), strict=True):
        if count and seen + count >= rank:
            return low + (high - low) * max(0.0, rank - seen) / count
        seen, low = seen + count, high
    return low
