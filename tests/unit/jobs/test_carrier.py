"""What a job takes along."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from directfanz.backends.jobs.carrier import packed, unpacked
from directfanz.backends.telemetry import context
from directfanz.backends.telemetry.tracing import Tracing


def test_the_job_belongs_to_the_trace_that_set_it_off() -> None:
    spans = InMemorySpanExporter()
    web, worker = (Tracing(name, ratio, SimpleSpanProcessor(spans)) for name, ratio in (("web", 1.0), ("worker", 0.0)))
    with web.span("request", {}):
        trace, carrier = context.trace_id.get(), packed()
    with unpacked(carrier, otherwise="job-1"):
        assert context.trace_id.get() == trace
        with worker.span("job", {}):
            pass
    assert context.trace_id.get() == ""
    request, job = spans.get_finished_spans()
    assert job.parent is not None
    assert job.parent.span_id == request.context.span_id
    assert job.context.trace_id == request.context.trace_id


def test_a_trace_that_is_not_kept_is_not_handed_on() -> None:
    with Tracing("web", 0.0, None).span("request", {}):
        assert packed() == {}


@pytest.mark.parametrize(
    "carrier", [{}, {"traceparent": "nonsense"}, {"traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-01"}]
)
def test_nonsense_in_a_carrier_is_no_trace(carrier: dict[str, str]) -> None:
    with unpacked(carrier, otherwise="job-1"):
        assert context.trace_id.get() == ""
        assert context.request_id.get() == "job-1"
