"""Which telemetry a process has, from its settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from directfanz import __version__
from directfanz.backends.telemetry import logs
from directfanz.backends.telemetry.errors_abroad import open_sentry
from directfanz.backends.telemetry.metrics import CounterCells, GaugeCells, HistogramCells, Registry
from directfanz.backends.telemetry.prometheus import Exposition
from directfanz.backends.telemetry.store import schema
from directfanz.backends.telemetry.store.feeding import StorePoints, StoreSpans
from directfanz.backends.telemetry.store.writer import StoreWriter
from directfanz.backends.telemetry.tracing import Tracing
from directfanz.errors import ConfigurationError
from directfanz.platform_toml import Platform
from directfanz.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

CLOSE_SECONDS = 8.0
Closers = list[Callable[[], None]]
log = logging.getLogger("directfanz.telemetry")


class ProcessTelemetry:
    """`closers` run in order: what feeds before what it feeds."""

    def __init__(self, service: str, registry: Registry, tracing: Tracing, closers: Closers) -> None:
        self._registry = registry
        self._tracing = tracing
        self._exposition = Exposition(registry, service)
        self._closers = closers

    def counter(self, name: str) -> CounterCells:
        return self._registry.counter(name)

    def histogram(self, name: str) -> HistogramCells:
        return self._registry.histogram(name)

    def gauge(self, name: str) -> GaugeCells:
        return self._registry.gauge(name)

    def span(self, name: str, **attributes: str | int | float | bool) -> AbstractContextManager[None]:
        return self._tracing.span(name, attributes)

    def kept_root(self, name: str) -> AbstractContextManager[None] | None:
        return self._tracing.kept_root(name)

    def prometheus(self) -> tuple[bytes, str]:
        return self._exposition.render()

    def also_close(self, closer: Callable[[], None]) -> None:
        self._closers = [closer, *self._closers]

    async def close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.to_thread(self._close)
        except TimeoutError:
            log.warning("Telemetry did not finish sending in %s s; what was left is lost.", CLOSE_SECONDS)

    def _close(self) -> None:
        closers, self._closers = self._closers, []
        for closer in closers:
            closer()


def open_telemetry(settings: Settings, platform: Platform, service: str) -> ProcessTelemetry:
    end_errors_abroad = open_sentry(settings, service, __version__)
    opened = _open(settings, platform, service)
    opened.also_close(end_errors_abroad)
    return opened


def _open(settings: Settings, platform: Platform, service: str) -> ProcessTelemetry:
    registry = Registry(platform.metrics)
    kind = settings.telemetry_backend or ("store" if settings.profile == "local" else "otlp")
    if kind == "store":
        return _with_store(settings, platform, service, registry)
    if kind == "otlp":
        return _with_collector(settings, platform.name, service, registry)
    return ProcessTelemetry(service, registry, Tracing(service, 0, None), [])


def _with_store(settings: Settings, platform: Platform, service: str, registry: Registry) -> ProcessTelemetry:
    gauges = [name for name, metric in platform.metrics.items() if metric.kind == "gauge"]
    path = schema.path_in(settings.state_dir)
    store = StoreWriter(path, retention_days=platform.logs.retention_days, gauges=gauges)
    processor: SpanProcessor = StoreSpans(store, service)
    tracing = Tracing(service, settings.trace_ratio, processor)
    points = StorePoints(store, service, registry)
    end_lines = logs.also_to(store.add_lines, service)
    return ProcessTelemetry(
        service,
        registry,
        tracing,
        [points.close, tracing.shutdown, end_lines, store.close],
    )


def _with_collector(settings: Settings, platform: str, service: str, registry: Registry) -> ProcessTelemetry:
    if not settings.otlp_endpoint:
        raise ConfigurationError("DIRECTFANZ_OTLP_ENDPOINT is missing: telemetry is to be sent to a collector there.")
    from directfanz.backends.telemetry import otlp  # its exporters take 0.2 s to import

    tracing = Tracing(service, settings.trace_ratio, otlp.span_processor(settings.otlp_endpoint))
    metrics = otlp.MetricSender(settings.otlp_endpoint, platform, service, registry)
    return ProcessTelemetry(service, registry, tracing, [metrics.close, tracing.shutdown])
