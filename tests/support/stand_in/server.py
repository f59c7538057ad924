"""`python -m tests.support.stand_in.server`: says where it is, and ends when its standard input does."""

from __future__ import annotations

import io
import json
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import (
    BackendRequest,
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.support.recording import body_of
from tests.support.stand_in import database as _database
from tests.support.stand_in import mediaconvert as _mediaconvert
from tests.support.stand_in import operations as _operations
from tests.support.stand_in import registry as _registry
from tests.support.stand_in import removing as _removing
from tests.support.stand_in import stores as _stores
from tests.support.stand_in import streams as _streams
from tests.support.stand_in.memory import NotOurs, Told, forget, operations

_SERVED = (_database, _mediaconvert, _operations, _registry, _removing, _stores, _streams)
# Names in a signature that differ from those of the API.
_SIGNED = {"ses": "sesv2", "access-analyzer": "accessanalyzer"}
_NAMES = {"accessanalyzer": "access-analyzer"}
_lock = threading.RLock()
Start = Callable[..., Any]


class StandIn:
    """In front of moto: answers what it knows better, and passes the rest on."""

    def __init__(self, moto: Any) -> None:
        self._moto = moto
        self._given: dict[str, tuple[str, list[tuple[str, str]], list[bytes]]] = {}

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/moto-api/reset"):
            forget()
        if environ["PATH_INFO"].startswith(_registry.PATH):
            found = _registry.layer(environ["PATH_INFO"])
            return Response(found or b"", status=200 if found is not None else 404)(environ, start)
        service = _service_of(environ)
        body = body_of(environ)
        if service and any(name.startswith(f"{_NAMES.get(service, service)}.") for name in operations):
            try:
                return self._answered({**environ, "wsgi.input": io.BytesIO(body)}, body, service)(environ, start)
            except NotOurs:
                pass
        # One at a time: moto's own records are not safe from two threads.
        with _lock:
            return self._once({**environ, "wsgi.input": io.BytesIO(body)}, start)

    def _once(self, environ: dict[str, Any], start: Start) -> list[bytes]:
        """A busy machine loses answers on their way. The caller repeats its request then, under the same number, and is given the
        same answer: otherwise it would hear that what it makes exists already."""
        number = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if number and number in self._given:
            status, headers, told = self._given[number]
            start(status, headers)
            return told
        heard: list[Any] = []

        def hear(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            heard[:] = [status, headers]
            return lambda _: None

        try:
            told = list(self._moto(environ, hear))
        except Exception:  # moto's own mistakes, of whatever kind
            traceback.print_exc()
            return list(_refused(environ)(environ, start))
        if heard[0].startswith("50"):
            return list(_refused(environ)(environ, start))
        if number and heard[0].startswith("2"):
            self._given[number] = (heard[0], heard[1], told)
        start(*heard)
        return told

    def _answered(self, environ: dict[str, Any], body: bytes, service: str) -> Response:
        request, model = BackendRequest(environ), get_service_model(service)
        operation, found = _operation(request, model, service)
        answer = operations.get(f"{_NAMES.get(service, service)}.{operation.name}")
        if answer is None:
            raise NotOurs
        protocol = determine_request_protocol(model, request.content_type)
        sent: Any = {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": body,
            "url_path": request.path,
            "url_params": found,
        }
        with _lock:
            result: Told | ServiceException
            try:
                result = answer(PROTOCOL_PARSERS[protocol](operation).parse(sent))
            except ServiceException as error:
                result = error
        told = get_serializer_class(model.service_name, protocol)(operation).serialize(result)
        return Response(told["body"], status=told["status_code"], headers=dict(told["headers"]))


def _refused(environ: dict[str, Any]) -> Response:
    """An error of the server is tried again for hours; what moto cannot do is said once, by its name."""
    name = environ.get("HTTP_X_AMZ_TARGET") or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    words = f"The simulator cannot do {name}."
    told = {"__type": "NotImplementedHere", "code": "NotImplementedHere", "message": words, "Message": words}
    return Response(json.dumps(told), status=400, content_type="application/x-amz-json-1.1")


def _operation(request: Any, model: Any, service: str) -> tuple[Any, dict[str, Any]]:
    target = request.headers.get("X-Amz-Target", "")
    if target:
        return model.operation_model(target.split(".")[-1]), {}
    try:
        operation, found = get_service_router(service).match(request)
    except Exception as error:  # moto's routers raise what werkzeug raises
        raise NotOurs from error
    return operation, dict(found)


def _service_of(environ: dict[str, Any]) -> str | None:
    signed = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4", environ.get("HTTP_AUTHORIZATION", ""))
    if not signed:
        return None
    name = signed[1].lower()
    if name == "ses" and not environ.get("PATH_INFO", "").startswith("/v2/"):
        return None
    return _SIGNED.get(name, name)


def main() -> None:
    moto = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, StandIn(moto), threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _registry.place[0] = f"http://127.0.0.1:{server.server_port}"
    print(_registry.place[0], flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
