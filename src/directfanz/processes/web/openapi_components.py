"""The parts of the API's description that every route shares."""

from __future__ import annotations

from typing import Any

from directfanz.http.caller import SESSION_COOKIE

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


def components() -> dict[str, Any]:
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
            "IfMatch": {
                "name": "If-Match", "in": "header", "required": False,
                "description": "The `ETag` of what you saw. When it has changed since, nothing is done (412).",
                "schema": {"type": "string", "maxLength": 400, "pattern": "^[!-~ ]+$"},
            },
        },
        "headers": {
            "RequestId": {"description": "Names this request in our logs.", "schema": text_type},
            "ETag": {"description": "The version of this answer.", "schema": text_type},
            "Link": {"description": "The next page, as `<address>; rel=\"next\"`; none on the last.", "schema": text_type},
            "IdempotencyReplayed": {
                "description": "There when this is the kept answer of an earlier request.",
                "schema": {"type": "string", "enum": ["true"]},
            },
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


def error_schemas() -> dict[str, Any]:
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
