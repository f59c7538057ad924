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
from directfanz.http.caller import SESSION_COOKIE, Needs
from directfanz.http.dependencies import DEPENDENCIES
from directfanz.http.etags import etag_of, matches
from directfanz.http.limits import API_WRITES, OPTION, Limit
from directfanz.http.request import StrictRequest
from directfanz.processes.web.routes import API_PREFIX, TAGS, all_routes

JSON_TYPE = (b"content-type", b"application/json")
CHANGES = frozenset({"post", "put", "patch", "delete"})
ABOUT = """\
Everything the pages do, for programs.

- **Who calls.** A personal access token, `Authorization: Bearer dfp_...`, made under Settings; or the browser's session.
- **Errors** all look alike: `error.code` for programs, `error.message` for people, `error.details` naming each field, what is
  wrong with it and what to do, and `error.requestId` to quote to support.
- **Lists** come in pages: pass `next` of one page as `cursor` of the next; the `Link` header says the same.
- **Changes** may be repeated safely: send a new `Idempotency-Key` with each, and the same one when you repeat it within a day.
- **Versions.** A GET answers with an `ETag`; `If-None-Match` saves the body (304), `If-Match` on a change makes sure that you
  change what you saw (412).
- **Limits.** `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) say what is left; beyond it comes 429
  with `Retry-After`. 503 carries `Retry-After` too: the same request may be sent again.
"""
_WHY = {
    "error": "Anything else that went wrong.",
    "400": "A field is wrong: `details` names it.",
    "401": "Nobody is signed in, or the token is unknown.",
    "403": "Signed in, but not allowed.",
    "404": "There is no such thing, or it is not for you.",
    "409": "The state does not allow it, or the same change is under way.",
    "412": "It has changed since you read it.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "The Idempotency-Key was used for another request.",
    "429": "Too often; `Retry-After` says when.",
    "503": "Something we need does not answer; try again.",
}


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
    described["components"].update(_components())
    described["components"]["schemas"].update(_error_schemas())
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


def _complete(operation: dict[str, Any], path: str, method: str, handler: HTTPRouteHandler) -> None:
    needs = [guard for guard in handler.resolve_guards() if isinstance(guard, Needs)]
    operation["security"] = _security(needs)
    codes = {"503", *(code for code in operation["responses"] if code >= "400")}
    codes |= {"400"} if operation.get("parameters") or operation.get("requestBody") else set()
    codes |= {"401", "403"} if needs else set()
    codes |= {"404"} if "{" in path else set()
    codes |= {"400", "409", "413", "422", "429"} if method in CHANGES else set()
    codes |= {"415"} if "requestBody" in operation else set()
    codes |= {"429"} if _limit(handler, method) else set()
    for code in sorted(codes):
        operation["responses"][code] = {"$ref": f"#/components/responses/{code}"}
    if "204" in operation["responses"]:
        operation["responses"]["204"].pop("content", None)
    operation["responses"]["default"] = {"$ref": "#/components/responses/error"}
    if method == "get" and "200" in operation["responses"]:
        operation["responses"]["304"] = {"description": "Nothing has changed since the version you named."}
    operation["responses"] = dict(sorted(operation["responses"].items()))
    _parameters(operation, method)
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


def _parameters(operation: dict[str, Any], method: str) -> None:
    wanted = ["IdempotencyKey"] if method in CHANGES else ["IfNoneMatch"] if method == "get" else []
    references = [{"$ref": f"#/components/parameters/{name}"} for name in wanted]
    operation["parameters"] = [*operation.get("parameters", []), *references]


def _headers(operation: dict[str, Any], method: str, limit: Limit | None) -> None:
    names = {"X-Request-ID": "RequestId"}
    if limit:
        names |= {f"RateLimit-{each}": f"RateLimit{each}" for each in ("Limit", "Remaining", "Reset")}
    for code, answer in operation["responses"].items():
        if "$ref" in answer:
            continue
        versioned = {"ETag": "ETag"} if method == "get" and code == "200" else {}
        references = {name: {"$ref": f"#/components/headers/{at}"} for name, at in (names | versioned).items()}
        answer["headers"] = answer.get("headers", {}) | references


def _components() -> dict[str, Any]:
    text_type, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    return {
        "securitySchemes": {
            "session": {
                "type": "apiKey", "in": "cookie", "name": SESSION_COOKIE,
                "description": "The cookie of a signed-in browser. Changes must come from a page of this site.",
            },
            "token": {
                "type": "http", "scheme": "bearer", "bearerFormat": "dfp_...",
                "description": "A personal access token. It may call the routes that name a scope it holds.",
            },
        },
        "parameters": {
            "IdempotencyKey": {
                "name": "Idempotency-Key", "in": "header", "required": False,
                "description": "Makes it safe to repeat this change within 24 hours. Use a new random UUID for each change.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                "example": "0199f2a4-6f8e-7c1d-9d0e-1c2b3a4d5e6f",
            },
            "IfNoneMatch": {
                "name": "If-None-Match", "in": "header", "required": False,
                "description": "The `ETag` you have. When nothing has changed the answer is 304, without a body.",
                "schema": {"type": "string", "maxLength": 400, "pattern": "^[!-~ ]+$"},
            },
        },
        "headers": {
            "RequestId": {"description": "Names this request in our logs.", "schema": text_type},
            "ETag": {"description": "The version of this answer.", "schema": text_type},
            "RateLimitLimit": {"description": "Calls allowed at once.", "schema": number},
            "RateLimitRemaining": {"description": "Calls left.", "schema": number},
            "RateLimitReset": {"description": "Seconds until all are there again.", "schema": number},
            "RetryAfter": {"description": "Seconds to wait.", "schema": number},
        },
        "responses": {code: _error_response(code, why) for code, why in _WHY.items()},
    }  # fmt: skip


def _error_response(code: str, why: str) -> dict[str, Any]:
    names = {"X-Request-ID": "RequestId"} | ({"Retry-After": "RetryAfter"} if code in ("429", "503") else {})
    return {
        "description": why,
        "headers": {name: {"$ref": f"#/components/headers/{at}"} for name, at in names.items()},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }


def _error_schemas() -> dict[str, Any]:
    def record(properties: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "required": list(properties), "properties": properties}

    detail = record({name: {"type": "string"} for name in ("field", "problem", "suggestion")})
    info = {
        "code": {"type": "string", "examples": ["invalid_input"]},
        "message": {"type": "string", "examples": ["Some of what you sent cannot be used."]},
        "details": {"type": "array", "items": detail},
        "requestId": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
    }
    example = {
        "error": {
            "code": "invalid_input",
            "message": "Some of what you sent cannot be used.",
            "details": [
                {"field": "handle", "problem": "This is too short.", "suggestion": "Use at least 3 characters."}
            ],
            "requestId": "9f2c61d0a1b4-0000002a",
            "timestamp": "2026-11-21T12:00:00.000Z",
        }
    }
    return {"Error": {**record({"error": record(info)}), "examples": [example]}}


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
