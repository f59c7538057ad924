"""Stored figures as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from directfanz.backends.telemetry.store.figures import (
    FigureQuery,
    Series,
    counts,
    levels,
    metrics_seen,
    percentiles,
    total,
    totals,
)
from directfanz.backends.telemetry.store.traces import StoredSpan

_BLOCKS = "▁▂▃▄▅▆▇█"
SPARK_STEPS = 40


class Told(msgspec.Struct, frozen=True):
    """One metric as a whole."""

    metric: str
    figures: Mapping[str, float]
    shape: str

    def line(self) -> str:
        said = "  ".join(f"{name} {value:g}" for name, value in self.figures.items())
        return f"{self.metric:<28} {self.shape:<{SPARK_STEPS}}  {said}"


class At(msgspec.Struct, frozen=True):
    time: str
    labels: Mapping[str, str]
    figure: str
    value: float

    def line(self) -> str:
        labels = " ".join(f"{name}={value}" for name, value in self.labels.items())
        return f"{self.time}  {self.figure} {self.value:g}  {labels}".rstrip()


def overview(path: Path, since: float, until: float) -> Iterator[Told]:
    step = max(10, int((until - since) / SPARK_STEPS))
    for metric in metrics_seen(path):
        query = FigureQuery(metric=metric, since=since, until=until, step_seconds=step)
        kind, series = _best(path, query)
        if not series:
            continue
        told = series[0].points
        figures = {"last": told[-1].value} if kind == "gauge" else {"total": round(total(series), 6)}
        if kind == "histogram":
            whole = msgspec.structs.replace(query, step_seconds=max(1, int(until - since) + 1))
            figures = {"count": total(series)} | {
                f"p{p}": round(percentiles(path, whole, p)[0].points[-1].value, 6) for p in (50, 95, 99)
            }
        yield Told(metric, figures, _spark(series, since, until, step))


def figures_of(
    path: Path,
    name: str,
    *,
    since: float,
    until: float,
    step_seconds: int,
    where: Mapping[str, str],
    by: Sequence[str],
    percentile: float,
) -> Iterator[At]:
    query = FigureQuery(
        metric=name, since=since - since % step_seconds, until=until, step_seconds=step_seconds, where=where, by=by
    )
    kind, series = _best(path, query)
    shown = [({"gauge": "last", "counter": "total"}.get(kind, "count"), series)]
    if kind == "histogram":
        shown.append((f"p{percentile:g}", percentiles(path, query, percentile)))
    for figure, each in shown:
        for one in each:
            for point in one.points:
                moment = datetime.fromtimestamp(point.time, UTC).isoformat(timespec="seconds")
                yield At(moment, one.labels, figure, point.value)


def trace_tree(spans: Sequence[StoredSpan]) -> Iterator[str]:
    children: dict[str, list[StoredSpan]] = {}
    known = {span.span_id for span in spans}
    for span in spans:
        children.setdefault(span.parent_id if span.parent_id in known else "", []).append(span)
    began = spans[0].started
    stack = [(root, 0) for root in reversed(children.get("", []))]
    while stack:
        span, depth = stack.pop()
        told = " ".join(f"{name}={value}" for name, value in span.attributes.items())
        error = f" failed: {span.error}" if span.error else ""
        start, took = seconds_text(span.started - began), seconds_text(span.seconds)
        yield f"{start:>9} {took:>9}  {'  ' * depth}{span.service} {span.name} {told}".rstrip() + error
        stack += [(child, depth + 1) for child in reversed(children.get(span.span_id, []))]


def seconds_text(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 10 else f"{seconds:.1f} s"


def _best(path: Path, query: FigureQuery) -> tuple[str, list[Series]]:
    """The store keeps no kinds: a histogram has buckets, and a counter's name ends in _total."""
    counted = counts(path, query)
    if total(counted):
        return "histogram", counted
    if query.metric.endswith("_total"):
        return "counter", totals(path, query)
    return "gauge", levels(path, query)


def _spark(series: Sequence[Series], since: float, until: float, step: int) -> str:
    steps = int((until - since) / step) + 1
    values = [0.0] * steps
    for one in series:
        for point in one.points:
            values[min(steps - 1, int((point.time - since) / step))] += point.value
    top = max(values) or 1
    return "".join(_BLOCKS[min(7, int(value / top * 7.999))] if value else " " for value in values[-SPARK_STEPS:])
