"""What the stand-in keeps, and the table of operations that it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException

ACCOUNT = "123456789012"
THEN = datetime(2026, 1, 1, tzinfo=UTC)
Told = dict[str, Any]
Answer = Callable[[Told], Told]


class NotOurs(Exception):
    """moto knows this one."""


class Gone(ServiceException):
    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__("There is no such thing.")


operations: dict[str, Answer] = {}
things: dict[str, dict[str, Told]] = defaultdict(dict)
tags: dict[str, dict[str, str]] = defaultdict(dict)


def forget() -> None:
    things.clear()
    tags.clear()


def answers(*names: str) -> Callable[[Answer], Answer]:
    def keep(answer: Answer) -> Answer:
        operations.update(dict.fromkeys(names, answer))
        return answer

    return keep


def find(kind: str, key: str, code: str) -> Told:
    if key not in things[kind]:
        raise Gone(code)
    return things[kind][key]


def tag(arn: str, told: object) -> None:
    if isinstance(told, dict):
        tags[arn].update(told)
    for entry in told if isinstance(told, list) else []:
        low = {name.lower().removeprefix("tag"): value for name, value in entry.items()}
        tags[arn][low["key"]] = low["value"]


def listed(arn: str) -> list[Told]:
    return [{"Key": key, "Value": value} for key, value in tags[arn].items()]
