"""Telemetry as a process opens it: to the local store, to a collector, to nobody."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from directfanz.backends.telemetry import context, logs, open_telemetry
from directfanz.backends.telemetry.metrics import Registry
from directfanz.backends.telemetry.otlp import MetricSender
from directfanz.backends.telemetry.store import schema
from directfanz.backends.telemetry.store.logs import LogQuery, find_logs
from directfanz.backends.telemetry.store.traces import TraceQuery, find_traces
from directfanz.errors import ConfigurationError
from directfanz.operate.telemetry_cli import telemetry_group
from directfanz.platform_toml import Platform
from tests.support.collector import collector
from tests.support.plain_settings import plain_settings

log = logging.getLogger("directfanz.test")


async def _tell(platform: Platform, **settings: str) -> None:
    """A process that answers one request."""
    telemetry = open_telemetry(plain_settings(trace_ratio="1", **settings), platform, "web")
    request = context.request_id.set("req-42")
    with telemetry.span("request", route="/tiers"):
        log.warning("Ada's tier is full", extra={"tier": "gold"})
        telemetry.counter("http_requests_total").add(3, route="/tiers", status="2xx")
        telemetry.gauge("jobs_waiting").set(2, queue="mail")
        telemetry.histogram("http_request_seconds").record(0.15, route="/tiers")
    context.request_id.reset(request)
    await telemetry.close()


async def test_lines_steps_and_figures_of_a_process_are_in_the_store(platform: Platform, tmp_path: Path) -> None:
    await _tell(platform, telemetry_backend="store", state_dir=str(tmp_path))

    path = schema.path_in(tmp_path)
    (line,) = find_logs(path, LogQuery(request_id="req-42"))
    (root,) = find_traces(path, TraceQuery())
    assert (line.message, line.fields, line.trace_id) == ("Ada's tier is full", {"tier": "gold"}, root.trace_id)
    assert root.attributes == {"route": "/tiers"}


async def test_after_closing_nothing_of_it_is_left(platform: Platform, tmp_path: Path) -> None:
    before = logging.getLogger().handlers[:]
    await _tell(platform, telemetry_backend="store", state_dir=str(tmp_path))
    assert logging.getLogger().handlers == before
    log.warning("later")
    assert len(find_logs(schema.path_in(tmp_path), LogQuery())) == 1


async def test_lines_that_others_have_made_are_kept_too(platform: Platform, tmp_path: Path) -> None:
    """The access log writes its own, for their price."""
    settings = plain_settings(telemetry_backend="store", state_dir=str(tmp_path))
    with (tmp_path / "out").open("wb") as out:
        handler = logs.configure("web", settings, out)
        telemetry = open_telemetry(settings, platform, "web")
        own = '{"time":"2026-11-21T13:20:00.000Z","level":"info","service":"web","logger":"a","message":"GET / 200","request_id":"r1"}'
        handler.write(f"{own}\n{own.replace('r1', 'r2')}".encode())
        await telemetry.close()
        logging.getLogger().removeHandler(handler)
        handler.close()
        logging.captureWarnings(False)

    assert [found.message for found in find_logs(schema.path_in(tmp_path), LogQuery(request_id="r2"))] == ["GET / 200"]
    assert len((tmp_path / "out").read_bytes().splitlines()) == 2


async def test_a_collector_is_told_in_opentelemetrys_protocol(platform: Platform) -> None:
    with collector() as told:
        await _tell(platform, telemetry_backend="otlp", otlp_endpoint=told.endpoint)

    metrics = told.last_metrics()
    (counted,) = metrics["http_requests_total"].sum.data_points
    assert metrics["http_requests_total"].sum.is_monotonic
    assert counted.as_double == 3
    assert {a.key: a.value.string_value for a in counted.attributes} == {
        "platform": platform.name,
        "service": "web",
        "route": "/tiers",
        "status": "2xx",
    }
    assert metrics["jobs_waiting"].gauge.data_points[0].as_double == 2
    (seconds,) = metrics["http_request_seconds"].exponential_histogram.data_points
    assert (seconds.count, seconds.sum, list(seconds.positive.bucket_counts)) == (1, 0.15, [1])
    edge = 2.0 ** ((seconds.positive.offset + 1) / 2**seconds.scale)
    assert edge == seconds.max
    assert 0.19 < edge <= 0.2, "in the bucket that ends at our bound of 200 ms"
    (step,) = told.spans()
    assert step.name == "request"
    (resource,) = told.metrics[-1].resource_metrics
    assert {a.key: a.value.string_value for a in resource.resource.attributes}["service.name"] == "web"


def test_a_collector_hears_each_thing_once_and_what_it_missed(platform: Platform) -> None:
    registry = Registry(platform.metrics)
    counted, timed = registry.counter("http_requests_total"), registry.histogram("http_request_seconds")
    with collector() as heard:
        sender = MetricSender(heard.endpoint, "directfanz", "web", registry, every_seconds=3600)
        for number in (3, 0, 2):
            counted.add(number)
            timed.record(0.15)
            heard.away = number == 0
            sender.send()
        sender.close()
    told = [request.resource_metrics[0].scope_metrics[0].metrics for request in heard.metrics]
    sums = [
        one.sum.data_points[0].as_double for metrics in told for one in metrics if one.name == "http_requests_total"
    ]
    times = [
        one.exponential_histogram.data_points[0].count
        for metrics in told
        for one in metrics
        if one.name == "http_request_seconds"
    ]
    assert sums == [3, 2, 0], "the second was not heard, so the third tells of both"
    assert times == [1, 2, 0]


async def test_a_collector_that_is_away_does_not_hold_up_the_end(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directfanz.backends.telemetry.opening.CLOSE_SECONDS", 0.5)
    started = time.monotonic()
    await _tell(platform, telemetry_backend="otlp", otlp_endpoint="http://127.0.0.1:9")
    assert time.monotonic() - started < 5


def test_a_collector_must_be_named(platform: Platform) -> None:
    with pytest.raises(ConfigurationError, match="OTLP_ENDPOINT"):
        open_telemetry(plain_settings(telemetry_backend="otlp"), platform, "web")


async def test_nobody_is_told_and_yet_it_counts(platform: Platform) -> None:
    telemetry = open_telemetry(plain_settings(telemetry_backend="none"), platform, "web")
    telemetry.counter("sign_ups_total").add()
    with telemetry.span("request"):
        assert context.trace_id.get() == ""
    assert b'sign_ups_total{service="web"} 1.0' in telemetry.prometheus()[0]
    await telemetry.close()


def run(state: Path, *words: str) -> Result:
    group = telemetry_group(lambda: plain_settings(state_dir=str(state)))
    return CliRunner().invoke(group, words, catch_exceptions=False)


async def test_the_terminal_answers_questions(platform: Platform, tmp_path: Path) -> None:
    await _tell(platform, telemetry_backend="store", state_dir=str(tmp_path))

    found = run(tmp_path, "logs", "--request-id", "req-42", "--json")
    line = json.loads(found.stdout)
    assert (line["message"], line["level"]) == ("Ada's tier is full", "warning")
    assert "Ada's tier is full tier=gold [req-42]" in run(tmp_path, "logs", "--text", "TIER").stdout
    assert run(tmp_path, "logs", "--level", "error").stdout == ""
    assert run(tmp_path, "logs", "--since", "2020-01-01", "--until", "2021-01-01").stdout == ""

    told = {
        json.loads(one)["metric"]: json.loads(one)["figures"]
        for one in run(tmp_path, "metrics", "--json").stdout.splitlines()
    }
    assert told["http_requests_total"] == {"total": 3}
    assert told["jobs_waiting"] == {"last": 2}
    assert told["http_request_seconds"]["count"] == 1
    assert 0.1 <= told["http_request_seconds"]["p95"] <= 0.2
    one = json.loads(run(tmp_path, "metrics", "http_requests_total", "--by", "status", "--json").stdout)
    assert (one["labels"], one["value"]) == ({"status": "2xx"}, 3)
    assert run(tmp_path, "metrics", "http_requests_total", "--where", "status=5xx").stdout == ""

    (root,) = (json.loads(one) for one in run(tmp_path, "traces", "--json").stdout.splitlines())
    tree = run(tmp_path, "trace", root["trace_id"]).stdout
    assert "web request route=/tiers" in tree
    assert "Ada's tier is full" in tree
    assert run(tmp_path, "traces", "--slower-than", "60000").stdout == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["logs", "--since", "yesterday"], "neither a time ago"),
        (["metrics", "x", "--where", "status"], "label=value"),
        (["logs", "--limit", "0"], "range"),
    ],
)
def test_a_question_it_does_not_understand(tmp_path: Path, words: list[str], says: str) -> None:
    answer = run(tmp_path, *words)
    assert answer.exit_code == 2
    assert says in answer.output
