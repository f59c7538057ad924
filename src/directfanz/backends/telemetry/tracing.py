"""Traces: a kept one is OpenTelemetry's, an unkept one costs next to nothing.

Whether a trace is kept is decided once, at its root; OpenTelemetry would ask its sampler and build a context for every
step of an unkept trace too, 7 us each.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar, Token
from types import TracebackType

from opentelemetry import context as trace_context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Span, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from directfanz.backends.telemetry import context

# None outside any trace; True in a kept one; False in one that is not kept.
_kept: ContextVar[bool | None] = ContextVar("trace_kept", default=None)
_propagator = TraceContextTextMapPropagator()


def headers_of_trace() -> dict[str, str]:
    """What to hand on, as W3C headers, so that work done elsewhere belongs to this trace; empty when it is not kept."""
    headers: dict[str, str] = {}
    _propagator.inject(headers)
    return headers


@contextmanager
def continued(headers: Mapping[str, str]) -> Iterator[None]:
    """A trace that is kept where it began is kept here too. Without one, or with nonsense, this does nothing."""
    parent = _propagator.extract(headers)
    remote = get_current_span(parent).get_span_context()
    if not remote.is_valid:
        yield
        return
    attached, kept = trace_context.attach(parent), _kept.set(True)
    trace = context.trace_id.set(f"{remote.trace_id:032x}")
    try:
        yield
    finally:
        context.trace_id.reset(trace)
        _kept.reset(kept)
        trace_context.detach(attached)


class Tracing:
    def __init__(self, service: str, ratio: float, processor: SpanProcessor | None) -> None:
        self._ratio = ratio if processor else 0.0
        self._provider = TracerProvider(
            sampler=ALWAYS_ON, resource=Resource({"service.name": service}), shutdown_on_exit=False
        )
        if processor:
            self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("directfanz")

    def span(self, name: str, attributes: dict[str, str | int | float | bool]) -> AbstractContextManager[None]:
        kept = _kept.get()
        if kept is False:
            return _IN_UNKEPT
        if kept is None and random.random() >= self._ratio:  # noqa: S311 - a sample, not a secret
            return _UnkeptRoot()
        return self._keep(name, attributes)

    def kept_root(self, name: str) -> AbstractContextManager[None] | None:
        """Decided as in `span`, for who begins a trace and only needs to do something if it is kept."""
        return self._keep(name, {}) if random.random() < self._ratio else None  # noqa: S311 - a sample, not a secret

    def _keep(self, name: str, attributes: dict[str, str | int | float | bool]) -> AbstractContextManager[None]:
        # Not the text of an exception, which may quote what a person typed: the log has it, redacted.
        span = self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        )
        return _Kept(span)

    def shutdown(self) -> None:
        self._provider.shutdown()


class _InUnkept(AbstractContextManager[None]):
    __slots__ = ()

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


_IN_UNKEPT = _InUnkept()


class _UnkeptRoot(AbstractContextManager[None]):
    __slots__ = ("_token",)
    _token: Token[bool | None]

    def __enter__(self) -> None:
        self._token = _kept.set(False)

    def __exit__(self, *_: object) -> None:
        try:  # `suppress` would cost half of all this, and every request passes here
            _kept.reset(self._token)
        except ValueError:  # left in another task than entered: its context is gone already
            return


class _Kept(AbstractContextManager[None]):
    __slots__ = ("_inner", "_kept_token", "_span", "_trace_token")
    _kept_token: Token[bool | None]
    _trace_token: Token[str]
    _span: Span

    def __init__(self, inner: AbstractContextManager[Span]) -> None:
        self._inner = inner

    def __enter__(self) -> None:
        self._span = self._inner.__enter__()
        self._kept_token = _kept.set(True)
        self._trace_token = context.trace_id.set(f"{self._span.get_span_context().trace_id:032x}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._span.set_status(Status(StatusCode.ERROR, kind.__name__))
        with suppress(ValueError):
            context.trace_id.reset(self._trace_token)
            _kept.reset(self._kept_token)
        self._inner.__exit__(kind, error, trace)
