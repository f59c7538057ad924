"""What the running request or job is known by; every log line carries it."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id that the answer carries and support asks for."""

trace_id: ContextVar[str] = ContextVar("trace_id", default="")
"""Set inside a trace that is kept, as 32 hex digits."""
