"""To a collector, by OpenTelemetry's protocol over HTTP; on AWS that is ADOT, which feeds CloudWatch and X-Ray.

Log lines do not go this way: standard output is collected there already.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any, cast

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from directfanz.backends.telemetry.metrics import BOUNDS_SECONDS, Kind, Reading, Registry

EVERY_SECONDS = 60
TIMEOUT_SECONDS = 5
_CUMULATIVE = AggregationTemporality.CUMULATIVE
_SCOPE = InstrumentationScope("directfanz")


def span_processor(endpoint: str) -> BatchSpanProcessor:
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=TIMEOUT_SECONDS)
    return BatchSpanProcessor(exporter, max_queue_size=4096, schedule_delay_millis=2000)


class MetricSender:
    """Sends all totals every minute, and once more at the end. What does not arrive is in the next total."""

    def __init__(self, endpoint: str, service: str, registry: Registry, every_seconds: float = EVERY_SECONDS) -> None:
        self._exporter = OTLPMetricExporter(endpoint=f"{endpoint.rstrip('/')}/v1/metrics", timeout=TIMEOUT_SECONDS)
        self._resource = Resource({"service.name": service})
        self._registry = registry
        self._every = every_seconds
        self._started = time.time_ns()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry-otlp", daemon=True)
        self._thread.start()

    def send(self) -> None:
        metrics = [self._metric(name, readings) for name, readings in _by_name(self._registry.read()).items()]
        if metrics:
            scope = ScopeMetrics(_SCOPE, metrics, "")
            self._exporter.export(MetricsData([ResourceMetrics(self._resource, [scope], "")]))

    def close(self) -> None:
        self._stop.set()
        self._thread.join(TIMEOUT_SECONDS)
        self.send()
        self._exporter.shutdown()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.send()

    def _metric(self, name: str, readings: list[Reading]) -> Metric:
        declaration = self._registry.declared[name]
        now = time.time_ns()
        data = _data(declaration.kind, [self._point(reading, now) for reading in readings])
        return Metric(name=name, description=declaration.about, unit=declaration.unit, data=data)

    def _point(self, reading: Reading, now: int) -> Any:
        if reading.kind != "histogram":
            return NumberDataPoint(dict(reading.labels), self._started, now, float(reading.value))
        unknown = cast(float, None)  # the protocol lets the smallest and largest be absent, the type here does not
        return HistogramDataPoint(
            attributes=dict(reading.labels),
            start_time_unix_nano=self._started,
            time_unix_nano=now,
            count=sum(reading.buckets),
            sum=float(reading.value),
            bucket_counts=reading.buckets,
            explicit_bounds=BOUNDS_SECONDS,
            min=unknown,
            max=unknown,
        )


def _data(kind: Kind, points: list[Any]) -> Sum | Gauge | Histogram:
    if kind == "gauge":
        return Gauge(points)
    if kind == "histogram":
        return Histogram(points, _CUMULATIVE)
    return Sum(points, _CUMULATIVE, is_monotonic=True)


def _by_name(readings: Iterable[Reading]) -> dict[str, list[Reading]]:
    named: dict[str, list[Reading]] = {}
    for reading in readings:
        named.setdefault(reading.metric, []).append(reading)
    return named
