"""The API's description, made from the routes themselves.

Litestar describes parameters, bodies and answers from our types; what it cannot know is added here from the same
declarations that are enforced: guards become security requirements, limits become 429, every route gets the one error shape.
`docs/reference/openapi.json` is this document, and a test keeps it equal.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Tag
from litestar.routes import HTTPRoute

from directfanz import __version__
from directfanz.http.answers import Answer
from directfanz.http.arrival import Arrival
from directfanz.http.caller import Needs
from directfanz.http.described import BODY, FILE, IF_MATCH
from directfanz.http.etags import etag_of, matches
from directfanz.http.limits import API_WRITES, OPTION, Limit
from directfanz.http.request import StrictRequest
from directfanz.processes.web.openapi_components import ABOUT, components, error_schemas
from directfanz.processes.web.routes import API_PREFIX, DEPENDENCIES, TAGS, all_routes

JSON_TYPE = (b"content-type", b"application/json")
CHANGES = frozenset({"post", "put", "patch", "delete"})


class Described:
    """`/api/v1/openapi.json`, made when first asked for: it takes a tenth of a second, in a thread."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def answer(self, arrival: Arrival) -> Answer:
        async with self._lock:
            body, etag = await asyncio.to_thread(encoded)
        headers = [(b"etag", etag), (b"cache-control", b"public, max-age=300")]
        if (wanted := arrival.head.get(b"if-none-match")) is not None and matches(wanted, etag):
            return 304, headers, b""
        return 200, [JSON_TYPE, *headers], body


@lru_cache(maxsize=1)
def encoded() -> tuple[bytes, bytes]:
    body = msgspec.json.encode(document())
    return body, etag_of(body)


def text() -> str:
    """As it stands in `docs/reference/openapi.json`."""
    return msgspec.json.format(encoded()[0], indent=2).decode() + "\n"


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    app = _describing()
    described: dict[str, Any] = app.openapi_schema.to_schema()
    described["servers"] = [{"url": "/", "description": "This installation"}]
    described["components"].update(components())
    described["components"]["schemas"].update(error_schemas())
    for path, method, handler in operations(app):
        _complete(described["paths"][path][method], path, method, handler)
    return described


def operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Path, method and handler of every route of the API that is meant to be known."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or not route.path_format.startswith(API_PREFIX):
            continue
        for handler in route.route_handlers:
            if handler.resolve_include_in_schema():
                yield from ((route.path_format, method.lower(), handler) for method in sorted(handler.http_methods))


def _describing() -> Litestar:
    """The same routes in an application that only describes them."""
    return Litestar(
        all_routes(),
        dependencies=DEPENDENCIES,
        request_class=StrictRequest,
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="DirectFanz API",
            version=__version__,
            description=ABOUT,
            tags=[Tag(name=name, description=about) for name, about in TAGS.items()],
            use_handler_docstrings=True,
            operation_id_creator=lambda handler, _method, _path: _camel(handler.fn.__name__),
        ),
    )


_FILE = {"type": "string", "format": "binary"}


def _complete(operation: dict[str, Any], path: str, method: str, handler: HTTPRouteHandler) -> None:
    needs = [guard for guard in handler.resolve_guards() if isinstance(guard, Needs)]
    operation["security"] = _security(needs)
    if kinds := handler.opt.get(BODY):
        operation["requestBody"] = {"required": True, "content": {kind: {"schema": {}} for kind in kinds}}
    if kinds := handler.opt.get(FILE):
        operation["responses"]["200"]["content"] = {kind: {"schema": _FILE} for kind in kinds}
    codes = {"503", *(code for code in operation["responses"] if code >= "400")}
    codes |= {"400"} if operation.get("parameters") or operation.get("requestBody") else set()
    codes |= {"401", "403"} if needs else set()
    codes |= {"404"} if "{" in path else set()
    codes |= {"400", "409", "413", "422", "429"} if method in CHANGES else set()
    codes |= {"415"} if "requestBody" in operation else set()
    codes |= {"412"} if handler.opt.get(IF_MATCH) else set()
    codes |= {"429"} if _limit(handler, method) else set()
    for code in sorted(codes):
        operation["responses"][code] = {"$ref": f"#/components/responses/{code}"}
    if "204" in operation["responses"]:
        operation["responses"]["204"].pop("content", None)
    operation["responses"]["default"] = {"$ref": "#/components/responses/error"}
    if method == "get" and "200" in operation["responses"]:
        operation["responses"]["304"] = {"description": "Nothing has changed since the version you named."}
    operation["responses"] = dict(sorted(operation["responses"].items()))
    _parameters(operation, method, handler)
    _headers(operation, method, _limit(handler, method))


def _limit(handler: HTTPRouteHandler, method: str) -> Limit | None:
    declared: Limit | None = handler.opt.get(OPTION)
    return declared or (API_WRITES if method in CHANGES else None)


def _security(needs: list[Needs]) -> list[dict[str, list[str]]]:
    if not needs:
        return [{}]
    scopes = [need.scope for need in needs if need.scope]
    takes_tokens = any(need.takes_tokens for need in needs)
    return [{"session": []}, *([{"token": scopes}] if takes_tokens else [])]


def _parameters(operation: dict[str, Any], method: str, handler: HTTPRouteHandler) -> None:
    wanted = ["IdempotencyKey"] if method in CHANGES else ["IfNoneMatch"] if method == "get" else []
    wanted += ["IfMatch"] if handler.opt.get(IF_MATCH) else []
    references = [{"$ref": f"#/components/parameters/{name}"} for name in wanted]
    operation["parameters"] = [*operation.get("parameters", []), *references]


def _headers(operation: dict[str, Any], method: str, limit: Limit | None) -> None:
    names = {"X-Request-ID": "RequestId"}
    if limit:
        names |= {f"RateLimit-{each}": f"RateLimit{each}" for each in ("Limit", "Remaining", "Reset")}
    for code, answer in operation["responses"].items():
        if "$ref" in answer:
            continue
        more = {"ETag": "ETag"} if method == "get" and code == "200" else {}
        more |= {"Link": "Link"} if code == "200" and "cursor" in _named(operation) else {}
        more |= {"Idempotency-Replayed": "IdempotencyReplayed"} if method in CHANGES else {}
        references = {name: {"$ref": f"#/components/headers/{at}"} for name, at in (names | more).items()}
        answer["headers"] = answer.get("headers", {}) | references


def _named(operation: dict[str, Any]) -> set[str]:
    return {parameter.get("name", "") for parameter in operation["parameters"]}


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
