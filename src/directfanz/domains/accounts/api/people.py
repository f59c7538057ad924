"""The public directory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.accounts.models import Person
from directfanz.domains.accounts.service import profile
from directfanz.http.dependencies import Given
from directfanz.http.paging import PAGE, PageAsk, Paged, paged

TAG = ["People"]
LISTING = "people"


@get("/people", dependencies=PAGE, tags=TAG)
async def people(
    request: Request[Any, Any, Any], backends: Given[Backends], page: Given[PageAsk]
) -> Response[Paged[Person]]:
    """Who is here, newest first: everybody who did not choose to be left out."""
    position = page.position(backends, LISTING, tuple[UUID])
    before = position[0] if position else None
    rows = await profile.newest_people(backends.database, before, page.limit + 1)
    return paged(request, backends, LISTING, rows, page.limit, lambda person: (person.id,))


@get("/people/{handle:str}", tags=TAG)
async def person(backends: Given[Backends], handle: FromPath[str]) -> Person:
    """By handle; one given up not long ago still leads to its owner."""
    return await profile.person_called(backends.database, handle)


routes = [people, person]
