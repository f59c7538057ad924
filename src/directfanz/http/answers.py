"""Errors as answers: JSON for programs, a page for people, and for a person who is not signed in the way to the door."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request, Response
from minijinja import TemplateError

from directfanz.backends import Backends
from directfanz.errors import NotSignedIn
from directfanz.http.arrival import Arrival, arrival_of
from directfanz.http.caller import CONFIRM_PATH, SIGN_IN_PATH, ConfirmFirst
from directfanz.http.errors import Failure, as_context, failure_of
from directfanz.http.headers import Header
from directfanz.http.pages import HTML, local_path, page_for
from directfanz.kit.time import rfc3339

log = logging.getLogger("directfanz.http")
Listed = tuple[int, list[Header], bytes]
# Headers that come as bytes are finished lines: for the few reads that are made to be quick.
Answer = tuple[int, list[Header] | bytes, bytes]
JSON: Header = (b"content-type", b"application/json")
PAGE: Header = (b"content-type", b"text/html; charset=utf-8")


class Answers:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    def to(self, arrival: Arrival, error: BaseException) -> Listed:
        if not arrival.is_api and isinstance(error, NotSignedIn | ConfirmFirst):
            return self._to_the_door(arrival, SIGN_IN_PATH if isinstance(error, NotSignedIn) else CONFIRM_PATH)
        failure = failure_of(error, arrival.request_id)
        headers = [(name.lower().encode(), value.encode()) for name, value in failure.headers.items()]
        if arrival.is_api:
            body = failure.json(arrival.request_id, rfc3339(self._backends.clock.now()))
            return failure.status, [JSON, *headers], body
        return failure.status, [PAGE, *headers], self._page(arrival, failure)

    def _page(self, arrival: Arrival, failure: Failure) -> bytes:
        try:
            return page_for(self._backends, arrival, "error.html", **as_context(failure)).encode()
        except TemplateError:
            # The page about the error must not be the next error.
            log.exception("the error page cannot be shown", extra={"request_id": arrival.request_id})
            text = f"<!doctype html><title>Error</title><h1>{failure.status}</h1><p>Request {arrival.request_id}"
            return text.encode()

    def _to_the_door(self, arrival: Arrival, door: str) -> Listed:
        path = f"{door}?next={quote(_way_back(arrival), safe='/')}"
        if arrival.head.get(b"hx-request") == b"true":
            # htmx would swap the sign-in page into a corner of this one; it is told to go there instead.
            return 200, [(b"hx-redirect", path.encode())], b""
        return 303, [(b"location", path.encode())], b""

    def as_response(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """Litestar's exception handler."""
        status, headers, body = self.to(arrival_of(request), error)
        named = {name.decode(): value.decode() for name, value in headers}
        return Response(
            body, status_code=status, headers=named, media_type=named.pop("content-type", HTML).partition(";")[0]
        )


def _way_back(arrival: Arrival) -> str:
    """The page that was asked for; for a form, the page it stands on, because a form cannot be sent again by a link."""
    if arrival.method in ("GET", "HEAD"):
        return arrival.path + (f"?{arrival.query.decode('latin-1')}" if arrival.query else "")
    page = urlsplit(arrival.head.get(b"referer", b"").decode("latin-1"))
    return local_path(page.path + (f"?{page.query}" if page.query else ""))
