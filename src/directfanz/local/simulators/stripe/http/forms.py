"""`items[0][price]=x&expand[]=y` as nested dicts. A list is a dict by its places until a schema says that it is one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from directfanz.local.simulators.stripe.engine.errors import Refusal

MAX_FIELDS = 5000
MAX_DEPTH = 12
_PART = re.compile(r"\[([^\[\]]*)\]")
Form = dict[str, Any]


def parse_form(body: str) -> Form:
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        raise Refusal(f"Invalid request body: {error}", code="parameter_invalid_string_blank") from None
    form: Form = {}
    for name, value in pairs:
        _put(form, _path(name), value)
    return form


def _path(name: str) -> list[str]:
    head, bracket, _ = name.partition("[")
    rest = name[len(head) :]
    parts = _PART.findall(rest)
    if not head or (bracket and "".join(f"[{part}]" for part in parts) != rest) or len(parts) > MAX_DEPTH:
        raise Refusal(f"Invalid parameter name: {name[:100]}", code="parameter_unknown", param=name[:100])
    return [head, *parts]


def _put(form: Form, path: list[str], value: str) -> None:
    place = form
    for part in path[:-1]:
        inner = place.setdefault(part or str(len(place)), {})
        if not isinstance(inner, dict):
            raise Refusal(f"Invalid object: {path[0]} is given as a value and as an object.", param=path[0])
        place = inner
    last = path[-1] or str(len(place))
    if isinstance(place.get(last), dict):
        raise Refusal(f"Invalid object: {path[0]} is given as a value and as an object.", param=path[0])
    place[last] = value


def as_list(value: Form) -> list[Any] | None:
    """In the order of the places; None if they are not places."""
    if not all(name.isdigit() for name in value):
        return None
    return [value[name] for name in sorted(value, key=int)]
