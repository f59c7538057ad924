"""Counting, and what Prometheus reads of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from directfanz.backends.telemetry.metrics import BOUNDS_SECONDS, MAX_LABEL_SETS, OVERFLOW, Reading, Registry
from directfanz.backends.telemetry.prometheus import Exposition
from directfanz.errors import ConfigurationError
from directfanz.platform_toml import Metric, Platform

DECLARED = {
    "sign_ins_total": Metric(kind="counter", unit="sign-ins", about="Attempts to sign in."),
    "jobs_waiting": Metric(kind="gauge", unit="jobs", about="Jobs due."),
    "http_request_seconds": Metric(kind="histogram", unit="seconds", about="Time to answer."),
}


@pytest.fixture
def registry() -> Registry:
    return Registry(DECLARED)


def only(registry: Registry) -> Reading:
    (reading,) = registry.read()
    return reading


def test_what_is_not_declared_cannot_be_counted(registry: Registry) -> None:
    with pytest.raises(ConfigurationError, match=r"platform\.toml"):
        registry.counter("sign_outs_total")
    with pytest.raises(ConfigurationError, match="declared as a counter, not as a gauge"):
        registry.gauge("sign_ins_total")


def test_labels_are_one_however_they_are_ordered(registry: Registry) -> None:
    sign_ins = registry.counter("sign_ins_total")
    sign_ins.add(method="password", outcome="ok")
    sign_ins.add(2, outcome="ok", method="password")

    assert only(registry).value == 3


def test_what_is_counted_again_and_again_is_the_same_count(registry: Registry) -> None:
    sign_ins, seconds = registry.counter("sign_ins_total"), registry.histogram("http_request_seconds")
    one_more, record = sign_ins.labelled(outcome="ok"), seconds.labelled(route="/")
    one_more()
    sign_ins.add(2, outcome="ok")
    sign_ins.labelled(outcome="ok")()
    for value in (0.004, math.nan, -1, math.inf):
        record(value)
    seconds.record(0.004, route="/")
    counted, timed = registry.read()
    assert (counted.value, counted.labels) == (4, (("outcome", "ok"),))
    assert (timed.value, sum(timed.buckets), timed.labels) == (0.008, 2, (("route", "/"),))


@pytest.mark.parametrize("amount", [-1, math.nan, math.inf])
def test_a_counter_takes_no_nonsense_and_does_not_complain(registry: Registry, amount: float) -> None:
    sign_ins = registry.counter("sign_ins_total")
    sign_ins.add(1)
    sign_ins.add(amount)
    assert only(registry).value == 1


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_a_histogram_takes_no_nonsense_either(registry: Registry, value: float) -> None:
    seconds = registry.histogram("http_request_seconds")
    seconds.record(0.1)
    seconds.record(value)
    assert only(registry).value == pytest.approx(0.1)
    assert sum(only(registry).buckets) == 1


def test_a_gauge_is_what_it_was_told_last(registry: Registry) -> None:
    waiting = registry.gauge("jobs_waiting")
    for value in (3, 1, math.nan):
        waiting.set(value, queue="mail")
    assert only(registry).value == 1


def test_a_mistake_in_a_label_does_not_fill_the_memory(registry: Registry) -> None:
    sign_ins = registry.counter("sign_ins_total")
    for number in range(MAX_LABEL_SETS + 500):
        sign_ins.add(user=str(number))

    readings = registry.read()
    assert len(readings) == MAX_LABEL_SETS + 1
    assert {r.labels: r.value for r in readings}[OVERFLOW] == 500


def test_threads_lose_no_count(registry: Registry) -> None:
    sign_ins = registry.counter("sign_ins_total")

    def many() -> None:
        for _ in range(5_000):
            sign_ins.add(method="password")

    with ThreadPoolExecutor(4) as threads:
        for _ in range(4):
            threads.submit(many)
    assert only(registry).value == 20_000


@given(st.lists(st.floats(0, 400), max_size=50))
def test_every_value_is_in_the_bucket_of_the_next_bound(values: list[float]) -> None:
    registry = Registry(DECLARED)
    for value in values:
        registry.histogram("http_request_seconds").record(value)

    buckets = next((reading.buckets for reading in registry.read()), (0,) * (len(BOUNDS_SECONDS) + 1))
    for index, bound in enumerate(BOUNDS_SECONDS):
        assert sum(buckets[: index + 1]) == sum(value <= bound for value in values)
    assert sum(buckets) == len(values)


def test_the_promises_of_the_platform_are_bounds_of_buckets(platform: Platform) -> None:
    """So that a share of requests below a promise is exact, and not a guess within a bucket."""
    promised = {slo.below_seconds for slo in platform.slos.values() if slo.below_seconds and slo.percentile}
    promised |= {a.above for a in platform.alarms.values() if a.percentile and a.above}
    assert promised <= set(BOUNDS_SECONDS)


def samples(registry: Registry) -> Iterator[tuple[str, dict[str, str], float]]:
    body, content_type = Exposition(registry, "web").render()
    assert content_type.startswith("text/plain; version=")
    for family in text_string_to_metric_families(body.decode()):
        yield from ((sample.name, sample.labels, sample.value) for sample in family.samples)


def test_prometheus_reads_what_was_counted(registry: Registry) -> None:
    registry.counter("sign_ins_total").add(2, method='pass"word\\\n')
    registry.gauge("jobs_waiting").set(7, queue="mail")
    for seconds in (0.0004, 0.2, 0.21, 999):
        registry.histogram("http_request_seconds").record(seconds, route="/")

    found = list(samples(registry))

    assert ("sign_ins_total", {"service": "web", "method": 'pass"word\\\n'}, 2.0) in found
    assert ("jobs_waiting", {"service": "web", "queue": "mail"}, 7.0) in found
    buckets = {labels["le"]: value for name, labels, value in found if name == "http_request_seconds_bucket"}
    assert (buckets["0.0005"], buckets["0.2"], buckets["300.0"], buckets["+Inf"]) == (1, 2, 3, 4)
    assert ("http_request_seconds_count", {"service": "web", "route": "/"}, 4.0) in found


def test_prometheus_learns_of_every_declared_metric(platform: Platform) -> None:
    body, _ = Exposition(Registry(platform.metrics), "web").render()
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    for name, metric in platform.metrics.items():
        family = families[name.removesuffix("_total") if metric.kind == "counter" else name]
        assert (family.type, family.documentation) == (metric.kind, metric.about)
