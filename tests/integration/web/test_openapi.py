"""The description is the routes, and the routes are the description."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
import schemathesis
from litestar.routes import HTTPRoute

from directfanz.backends import Backends
from directfanz.processes.web.app import create_app
from directfanz.processes.web.openapi import document, text
from directfanz.processes.web.routes import TAGS
from tests.integration.web.conftest import SITE
from tests.support.engines import REPOSITORY

OPERATIONS = [
    (path, method, operation) for path, item in document()["paths"].items() for method, operation in item.items()
]
IDS = [operation["operationId"] for _, _, operation in OPERATIONS]
# What the frame answers itself, and describes nowhere because it is about the description.
UNDESCRIBED = {("/api/v1/openapi.json", "get")}


def test_the_file_is_what_the_routes_say() -> None:
    kept = (REPOSITORY / "docs" / "reference" / "openapi.json").read_text()
    assert kept == text(), "run `directfanz openapi --write`"


def test_it_is_openapi() -> None:
    schemathesis.openapi.from_dict(document()).validate()


async def test_every_route_is_described_and_nothing_else(backends: Backends) -> None:
    app = create_app(backends)
    routed = {
        (route.path_format, method.lower())
        for route in app.litestar.routes
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/api/")
        for method in route.methods
        if method != "OPTIONS"
    }
    described = {(path, method) for path, method, _ in OPERATIONS}
    assert routed == described
    direct = {(path, "get") for path in app.direct_paths if path.startswith("/api/")}
    assert direct - described == UNDESCRIBED


def test_names_are_unique() -> None:
    assert len(IDS) == len(set(IDS))
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]+", name) for name in IDS)


def test_every_group_is_explained() -> None:
    assert {tag for _, _, operation in OPERATIONS for tag in operation.get("tags", ["(none)"])} == set(TAGS)
    assert all(TAGS.values())


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=IDS)
def test_each_operation_keeps_the_conventions(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    assert operation.get("summary") or operation.get("description"), "say what it does"
    assert any(code < "400" for code in answers)
    assert answers["default"] == {"$ref": "#/components/responses/error"}
    assert all("$ref" in answer for code, answer in answers.items() if code >= "400")
    names = {parameter.get("name") or parameter["$ref"].rpartition("/")[2] for parameter in operation["parameters"]}
    assert ("IdempotencyKey" in names) == (method != "get")
    assert {each.strip("{}") for each in re.findall(r"\{\w+\}", path)} <= names
    if operation["security"] != [{}]:
        assert {"401", "403"} <= set(answers)
    if method == "get" and "200" in answers:
        assert {"ETag", "X-Request-ID"} <= set(answers["200"]["headers"])


def test_every_error_has_the_one_shape() -> None:
    components = document()["components"]
    error = components["schemas"]["Error"]["properties"]["error"]
    assert error["required"] == ["code", "message", "details", "requestId", "timestamp"]
    for response in components["responses"].values():
        assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}


async def test_it_is_served_with_a_version(backends: Backends) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(backends)), base_url=SITE) as client:
        answer = await client.get("/api/v1/openapi.json")
        assert answer.json() == document()
        again = await client.get("/api/v1/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


async def test_people_read_the_same_on_a_page(backends: Backends) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(backends)), base_url=SITE) as client:
        page = (await client.get("/developers")).text
    for path, _, operation in OPERATIONS:
        assert path.replace("/", "&#x2f;") in page or path in page, operation["operationId"]
