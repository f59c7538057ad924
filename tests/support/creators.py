"""Pages for stories: `creator = await page_of(stage, ada)` is Ada's, published."""

from __future__ import annotations

import secrets

from directfanz.domains.creators.models import Creator, TeamRole
from directfanz.domains.creators.service import beginning, page
from directfanz.domains.creators.service.team import invitations
from tests.support.accounts import Someone, Stage


def slug_like(name: str) -> str:
    """Nobody else's."""
    return f"{name}-{secrets.token_hex(5)}x"


def new_page(name: str = "Ada's workshop", slug: str | None = None, currency: str = "EUR") -> beginning.NewPage:
    return beginning.NewPage(name=name, slug=slug or slug_like("ada"), country="DE", currency=currency)


async def draft_of(stage: Stage, who: Someone, slug: str | None = None, currency: str = "EUR") -> Creator:
    wanted = new_page(f"{who.name}'s workshop", slug or slug_like(who.name.lower()), currency)
    return await beginning.begin(stage.backends, await stage.caller(who), wanted)


async def page_of(stage: Stage, who: Someone, slug: str | None = None, currency: str = "EUR") -> Creator:
    creator = await draft_of(stage, who, slug, currency)
    return await page.publish(stage.backends, await stage.caller(who), creator.id)


async def join_team(stage: Stage, owner: Someone, creator: Creator, who: Someone, role: TeamRole) -> None:
    """Invited by mail, and said yes."""
    asked = await invitations.invite(stage.backends, await stage.caller(owner), creator.id, who.email, role)
    await invitations.answer(stage.backends, await stage.caller(who), asked.id, accept=True)
