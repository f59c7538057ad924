"""The metrics endpoint: what Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from directfanz.backends.telemetry.metrics import BOUNDS_SECONDS, Labels, Reading, Registry

_LIMITS = (*(repr(float(bound)) for bound in BOUNDS_SECONDS), "+Inf")


class Exposition(Collector):
    def __init__(self, registry: Registry, service: str) -> None:
        self._registry = registry
        self._service = service

    def render(self) -> tuple[bytes, str]:
        return generate_latest(self), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[Metric]:
        """One family per metric; the families are made anew each time, as label sets come and go."""
        readings: dict[str, list[Reading]] = {}
        for reading in self._registry.read():
            readings.setdefault(reading.metric, []).append(reading)
        for name, declaration in self._registry.declared.items():
            family = _family(name, declaration.kind, declaration.about)
            for reading in readings.get(name, []):
                _add(family, reading, self._labels(reading.labels))
            yield family

    def _labels(self, labels: Labels) -> dict[str, str]:
        return {"service": self._service, **dict(labels)}


def _family(name: str, kind: str, about: str) -> Metric:
    if kind == "counter":
        return CounterMetricFamily(name.removesuffix("_total"), about)
    return GaugeMetricFamily(name, about) if kind == "gauge" else HistogramMetricFamily(name, about)


def _add(family: Metric, reading: Reading, labels: dict[str, str]) -> None:
    """Label names differ between readings of one metric, so samples are added by name and not by position."""
    if reading.kind == "histogram":
        for limit, count in zip(_LIMITS, accumulate(reading.buckets), strict=True):
            family.add_sample(f"{reading.metric}_bucket", {**labels, "le": limit}, count)
        family.add_sample(f"{reading.metric}_count", labels, sum(reading.buckets))
        family.add_sample(f"{reading.metric}_sum", labels, reading.value)
    else:
        family.add_sample(reading.metric, labels, reading.value)
