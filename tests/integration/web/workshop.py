"""Routes that do nothing but show the conventions, so that these are tested once and not per domain."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.errors import Conflict, NotFound, Unavailable
from directfanz.http.caller import Caller, recently_confirmed, require_role, require_scope, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.etags import require_match
from directfanz.http.forms import read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

NUMBERS = list(range(1, 46))


class Thing(Input, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=20)]
    count: Annotated[int, Meta(ge=0, le=100)] = 0


class Made(msgspec.Struct, frozen=True):
    number: int
    name: str


class Bench:
    """What the handlers did, for the tests to look at."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.held = 0
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()


def bench_of(request: Request[Any, Any, Any]) -> Bench:
    bench: Bench = request.app.state.setdefault("bench", Bench())
    return bench


@post("/things")
async def make(request: Request[Any, Any, Any], data: JSONBody[Thing]) -> Made:
    bench = bench_of(request)
    bench.made.append(data.name)
    if data.name == "twice":
        raise Conflict("There is one already.")
    if data.name == "bug":
        raise RuntimeError("the inside of it")
    return Made(len(bench.made), data.name)


@post("/slow-things")
async def make_slowly(request: Request[Any, Any, Any], data: JSONBody[Thing]) -> Made:
    bench = bench_of(request)
    bench.made.append(data.name)
    bench.entered.set()
    await bench.go_on.wait()
    return Made(len(bench.made), data.name)


@get("/things/{number:int}")
async def thing(number: FromPath[int]) -> Made:
    if number > 100:
        raise NotFound("There is no such thing.")
    return Made(number, "thing")


@patch("/things/{number:int}")
async def rename(request: Request[Any, Any, Any], number: FromPath[int], data: JSONBody[Thing]) -> Made:
    require_match(request, Made(number, "thing"))
    return Made(number, data.name)


@delete("/gone/{id:uuid}")
async def remove(id: FromPath[UUID]) -> None:  # noqa: A002 - the parameter's name
    return None


@get("/numbers", dependencies=PAGE)
async def numbers(
    request: Request[Any, Any, Any], backends: Given[Backends], page: Given[PageAsk]
) -> Response[Paged[int]]:
    position = page.position(backends, "numbers", tuple[int])
    after = position[0] if position else 0
    rows = [number for number in NUMBERS if number > after][: page.limit + 1]
    return paged(request, backends, "numbers", rows, page.limit, lambda row: (row,))


@get("/search")
async def search(q: Annotated[str, QueryParameter(max_length=10)], exact: FromQuery[bool] = False) -> dict[str, Any]:
    return {"q": q, "exact": exact}


@get("/mine", guards=[signed_in])
async def mine(caller: Given[Caller]) -> dict[str, str]:
    return {"user": str(caller.user_id), "address": caller.address}


@get("/scoped", guards=[require_scope("things:read")])
async def scoped(caller: Given[Caller]) -> dict[str, bool]:
    return {"token": caller.token_id is not None}


@get("/creators", guards=[require_role("creator", "admin")])
async def creators() -> None:
    return None


@get("/delicate", guards=[recently_confirmed])
async def delicate() -> None:
    return None


@post("/limited", opt=rate_limit("limited", per_minute=3))
async def limited() -> None:
    return None


@post("/guarded", opt=rate_limit("guarded", per_minute=3, when_down="refuse"))
async def guarded() -> None:
    return None


@get("/broken")
async def broken() -> None:
    raise RuntimeError("password=hunter2")


@get("/away")
async def away() -> None:
    raise Unavailable("postgres at 10.0.0.7 does not answer", retry_after_seconds=7)


@get("/slow")
async def slow(request: Request[Any, Any, Any]) -> dict[str, str]:
    bench = bench_of(request)
    bench.entered.set()
    await bench.go_on.wait()
    return {"slow": "done"}


@get("/asks")
async def asks(backends: Given[Backends]) -> dict[str, int]:
    return {"one": await backends.database.fetch_value("SELECT 1")}


@get("/holds")
async def holds(request: Request[Any, Any, Any], backends: Given[Backends]) -> dict[str, int]:
    """Keeps a connection of the pool until the test lets it go."""
    bench = bench_of(request)
    async with backends.database.writing() as tx:
        one = await tx.fetch_value("SELECT 1")
        bench.held += 1
        await bench.go_on.wait()
    return {"one": one}


@get("/stuck")
async def stuck() -> None:
    await asyncio.Event().wait()


@get("/page", guards=[signed_in])
async def page(request: Request[Any, Any, Any]) -> Response[str]:
    return render(request, "site/appearance.html")


@get("/delicate-page", guards=[recently_confirmed])
async def delicate_page(request: Request[Any, Any, Any]) -> Response[str]:
    return render(request, "site/appearance.html")


@get("/broken-page")
async def broken_page() -> None:
    raise RuntimeError("password=hunter2")


@post("/form")
async def form(request: Request[Any, Any, Any]) -> Redirect | dict[str, Any]:
    read = await read_form(request, Thing)
    if read.value is None:
        return {"errors": read.errors, "problem": read.problem, "raw": read.raw}
    return see_other(request, "/pricing", notice=f"{read.value.name} is made.")


API = Router(
    "/api/v1",
    route_handlers=[
        make, make_slowly, thing, rename, remove, numbers, search, mine, scoped, creators, delicate, limited, guarded,
        broken, away, slow, stuck, asks, holds,
    ],
)  # fmt: skip
PAGES = [page, delicate_page, broken_page, form]


async def known_caller(
    backends: Backends, cookie: str | None, bearer: str | None, address: str, user_agent: str
) -> Caller | None:
    """`ada`, `ben` and `olu` are cookies; `reader` is a token that may read things, `empty` one that may do nothing."""
    common: dict[str, Any] = {"address": address, "user_agent": user_agent}
    if bearer is not None:
        scopes = {"reader": frozenset({"things:read"}), "empty": frozenset[str]()}.get(bearer)
        return (
            Caller(user_id=UUID(int=1), role="fan", token_id=UUID(int=9), scopes=scopes, **common)
            if scopes is not None
            else None
        )
    people = {"ada": ("creator", 1), "ben": ("fan", 2), "olu": ("admin", 3), "late": ("fan", 4)}
    if cookie not in people:
        return None
    role, number = people[cookie]
    fresh = backends.clock.now() + timedelta(minutes=-1 if cookie == "late" else 15)
    return Caller(user_id=UUID(int=number), role=role, session_id=cookie, fresh_until=fresh, **common)  # type: ignore[arg-type]
