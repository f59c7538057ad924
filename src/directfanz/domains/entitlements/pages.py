"""For support: why something is open to somebody, or is not."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.params import QueryParameter

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.accounts.service.profile import person_called
from directfanz.domains.creators.service import lookup, team
from directfanz.domains.entitlements import service
from directfanz.domains.entitlements.models import Reason
from directfanz.errors import DirectFanzError, NotFound
from directfanz.http.caller import Caller, require_role
from directfanz.http.dependencies import Given
from directfanz.http.pages import render

Search = Annotated[str, QueryParameter(max_length=100)]


@get("/admin/access", guards=[require_role("admin")])
async def access_page(
    request: Request[Any, Any, Any], backends: Given[Backends], person: Search = "", page: Search = ""
) -> Response[Any]:
    asked: dict[str, Any] = {
        "person": person,
        "page": page,
        "problem": None,
        "who": None,
        "reasons": None,
        "creators": {},
    }
    if person.strip():
        try:
            asked |= await _explained(backends, person.strip(), page.strip())
        except NotFound as error:
            asked["problem"] = error.message
    return render(request, "entitlements/access.html", **asked)


async def _explained(backends: Backends, person: str, page: str) -> dict[str, Any]:
    async with backends.database.reading() as reader:
        who = await _person(reader, person)
        creator = await lookup.by_slug(reader, page.rpartition("/")[2]) if page else None
        role = await team.role_of(reader, Caller(user_id=who.id), creator.id) if creator else None
    reasons = await service.explain(backends, who.id, creator.id if creator else None)
    return {
        "who": who, "reasons": reasons, "role": role, "creator": creator, "creators": await _names(backends, reasons)
    }  # fmt: skip


async def _person(reader: Reader, person: str) -> Any:
    """By handle, or by the id that stands in a log."""
    try:
        found = (await people_of(reader, [UUID(person)])).get(UUID(person))
    except ValueError:
        return await person_called(reader, person)
    if found is None:
        raise NotFound("There is nobody with this id.")
    return found


async def _names(backends: Backends, reasons: list[Reason]) -> dict[str, str]:
    names: dict[str, str] = {}
    async with backends.database.reading() as reader:
        for creator_id in {each.creator_id for each in reasons}:
            try:
                names[str(creator_id)] = (await lookup.by_id_even_closed(reader, creator_id)).name
            except DirectFanzError:
                continue
    return names


routes = [Router("/", route_handlers=[access_page], include_in_schema=False)]
