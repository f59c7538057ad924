"""Every failure looks the same, says what to do, and says nothing of the inside."""

from __future__ import annotations

import logging
from datetime import datetime

import httpx
import pytest

from directfanz.backends.clock.manual import ManualClock


def error_of(answer: httpx.Response) -> dict[str, object]:
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"error"}
    error: dict[str, object] = body["error"]
    assert set(error) == {"code", "message", "details", "requestId", "timestamp"}
    assert error["requestId"] == answer.headers["x-request-id"]
    assert str(error["message"])[-1] == "."
    return error


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/nothing", None, 404, "not_found"),
        ("GET", "/api/", None, 404, "not_found"),
        ("GET", "/api/v1/things/101", None, 404, "not_found"),
        ("PUT", "/api/v1/things", b"{}", 405, "method_not_allowed"),
        ("POST", "/api/v1/things", b"{}", 400, "invalid_input"),
        ("POST", "/api/v1/things", b"", 400, "invalid_input"),
        ("POST", "/api/v1/things", b"{", 400, "invalid_input"),
        ("POST", "/api/v1/things", b'{"name": "twice"}', 409, "conflict"),
        ("GET", "/api/v1/search", None, 400, "invalid_input"),
        ("GET", "/api/v1/search?q=far+too+long", None, 400, "invalid_input"),
        ("GET", "/api/v1/mine", None, 401, "not_signed_in"),
        ("GET", "/api/v1/numbers?cursor=made-up", None, 400, "invalid_input"),
        ("GET", "/api/v1/broken", None, 500, "internal_error"),
        ("GET", "/api/v1/away", None, 503, "unavailable"),
        ("DELETE", "/api/v1/gone/not-a-uuid", None, 404, "not_found"),
        ("GET", "/api/v1/things/99999999999999999999999999", None, 404, "not_found"),
    ],
)
async def test_each_failure_has_its_code(
    client: httpx.AsyncClient, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    answer = await client.request(method, path, content=body, headers=headers)
    assert (answer.status_code, error_of(answer)["code"]) == (status, code)


async def test_every_wrong_field_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/things", json={"name": "", "count": "3", "nmae": "x"})
    assert error_of(answer)["details"] == [
        {"field": "name", "problem": "This is too short.", "suggestion": "Use at least 1 characters."},
        {"field": "count", "problem": "This must be a whole number, not text.", "suggestion": "Send a whole number."},
        {"field": "nmae", "problem": "There is no such field.", "suggestion": "Did you mean `name`?"},
    ]


async def test_every_wrong_parameter_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/search", params={"q": "far too long", "exact": "maybe"})
    details = error_of(answer)["details"]
    assert isinstance(details, list)
    assert {detail["field"] for detail in details} == {"q", "exact"}


async def test_a_method_that_is_not_taken_names_those_that_are(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/v1/things/7", json={})
    assert {each.strip() for each in answer.headers["allow"].split(",")} == {"GET", "PATCH", "OPTIONS"}


async def test_a_refusal_by_a_bug_is_logged_with_its_id_and_tells_nothing(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "directfanz.http"):
        answer = await client.get("/api/v1/broken")
    assert "hunter2" not in answer.text
    record = next(record for record in caplog.records if record.name == "directfanz.http")
    assert record.request_id == answer.headers["x-request-id"]  # type: ignore[attr-defined]
    assert record.exc_info is not None


async def test_what_is_down_is_not_named_and_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/away")
    assert answer.headers["retry-after"] == "7"
    assert "postgres" not in answer.text
    assert "10.0.0.7" not in answer.text


async def test_the_time_is_the_platforms(client: httpx.AsyncClient, clock: ManualClock) -> None:
    error = error_of(await client.get("/api/v1/nothing"))
    assert datetime.fromisoformat(str(error["timestamp"])) == clock.now()


async def test_a_body_of_another_kind_is_refused(client: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = await client.post("/api/v1/things", content=b'{"name": "x"}', headers={"Content-Type": kind})
        assert (answer.status_code, error_of(answer)["code"]) == (415, "unsupported_media"), kind


async def test_json_by_another_name_is_json(client: httpx.AsyncClient) -> None:
    for kind in ("application/json; charset=utf-8", "application/merge-patch+json", "APPLICATION/JSON"):
        answer = await client.post("/api/v1/things", content=b'{"name": "x"}', headers={"Content-Type": kind})
        assert answer.status_code == 201, kind


async def test_a_page_fails_as_a_page(browser: httpx.AsyncClient) -> None:
    for path, status in (("/nothing", 404), ("/broken-page", 500)):
        answer = await browser.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["x-request-id"] in answer.text
        assert "hunter2" not in answer.text


async def test_a_part_of_a_page_that_needs_signing_in_leads_to_the_door(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/page?tab=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/page%3Ftab%3D1"
    part = await browser.get("/page", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (200, "/sign-in?next=/page")
    browser.cookies.set("df_session", "late")
    answer = await browser.get("/delicate-page")
    assert answer.headers["location"] == "/confirm?next=/delicate-page"
