"""Which call is answered by which function, with the SDK's type of its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from directfanz.local.simulators.stripe.engine.core import Engine
from directfanz.local.simulators.stripe.store import Obj

Answering = Callable[..., Obj]


@dataclass(frozen=True, slots=True)
class Route:
    """`answer(engine, *ids in the path, params)`."""

    method: str
    pattern: re.Pattern[str]
    params: str
    answer: Answering

    def run(self, engine: Engine, ids: tuple[str, ...], params: dict[str, Any]) -> Obj:
        return self.answer(engine, *ids, params)


class Routes:
    def __init__(self) -> None:
        self._routes: list[Route] = []
        self._plain: dict[tuple[str, str], Route] = {}

    def add(self, method: str, path: str, params: str, answer: Answering) -> None:
        pattern = re.compile(re.sub(r"\{\w+\}", r"([^/]+)", path) + r"\Z")
        route = Route(method, pattern, params, answer)
        if "{" in path:
            self._routes.append(route)
        else:
            self._plain[method, path] = route

    def find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        plain = self._plain.get((method, path))
        if plain:
            return plain, ()
        for route in self._routes:
            if route.method == method and (match := route.pattern.match(path)):
                return route, match.groups()
        return None
