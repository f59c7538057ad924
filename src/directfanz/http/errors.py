"""The one shape of every error answer.

    {"error": {"code", "message", "details": [{"field", "problem", "suggestion"}], "requestId", "timestamp"}}

What the platform raises on purpose says its own code and status. What it did not expect answers 500, tells nothing of the inside,
and is logged with the request's id, which the answer carries too.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from litestar.exceptions import HTTPException, NotFoundException, ValidationException

from directfanz.errors import Detail, DirectFanzError
from directfanz.http.wording import say

log = logging.getLogger("directfanz.http")
RETRY_AFTER_SECONDS = 2
_JSON_BODY = msgspec.json.Encoder()
_CODES = {
    400: ("invalid_input", "The request cannot be understood."),
    401: ("not_signed_in", "Sign in first."),
    403: ("forbidden", "You may not do this."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    408: ("timed_out", "The request took too long to arrive."),
    413: ("too_large", "What you sent is too large."),
    415: ("unsupported_media", "This address does not take that kind of content."),
    429: ("rate_limited", "You are too fast. Wait a little."),
    503: ("unavailable", "Something we need does not answer. Try again shortly."),
}
_INTERNAL = (
    "internal_error",
    "Something went wrong on our side. It is logged; quote the request id if you write to us.",
)


class ClientGone(Exception):
    """The other side hung up before it had sent all; there is nobody to answer."""


class ErrorDetail(msgspec.Struct, frozen=True):
    field: str
    problem: str
    suggestion: str


class ErrorInfo(msgspec.Struct, frozen=True, rename="camel"):
    code: str
    message: str
    details: list[ErrorDetail]
    request_id: str
    timestamp: str


class ErrorBody(msgspec.Struct, frozen=True):
    error: ErrorInfo


class Failure(NamedTuple):
    """An exception as an answer, before it is JSON or a page."""

    status: int
    code: str
    message: str
    details: tuple[Detail, ...] = ()
    headers: Mapping[str, str] = {}

    def json(self, request_id: str, timestamp: str) -> bytes:
        details = [ErrorDetail(*detail) for detail in self.details]
        return _JSON_BODY.encode(ErrorBody(ErrorInfo(self.code, self.message, details, request_id, timestamp)))


def failure_of(error: BaseException, request_id: str = "") -> Failure:
    if isinstance(error, DirectFanzError) and error.status < 500:
        return Failure(error.status, error.code, error.message, error.details, _headers(error))
    if isinstance(error, DirectFanzError) and error.status == 503:
        log.warning("unavailable: %s", error.message, extra={"request_id": request_id})
        return Failure(503, error.code, _CODES[503][1], (), _headers(error))
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _of_litestar(error)
    if isinstance(error, ClientGone):
        return Failure(400, "client_gone", "The request ended early.")
    log.error("unexpected error", exc_info=error, extra={"request_id": request_id})
    return Failure(500, *_INTERNAL)


def _headers(error: DirectFanzError) -> dict[str, str]:
    if error.status == 401:
        return {"WWW-Authenticate": 'Bearer realm="api"'}
    if error.retry_after_seconds is not None or error.retryable:
        return {"Retry-After": str(error.retry_after_seconds or RETRY_AFTER_SECONDS)}
    return {}


def _of_litestar(error: HTTPException) -> Failure:
    code, message = _CODES.get(error.status_code, _CODES[400])
    if isinstance(error, ValidationException) and not isinstance(error, NotFoundException):
        return Failure(400, code, "Some of what you sent cannot be used.", tuple(_details(error.extra)))
    allowed = (error.headers or {}).get("allow", "")
    headers = {"Allow": ", ".join(sorted(allowed.split(", ")))} if allowed else {}
    return Failure(error.status_code, code, message, (), headers)


def _details(extra: object) -> list[Detail]:
    """Litestar's word for a query, path or header parameter that does not fit."""
    found = extra if isinstance(extra, list) else []
    return [say(str(each.get("message", "")), str(each.get("key", ""))) for each in found if isinstance(each, dict)]


def as_context(failure: Failure) -> dict[str, Any]:
    """What `error.html` is given."""
    return {
        "status": failure.status,
        "code": failure.code,
        "message": failure.message,
        "details": [ErrorDetail(*detail) for detail in failure.details],
        "retry_after": failure.headers.get("Retry-After"),
    }
