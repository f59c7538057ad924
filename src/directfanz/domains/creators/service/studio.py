"""Where a team works: the page it works on, what this member may do there, and the way to each place.

studio = await enter(backends, caller, slug, "tiers")
return render(request, "memberships/tiers.html", studio=studio, ...)    # extends creators/studio.html
"""

from __future__ import annotations

import msgspec

from directfanz.backends import Backends
from directfanz.domains.creators.models import Creator, Right, TeamRole
from directfanz.domains.creators.policy import may, require_right
from directfanz.domains.creators.repository import pages, team
from directfanz.domains.creators.service.lookup import LONGEST_ASKED, no_such_creator
from directfanz.http.caller import Caller


class Place(msgspec.Struct, frozen=True):
    href: str
    icon: str
    words: str


class Studio(msgspec.Struct, frozen=True, kw_only=True):
    creator: Creator
    role: TeamRole
    places: list[Place]

    @property
    def home(self) -> str:
        return home_of(self.creator)

    def may(self, right: Right) -> bool:
        return may(self.role, right)


# (path, icon, words, what one must be allowed to)
_PLACES: tuple[tuple[str, str, str, Right | None], ...] = (
    ("", "home", "Today", None),
    ("/posts", "pen", "Posts", "posts"),
    ("/live", "live", "Live", "posts"),
    ("/series", "list", "Series", "posts"),
    ("/comments", "chat", "Comments", "moderate"),
    ("/library", "picture", "Library", "posts"),
    ("/tiers", "ticket", "Tiers & offers", "tiers"),
    ("/members", "heart", "Members", "members"),
    ("/money", "coin", "Money", "money"),
    ("/team", "people", "Team", None),
    ("/page", "person", "Page", "page"),
)


async def enter(backends: Backends, caller: Caller, slug: str, right: Right | None = None) -> Studio:
    """For somebody of the team; an old slug opens it too. Others are told that there is nothing."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:  # the primary: a page made a moment ago is there
        found = await pages.find_by_slug(tx, slug.strip().lower()[:LONGEST_ASKED])
        role = await team.role_of(tx, found.id, user_id) if found else None
    if found is None or role is None or found.state == "closed":
        raise no_such_creator()
    if right is not None:
        require_right(role, right)
    return studio_of(found, role)


def studio_of(creator: Creator, role: TeamRole) -> Studio:
    here = home_of(creator)
    places = [
        Place(here + path, icon, words) for path, icon, words, needs in _PLACES if needs is None or may(role, needs)
    ]
    return Studio(creator=creator, role=role, places=places)


def home_of(creator: Creator) -> str:
    return f"/studio/{creator.slug}"
