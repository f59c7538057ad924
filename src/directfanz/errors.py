"""Every error that the platform raises on purpose.

    DirectFanzError
    ├── InvalidInput            400  a field is wrong; details name it and suggest the fix
    ├── NotSignedIn             401
    ├── Forbidden               403
    ├── NotFound                404
    ├── Conflict                409  the state changed, or the thing exists already
    ├── PreconditionFailed      412  an ETag did not match
    ├── TooLarge                413
    ├── UnsupportedMedia        415
    ├── RateLimited             429  says when to come back
    ├── Unavailable             503  an engine or neighbour is down or busy; a retry helps
    │   ├── PoolExhausted
    │   └── TimedOut
    ├── Rejected                     a neighbour said no for good; a retry does not help (never leaves a job)
    └── ConfigurationError           a file or setting is wrong; the process refuses to start

A domain makes small subclasses beside the rule that raises them. Vendor errors are translated at the adapter's
edge: no asyncpg, redis or S3 exception is seen outside `backends/`.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class Detail(NamedTuple):
    """One thing that is wrong: where, what, and how to mend it."""

    field: str
    problem: str
    suggestion: str = ""


class DirectFanzError(Exception):
    """A sentence for a person, a stable code for a program, a status for HTTP, and whether a retry can help."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *details: Detail, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.retry_after_seconds = retry_after_seconds


class InvalidInput(DirectFanzError):
    code = "invalid_input"
    status = 400

    @classmethod
    def in_field(cls, field: str, problem: str, suggestion: str = "") -> InvalidInput:
        return cls(problem, Detail(field, problem, suggestion))


class NotSignedIn(DirectFanzError):
    code = "not_signed_in"
    status = 401


class Forbidden(DirectFanzError):
    code = "forbidden"
    status = 403


class NotFound(DirectFanzError):
    code = "not_found"
    status = 404


class Conflict(DirectFanzError):
    code = "conflict"
    status = 409


class PreconditionFailed(DirectFanzError):
    code = "precondition_failed"
    status = 412


class TooLarge(DirectFanzError):
    code = "too_large"
    status = 413


class UnsupportedMedia(DirectFanzError):
    code = "unsupported_media"
    status = 415


class RateLimited(DirectFanzError):
    code = "rate_limited"
    status = 429
    retryable = True


class Unavailable(DirectFanzError):
    code = "unavailable"
    status = 503
    retryable = True


class PoolExhausted(Unavailable):
    code = "pool_exhausted"


class TimedOut(Unavailable):
    code = "timed_out"


class Rejected(DirectFanzError):
    code = "rejected"
    status = 502


class ConfigurationError(DirectFanzError):
    """Carries where: `platform.toml:14: services.web.cpu ...`."""

    code = "configuration_error"
