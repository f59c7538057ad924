"""P20: every declared metric is collected and kept at its granularity."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.backends.telemetry.metrics import Registry
from directfanz.backends.telemetry.store import schema
from directfanz.backends.telemetry.store.feeding import GAUGE_REPEAT_SECONDS, GRANULARITY_SECONDS, StorePoints
from directfanz.backends.telemetry.store.figures import FigureQuery, Series, counts, levels, metrics_seen, total, totals
from directfanz.backends.telemetry.store.rows import PointRow
from directfanz.backends.telemetry.store.writer import StoreWriter
from directfanz.platform_toml import Platform

NOW = 1_795_269_600.0
STEPS = 6
_examples = itertools.count()
# What happens in each step: how often each metric is told, and with what.
HAPPENINGS = st.lists(
    st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 500), st.sampled_from(["ok", "failed"])), max_size=12),
    min_size=STEPS,
    max_size=STEPS,
)


class Told:
    """What was told, as it was told: the truth to compare with."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, int], float] = {}
        self.gauges: dict[str, list[float | None]] = {}

    def level(self, name: str, step: int, value: float) -> None:
        self.gauges.setdefault(name, [None] * STEPS)[step:] = [value] * (STEPS - step)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, platform: Platform) -> Iterator[tuple[StoreWriter, Path]]:
    path = schema.path_in(tmp_path_factory.mktemp("p20"))
    gauges = [name for name, metric in platform.metrics.items() if metric.kind == "gauge"]
    writer = StoreWriter(path, retention_days=30, gauges=gauges)
    yield writer, path
    writer.close()


@pytest.mark.property("P20")
@pytest.mark.requirement("C7.1")
@given(happenings=HAPPENINGS)
@settings(max_examples=100, deadline=None)
def test_every_declared_metric_is_kept_step_by_step(
    platform: Platform, store: tuple[StoreWriter, Path], happenings: list[list[tuple[int, float, str]]]
) -> None:
    writer, path = store
    start = NOW + next(_examples) * 1_000  # a time of its own for each example
    registry, told = Registry(platform.metrics), Told()
    points = StorePoints(writer, "web", registry, collects_itself=False)
    for step, happening in enumerate(happenings):
        _tell(registry, platform, step, happening, told)
        points.collect(start + (step + 1) * GRANULARITY_SECONDS)
    assert writer.flush()

    for name, metric in platform.metrics.items():
        query = FigureQuery(
            metric=name, since=start, until=start + STEPS * GRANULARITY_SECONDS, step_seconds=GRANULARITY_SECONDS
        )
        if metric.kind == "gauge":
            _compare_levels(name, start, levels(path, query), told.gauges[name])
        else:
            series = counts(path, query) if metric.kind == "histogram" else totals(path, query)
            seen = {p.time: p.value for s in series for p in s.points}
            for step in range(STEPS):
                kept = seen.get(start + step * GRANULARITY_SECONDS, 0)
                assert kept == pytest.approx(told.counted.get((name, step), 0)), f"{name} in step {step}"


def _compare_levels(name: str, start: float, series: list[Series], expected: list[float | None]) -> None:
    """A level that stands still need not be written again, but a reader must never be wrong about it."""
    seen = {p.time: p.value for s in series for p in s.points}
    known: float | None = None
    for step, level in enumerate(expected):
        known = seen.get(start + step * GRANULARITY_SECONDS, known)
        assert known == level, f"{name} in step {step}"


def _tell(
    registry: Registry, platform: Platform, step: int, happening: list[tuple[int, float, str]], told: Told
) -> None:
    """Each happening is of one metric; in the first step, each metric is told at least once."""
    names = sorted(platform.metrics)
    chosen = [(names[number % len(names)], value, outcome) for number, value, outcome in happening]
    for name, value, outcome in [*((name, 1.0, "ok") for name in names if step == 0), *chosen]:
        kind = platform.metrics[name].kind
        if kind == "counter":
            registry.counter(name).add(value, outcome=outcome)
            told.counted[name, step] = told.counted.get((name, step), 0) + value
        elif kind == "histogram":
            registry.histogram(name).record(value, outcome=outcome)
            told.counted[name, step] = told.counted.get((name, step), 0) + 1
        else:
            registry.gauge(name).set(value)
            told.level(name, step, value)


def test_the_catalogue_is_in_the_store_once_everything_was_told(platform: Platform, tmp_path: Path) -> None:
    path = schema.path_in(tmp_path)
    store = StoreWriter(path, retention_days=30, gauges=[])
    registry = Registry(platform.metrics)
    points = StorePoints(store, "web", registry, collects_itself=False)
    _tell(registry, platform, 0, [], Told())
    points.collect(NOW)
    store.close()
    assert metrics_seen(path) == sorted(platform.metrics)


def test_a_gauge_that_stands_still_is_repeated_and_nothing_else_is(platform: Platform, tmp_path: Path) -> None:
    path = schema.path_in(tmp_path)
    store = StoreWriter(path, retention_days=30, gauges=[])
    registry = Registry(platform.metrics)
    points = StorePoints(store, "web", registry, collects_itself=False)
    registry.gauge("jobs_dead").set(3)
    registry.counter("sign_ups_total").add()
    for second in range(0, 2 * GAUGE_REPEAT_SECONDS + 1, GRANULARITY_SECONDS):
        points.collect(NOW + second)
    store.close()

    query = FigureQuery(metric="jobs_dead", since=NOW - 10, until=NOW + 500, step_seconds=10)
    assert [p.time - NOW + 10 for s in levels(path, query) for p in s.points] == [0, 60, 120]
    signed_up = FigureQuery(metric="sign_ups_total", since=NOW - 10, until=NOW + 500, step_seconds=10)
    assert total(totals(path, signed_up)) == 1
    assert sum(len(s.points) for s in totals(path, signed_up)) == 1


def test_what_was_lost_is_among_the_figures(platform: Platform, tmp_path: Path) -> None:
    path = schema.path_in(tmp_path)
    store = StoreWriter(path, retention_days=30, gauges=[])
    registry = Registry(platform.metrics)
    points = StorePoints(store, "web", registry, collects_itself=False)
    store.add_point(PointRow(NOW, 10, "sign_ups_total", "web", "1", "{}", float("nan"), "[]"))
    assert store.flush()
    points.collect(NOW)
    points.collect(NOW + 10)
    store.close()
    lost = FigureQuery(metric="telemetry_dropped_total", since=NOW - 10, until=NOW + 500, step_seconds=10)
    assert total(totals(path, lost)) == 1
