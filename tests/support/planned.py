"""A plan as tests read it: resources of one environment, by type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec


class Resource(msgspec.Struct, frozen=True):
    address: str
    type: str
    values: dict[str, Any]
    unknown: dict[str, Any]


class Case(msgspec.Struct, frozen=True):
    name: str
    resources: tuple[Resource, ...]
    variables: dict[str, Any]

    def of(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.type == kind]

    def policies(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every statement of every policy that the plan knows already, trust included."""
        for resource in self.resources:
            for attribute in ("policy", "assume_role_policy"):
                text = resource.values.get(attribute)
                if isinstance(text, str) and resource.type != "aws_ecr_lifecycle_policy":
                    for statement in json.loads(text)["Statement"]:
                        yield resource.address, statement


def cases_of(plan: Mapping[str, Any]) -> dict[str, Case]:
    given = plan["variables"]["cases"]["value"]
    found: dict[str, list[Resource]] = {name: [] for name in given}
    for change in plan["resource_changes"]:
        name = re.match(r'module\.case\["([^"]+)"\]', change["address"])
        if name and change["mode"] == "managed":
            after, unknown = change["change"]["after"] or {}, change["change"]["after_unknown"] or {}
            found[name[1]].append(Resource(change["address"], change["type"], after, unknown))
    return {name: Case(name, tuple(resources), given[name]) for name, resources in found.items()}


def key_of(resource: Resource) -> str:
    """The last `["key"]` of its address."""
    found = re.search(r'\["([^"]+)"\]$', resource.address)
    assert found, resource.address
    return found[1]
