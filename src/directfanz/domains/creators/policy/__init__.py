"""Who in a team may do what."""

from __future__ import annotations

from directfanz.domains.creators.errors import NotInTeam
from directfanz.domains.creators.models import Right, TeamRole

# The owner may do all. An administrator may not touch where the money goes.
RIGHTS: dict[TeamRole, frozenset[Right]] = {
    "owner": frozenset({"page", "posts", "tiers", "members", "money", "payouts", "team", "moderate", "figures"}),
    "admin": frozenset({"page", "posts", "tiers", "members", "money", "team", "moderate", "figures"}),
    "editor": frozenset({"page", "posts"}),
    "moderator": frozenset({"moderate", "members"}),
    "analyst": frozenset({"figures"}),
}
# In words, for the person who may not.
_WHAT: dict[Right, str] = {
    "page": "change the page",
    "posts": "write posts",
    "tiers": "change tiers and offers",
    "members": "see the members",
    "money": "see the money",
    "payouts": "say where the money goes",
    "team": "change the team",
    "moderate": "moderate",
    "figures": "see the figures",
}


def may(role: TeamRole, right: Right) -> bool:
    return right in RIGHTS[role]


def require_right(role: TeamRole | None, right: Right) -> None:
    if role is None:
        raise NotInTeam("You are not in the team of this page.")
    if not may(role, right):
        who = " or ".join(each for each, rights in RIGHTS.items() if right in rights)
        raise NotInTeam(f"As {role} you cannot {_WHAT[right]}. It takes the role {who}.")
