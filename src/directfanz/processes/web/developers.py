"""The reference that people read, made from the document that programs read."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any

import msgspec

Schema = dict[str, Any]


class Field(msgspec.Struct, frozen=True):
    name: str
    kind: str
    required: bool
    about: str


class Operation(msgspec.Struct, frozen=True):
    id: str
    method: str
    path: str
    summary: str
    about: str
    access: str
    parameters: list[Field]
    body: list[Field]
    answers: list[tuple[str, str]]


class Group(msgspec.Struct, frozen=True):
    name: str
    about: str
    operations: list[Operation]


async def reference() -> list[Group]:
    """In a thread the first time, because the document is made then."""
    return await asyncio.to_thread(_reference)


@lru_cache(maxsize=1)
def _reference() -> list[Group]:
    from directfanz.processes.web.openapi import document

    described = document()
    read = _Reader(described)
    groups: dict[str, tuple[str, list[Operation]]] = {
        tag["name"]: (tag.get("description", ""), []) for tag in described.get("tags", [])
    }
    for path, item in described["paths"].items():
        for method, operation in item.items():
            name = (operation.get("tags") or ["Other"])[0]
            groups.setdefault(name, ("", []))[1].append(read.operation(path, method, operation))
    return [Group(name, about, operations) for name, (about, operations) in groups.items() if operations]


class _Reader:
    def __init__(self, described: Schema) -> None:
        self._described = described

    def operation(self, path: str, method: str, operation: Schema) -> Operation:
        return Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            about=operation.get("description", ""),
            access=_access(operation.get("security", [])),
            parameters=[self._parameter(each) for each in operation.get("parameters", [])],
            body=self._body(operation),
            answers=[(code, self._at(each).get("description", "")) for code, each in operation["responses"].items()],
        )

    def _parameter(self, parameter: Schema) -> Field:
        parameter = self._at(parameter)
        kind = self._kind(parameter.get("schema", {}))
        return Field(
            parameter["name"], kind, bool(parameter.get("required")), _sentence(parameter.get("description", ""))
        )

    def _body(self, operation: Schema) -> list[Field]:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = self._at(content["schema"])
            required = schema.get("required", [])
            return [
                Field(name, self._kind(each), name in required, self._at(each).get("description", ""))
                for name, each in schema.get("properties", {}).items()
            ]
        return []

    def _kind(self, schema: Schema) -> str:
        schema = self._at(schema)
        if choices := schema.get("enum"):
            return " | ".join(map(str, choices))
        if several := schema.get("oneOf") or schema.get("anyOf"):
            return " | ".join(self._kind(each) for each in several)
        kind = schema.get("type", "any")
        words = " | ".join(kind) if isinstance(kind, list) else str(kind)
        if words == "array":
            return f"list of {self._kind(schema.get('items', {}))}"
        return schema.get("format", words) if words == "string" else words

    def _at(self, schema: Schema) -> Schema:
        """What a reference refers to."""
        while (reference := schema.get("$ref")) is not None:
            schema = self._described
            for part in reference.removeprefix("#/").split("/"):
                schema = schema[part]
        return schema


def _access(security: list[Schema]) -> str:
    scopes = [scope for each in security for scope in each.get("token", [])]
    if scopes:
        return f"Signed in, or a token with {', '.join(scopes)}"
    return "Signed in" if any(security) else "Open to all"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
