"""To a collector, by OpenTelemetry's protocol over HTTP; on AWS that is ADOT, which feeds CloudWatch and X-Ray.

Log lines do not go this way: standard output is collected there already. Figures are told as what came since the last time, and
times as exponential histograms: only of those does ADOT make CloudWatch values, of which percentiles can be taken. Each figure carries
the platform and the service: CloudWatch keeps nothing that has no dimension.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from math import floor, log2
from typing import Any

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Buckets,
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Gauge,
    Metric,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from directfanz.backends.telemetry.metrics import BOUNDS_SECONDS, Kind, Labels, Reading, Registry

EVERY_SECONDS = 60
TIMEOUT_SECONDS = 5
_DELTA = AggregationTemporality.DELTA
# Sixteen exponential buckets to a doubling. What fell at or under a bound of ours is put into the one that ends there at the latest,
# so that a percentile never says more than the bound that an alarm names.
SCALE = 4
_PLACES = tuple(floor(log2(bound) * 2**SCALE) - 1 for bound in (*BOUNDS_SECONDS, 2 * BOUNDS_SECONDS[-1]))
_NOTHING = Buckets(0, [])
_SCOPE = InstrumentationScope("directfanz")


def span_processor(endpoint: str) -> BatchSpanProcessor:
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=TIMEOUT_SECONDS)
    return BatchSpanProcessor(exporter, max_queue_size=4096, schedule_delay_millis=2000)


class MetricSender:
    """Sends every minute what came since, and once more at the end. What does not arrive is told with the next."""

    def __init__(
        self, endpoint: str, platform: str, service: str, registry: Registry, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._exporter = OTLPMetricExporter(endpoint=f"{endpoint.rstrip('/')}/v1/metrics", timeout=TIMEOUT_SECONDS)
        self._resource = Resource({"service.name": service})
        self._everywhere = {"platform": platform, "service": service}
        self._registry = registry
        self._every = every_seconds
        self._told: dict[tuple[str, Labels], Reading] = {}
        self._since = time.time_ns()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry-otlp", daemon=True)
        self._thread.start()

    def send(self) -> None:
        readings, now = list(self._registry.read()), time.time_ns()
        metrics = [self._metric(name, several, now) for name, several in _by_name(readings).items()]
        if not metrics:
            return
        scope = ScopeMetrics(_SCOPE, metrics, "")
        answer = self._exporter.export(MetricsData([ResourceMetrics(self._resource, [scope], "")]))
        if answer is MetricExportResult.SUCCESS:
            self._told = {(reading.metric, reading.labels): reading for reading in readings}
            self._since = now

    def close(self) -> None:
        self._stop.set()
        self._thread.join(TIMEOUT_SECONDS)
        self.send()
        self._exporter.shutdown()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.send()

    def _metric(self, name: str, readings: list[Reading], now: int) -> Metric:
        declaration = self._registry.declared[name]
        data = _data(declaration.kind, [self._point(reading, now) for reading in readings])
        return Metric(name=name, description=declaration.about, unit=declaration.unit, data=data)

    def _point(self, reading: Reading, now: int) -> NumberDataPoint | ExponentialHistogramDataPoint:
        labels = self._everywhere | dict(reading.labels)
        before = self._told.get((reading.metric, reading.labels))
        told = before.value if before and reading.kind != "gauge" else 0
        if reading.kind != "histogram":
            return NumberDataPoint(labels, self._since, now, float(reading.value - told))
        earlier = before.buckets if before else (0,) * len(reading.buckets)
        counts = [new - old for new, old in zip(reading.buckets, earlier, strict=True)]
        return _spread(labels, self._since, now, counts, float(reading.value - told))


def _spread(
    labels: dict[str, str], since: int, now: int, counts: list[int], total: float
) -> ExponentialHistogramDataPoint:
    filled = [place for place, count in zip(_PLACES, counts, strict=True) if count]
    buckets = [0] * (filled[-1] - filled[0] + 1) if filled else []
    for place, count in zip(_PLACES, counts, strict=True):
        if count:
            buckets[place - filled[0]] += count
    return ExponentialHistogramDataPoint(
        attributes=labels,
        start_time_unix_nano=since,
        time_unix_nano=now,
        count=sum(counts),
        sum=total,
        scale=SCALE,
        zero_count=0,
        positive=Buckets(filled[0], buckets) if filled else _NOTHING,
        negative=_NOTHING,
        flags=0,
        min=_edge(filled[0]) if filled else 0.0,
        max=_edge(filled[-1] + 1) if filled else 0.0,
    )


def _edge(place: int) -> float:
    """Where an exponential bucket begins."""
    return float(2.0 ** (place / 2**SCALE))


def _data(kind: Kind, points: list[Any]) -> Sum | Gauge | ExponentialHistogram:
    if kind == "gauge":
        return Gauge(points)
    if kind == "histogram":
        return ExponentialHistogram(points, _DELTA)
    return Sum(points, _DELTA, is_monotonic=True)


def _by_name(readings: Iterable[Reading]) -> dict[str, list[Reading]]:
    named: dict[str, list[Reading]] = {}
    for reading in readings:
        named.setdefault(reading.metric, []).append(reading)
    return named
