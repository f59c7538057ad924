"""Pages of objects, newest first, with cursors: docs.stripe.com/api/pagination."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, told
from directfanz.local.simulators.stripe.engine.errors import Refusal, missing
from directfanz.local.simulators.stripe.store import Obj
from directfanz.local.simulators.stripe.store.memory import FOREVER, INDEXED, field_of

LIMIT = 10
MAX_LIMIT = 100
Test = Callable[[Obj], bool]


def list_of(items: list[Obj], url: str, *, more: bool = False, **extra: Any) -> Obj:
    return {"object": "list", "data": items, "has_more": more, "url": url, **extra}


def listing(
    engine: Engine, kind: str, params: Params, url: str, *, test: Test | None = None, **filters: str | None
) -> Obj:
    """`filters` are fields with the values asked for, `_x` a hidden one; a None filters nothing."""
    limit = params.get("limit", LIMIT)
    if not 1 <= limit <= MAX_LIMIT:
        wrong = "greater than or equal to 1" if limit < 1 else f"less than or equal to {MAX_LIMIT}"
        raise Refusal(f"Invalid limit: must be {wrong}", code="parameter_invalid_integer", param="limit")
    after, before = params.get("starting_after"), params.get("ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor and engine.find(kind, cursor) is None:
            raise missing(kind, cursor, name)
    wanted = {field: value for field, value in filters.items() if value is not None}
    found: list[Obj] = []
    for obj in _candidates(engine, kind, wanted, after or "", before or "", params.get("created")):
        if _fits(obj, wanted) and _created(obj, params.get("created")) and (test is None or test(obj)):
            found.append(told(obj))
            if len(found) > limit:
                break
    page = found[:limit]
    return list_of(page[::-1] if before else page, url, more=len(found) > limit)


def _candidates(
    engine: Engine, kind: str, wanted: dict[str, str], after: str, before: str, created: int | dict[str, int] | None
) -> Iterator[Obj]:
    """By the first field that has an index. `starting_after` an object means older ones, listed newest first."""
    field = next((field for field in INDEXED.get(kind, ()) if field in wanted), "")
    since, until = (created, created) if isinstance(created, int) else _stretch(created or {})
    value = str(wanted.get(field, ""))
    return engine.newest(kind, field, value, before=after, after=before, since=since, until=until)


def _stretch(created: dict[str, int]) -> tuple[int, int]:
    """At least what is asked for; `_created` is exact."""
    since = max(created.get("gt", 0), created.get("gte", 0))
    return since, min(created.get("lt", FOREVER), created.get("lte", FOREVER))


def _fits(obj: Obj, wanted: dict[str, str]) -> bool:
    return not obj[HIDDEN].get("deleted") and all(field_of(obj, name) == value for name, value in wanted.items())


def _created(obj: Obj, asked: int | dict[str, int] | None) -> bool:
    if asked is None:
        return True
    moment = obj["created"]
    if isinstance(asked, int):
        return bool(moment == asked)
    tests = {
        "gt": moment > asked.get("gt", -1),
        "gte": moment >= asked.get("gte", -1),
        "lt": moment < asked.get("lt", moment + 1),
        "lte": moment <= asked.get("lte", moment),
    }
    return all(tests.values())
