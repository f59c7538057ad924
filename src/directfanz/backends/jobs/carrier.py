"""What a job takes along from where it was enqueued: the request's id and its trace.

So a line of the worker's log is found with the id that the person was shown, and a trace shows what a click set off.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from directfanz.backends.telemetry.context import request_id
from directfanz.backends.telemetry.tracing import continued, headers_of_trace

_REQUEST_ID = "request_id"


def packed() -> dict[str, str]:
    carrier = headers_of_trace()
    if request := request_id.get():
        carrier[_REQUEST_ID] = request
    return carrier


@contextlib.contextmanager
def unpacked(carrier: dict[str, str], otherwise: str) -> Iterator[None]:
    """`otherwise` is the id of a job that no request set off."""
    request = request_id.set(carrier.get(_REQUEST_ID) or otherwise)
    try:
        with continued(carrier):
            yield
    finally:
        request_id.reset(request)
