"""An AWS that remembers which operations it was asked for, by whichever library."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import (
    BackendRequest,
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

_SIGNED = {"ses": "sesv2", "monitoring": "cloudwatch"}


class Recording:
    def __init__(self, moto: Any) -> None:
        self._moto = moto
        self.endpoint = ""
        self.asked: set[str] = set()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        signed = re.search(
            r"(?:Credential=|X-Amz-Credential=)[^/&]+?(?:/|%2F)\d+(?:/|%2F)[^/%]+(?:/|%2F)([a-z0-9]+)(?:/|%2F)aws4",
            f"{environ.get('HTTP_AUTHORIZATION', '')} {environ.get('QUERY_STRING', '')}",
        )
        body = body_of(environ)
        if signed:
            self.asked.add(f"{signed[1]}:{self._operation({**environ, 'wsgi.input': io.BytesIO(body)}, signed[1])}")
        answer: Iterable[bytes] = self._moto({**environ, "wsgi.input": io.BytesIO(body)}, start)
        return answer

    def _operation(self, environ: dict[str, Any], signed: str) -> str:
        service = _SIGNED.get(signed, signed)
        request = BackendRequest(environ)
        if target := request.headers.get("X-Amz-Target"):
            return str(get_service_model(service).operation_model(target.split(".")[-1]).name)
        operation, _ = get_service_router(service).match(request)
        return str(operation.name)


def body_of(environ: dict[str, Any]) -> bytes:
    """All of it, so that two can read it."""
    if length := int(environ.get("CONTENT_LENGTH") or 0):
        return bytes(environ["wsgi.input"].read(length))
    if environ.get("HTTP_TRANSFER_ENCODING") == "chunked" and environ.get("wsgi.input_terminated"):
        return bytes(environ["wsgi.input"].read())
    return b""


@contextmanager
def recording_aws(around: Callable[[Any], Any] = lambda moto: moto) -> Iterator[Recording]:
    """`around`: what stands between it and moto, such as `StandIn`."""
    recording = Recording(around(DomainDispatcherApplication(create_backend_app)))
    server = make_server("127.0.0.1", 0, recording, threaded=True, request_handler=MotoRequestHandler)
    recording.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield recording
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
