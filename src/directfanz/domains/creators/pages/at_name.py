"""`/@ada`: a person, or the page of that name. Who publishes under their own name is found there by both."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.accounts.models import Person
from directfanz.domains.accounts.service import profile
from directfanz.domains.creators.errors import NoSuchCreator
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.pages.asking import Html, Page
from directfanz.domains.creators.service import lookup
from directfanz.errors import NotFound
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.pages import render, see_other


@get("/{name:str}")
async def at_name(request: Page, backends: Given[Backends], caller: Given[Caller], name: FromPath[str]) -> Html:
    """A handle given up not long ago leads to the new one. Somebody's page is theirs, whatever others call their pages."""
    if not name.startswith("@"):
        raise NotFound("There is nothing at this address.")
    person = await _person(backends, name)
    pages = await _pages(backends, person)
    page = await _page(backends, name[1:])
    if page is not None and (person is None or page.id in [each.id for each in pages]):
        return Redirect(page.path, status_code=302)
    if person is None:
        raise NotFound("There is nobody of this name here.")
    if person.handle != name[1:]:
        return see_other(request, f"/@{person.handle}")
    return render(request, "accounts/person.html", person=person, mine=person.id == caller.user_id, pages=pages)


async def _person(backends: Backends, name: str) -> Person | None:
    try:
        return await profile.person_called(backends.database, name)
    except NotFound:
        return None


async def _pages(backends: Backends, person: Person | None) -> list[Creator]:
    """Those that are theirs and that everybody may see."""
    if person is None:
        return []
    async with backends.database.reading() as reader:
        found = await lookup.of_user(reader, person.id)
    return [page for page, role in found if role == "owner" and page.is_public]


async def _page(backends: Backends, slug: str) -> Creator | None:
    try:
        async with backends.database.reading() as reader:
            return await lookup.public_by_slug(reader, slug)
    except NoSuchCreator:
        return None


routes = [at_name]
