"""The home page of somebody signed in, and the people who are here. A person's own page is put together in `creators`."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from litestar import get

from directfanz.backends import Backends
from directfanz.domains.accounts.models import Person, Security, User
from directfanz.domains.accounts.pages.asking import Html, Page
from directfanz.domains.accounts.service import profile, security
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.pages import render, rows
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.kit.paging import page_of

LISTING = "people"
SHOWN_AT_HOME = 5


class Step(NamedTuple):
    done: bool
    icon: str
    title: str
    why: str
    href: str
    action: str


class Beginning(NamedTuple):
    todo: list[dict[str, Any]]
    people: list[Person]


async def beginning(backends: Backends, caller: Caller) -> Beginning:
    """What stands beside the home feed: first steps, and who else is new."""
    user = await profile.profile_of(backends, caller.require_user())
    doors = await security.security_of(backends, caller)
    people = await profile.newest_people(backends.database, None, SHOWN_AT_HOME + 1)
    others = [person for person in people if person.id != user.id][:SHOWN_AT_HOME]
    todo = [step._asdict() for step in _steps(user, doors)]
    return Beginning(todo, others)


@get("/people", dependencies=PAGE)
async def people_page(request: Page, backends: Given[Backends], page: Given[PageAsk]) -> Html:
    position = page.position(backends, LISTING, tuple[UUID])
    before = position[0] if position else None
    found = await profile.newest_people(backends.database, before, page.limit + 1)
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda person: (person.id,))
    more = f"/people?cursor={shown.next}" if shown.next else None
    return render(request, "accounts/people.html", people=rows(shown.items), next_href=more)


def _steps(user: User, doors: Security) -> list[Step]:
    return [
        Step(True, "mail", "Confirm your address", "", "", ""),
        Step(bool(user.avatar), "picture", "Add a picture", "People remember faces.", "/settings/profile", "Add"),
        Step(bool(user.bio), "person", "Say who you are", "A few words on your page.", "/settings/profile", "Write"),
        Step(
            bool(doors.passkeys), "passkey", "Add a passkey", "Signing in without a password: safer and quicker.",
            "/settings/security", "Add",
        ),
    ]  # fmt: skip


routes = [people_page]
