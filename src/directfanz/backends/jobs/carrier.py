"""What a job takes along from where it was enqueued: the request's id and its trace.

So a line of the worker's log is found with the id that the person was shown, and a trace shows what a click set off.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from opentelemetry import context as trace_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from directfanz.backends.telemetry.context import request_id

_REQUEST_ID = "request_id"
_propagator = TraceContextTextMapPropagator()


def packed() -> dict[str, str]:
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    if request := request_id.get():
        carrier[_REQUEST_ID] = request
    return carrier


@contextlib.contextmanager
def unpacked(carrier: dict[str, str], otherwise: str) -> Iterator[None]:
    """`otherwise` is the id of a job that no request set off."""
    trace = trace_context.attach(_propagator.extract(carrier))
    request = request_id.set(carrier.get(_REQUEST_ID) or otherwise)
    try:
        yield
    finally:
        request_id.reset(request)
        trace_context.detach(trace)
