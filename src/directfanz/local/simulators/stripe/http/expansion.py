"""`expand[]=latest_invoice.payments`: ids become the objects they name (docs.stripe.com/expand)."""

from __future__ import annotations

from typing import Any

from directfanz.local.simulators.stripe.engine.core import Engine, told
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.included import INCLUDED
from directfanz.local.simulators.stripe.store import Obj

MAX_DEPTH = 4


def expand(engine: Engine, answer: Obj, paths: list[str]) -> Obj:
    for path in paths:
        parts = path.split(".")
        if len(parts) > MAX_DEPTH:
            raise Refusal(
                f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}", param="expand"
            )
        _walk(engine, answer, parts, path)
    return answer


def _walk(engine: Engine, place: Any, parts: list[str], path: str) -> None:
    if isinstance(place, list):
        for one in place:
            _walk(engine, one, parts, path)
        return
    if not isinstance(place, dict) or not parts:
        return
    name, rest = parts[0], parts[1:]
    if (place.get("object"), name) in INCLUDED and name not in place:
        place[name] = INCLUDED[place["object"], name](engine, place)
    if name not in place:
        raise _unexpandable(path)
    place[name] = _opened(engine, place[name], path, last=not rest)
    _walk(engine, place[name], rest, path)


def _opened(engine: Engine, value: Any, path: str, *, last: bool) -> Any:
    if isinstance(value, str):
        found = engine.store.find(value)
        if found is None or found["object"] == "note":
            raise _unexpandable(path)
        return told(found)
    if isinstance(value, list):
        return [_opened(engine, one, path, last=last) if isinstance(one, str) else one for one in value]
    if last and isinstance(value, (bool, int, float)):
        raise _unexpandable(path)
    return dict(value) if isinstance(value, dict) else value


def _unexpandable(path: str) -> Refusal:
    return Refusal(
        f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead.",
        param="expand",
    )
