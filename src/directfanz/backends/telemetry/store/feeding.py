"""What feeds the store beside log lines: ended spans, and figures every ten seconds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping

import msgspec
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import format_span_id, format_trace_id

from directfanz.backends.telemetry.metrics import Labels, Reading, Registry
from directfanz.backends.telemetry.store.rows import PointRow, SpanRow
from directfanz.backends.telemetry.store.writer import StoreWriter

GRANULARITY_SECONDS = 10
# An unchanged gauge is repeated this often, so that a reader knows that somebody still tells it.
GAUGE_REPEAT_SECONDS = 60
DROPPED = "telemetry_dropped_total"
_NANO = 1_000_000_000


class StoreSpans(SpanProcessor):
    def __init__(self, store: StoreWriter, service: str) -> None:
        self._store = store
        self._service = service

    def on_end(self, span: ReadableSpan) -> None:
        ids = span.get_span_context()
        if ids is None or span.start_time is None or span.end_time is None:
            return
        self._store.add_span(
            SpanRow(
                trace_id=format_trace_id(ids.trace_id),
                span_id=format_span_id(ids.span_id),
                parent_id=format_span_id(span.parent.span_id) if span.parent else "",
                name=span.name,
                service=self._service,
                started=span.start_time / _NANO,
                seconds=(span.end_time - span.start_time) / _NANO,
                error="" if span.status.is_ok else span.status.description or "error",
                attributes=msgspec.json.encode(dict(span.attributes or {})).decode(),
            )
        )


class StorePoints:
    """Turns totals since the start into what happened in each step."""

    def __init__(self, store: StoreWriter, service: str, registry: Registry, *, collects_itself: bool = True) -> None:
        self._store = store
        self._service = service
        self._instance = str(os.getpid())
        self._registry = registry
        self._before: dict[tuple[str, Labels], Reading] = {}
        self._told: dict[tuple[str, Labels], float] = {}
        self._dropped = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry-points", daemon=True)
        if collects_itself:
            self._thread.start()

    def collect(self, now: float) -> None:
        self._tell_dropped()
        for reading in self._registry.read():
            key = (reading.metric, reading.labels)
            row = self._row(now, reading, self._before.get(key), self._told.get(key, 0))
            self._before[key] = reading
            if row:
                self._told[key] = now
                self._store.add_point(row)

    def _tell_dropped(self) -> None:
        dropped = self._store.dropped
        if dropped > self._dropped:
            self._registry.counter(DROPPED).add(dropped - self._dropped)
            self._dropped = dropped

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(GRANULARITY_SECONDS)
        self.collect(time.time())

    def _run(self) -> None:
        """At whole steps of the machine's clock, so that the points of all processes fall together."""
        while not self._stop.wait(GRANULARITY_SECONDS - time.time() % GRANULARITY_SECONDS):
            now = time.time()
            self.collect(now - now % GRANULARITY_SECONDS)

    def _row(self, now: float, reading: Reading, before: Reading | None, told: float) -> PointRow | None:
        value, buckets = reading.value, reading.buckets
        if reading.kind == "gauge":
            if before and before.value == value and now - told < GAUGE_REPEAT_SECONDS:
                return None
        elif before:
            value -= before.value
            buckets = tuple(a - b for a, b in zip(buckets, before.buckets, strict=True))
        if reading.kind != "gauge" and not value and not any(buckets):
            return None
        return PointRow(
            time=now,
            step=GRANULARITY_SECONDS,
            metric=reading.metric,
            service=self._service,
            instance=self._instance,
            labels=_json(dict(reading.labels)),
            value=value,
            buckets=msgspec.json.encode(buckets).decode(),
        )


def _json(labels: Mapping[str, str]) -> str:
    return msgspec.json.encode(labels, order="sorted").decode()
