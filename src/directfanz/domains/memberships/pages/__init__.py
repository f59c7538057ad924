"""Pages of this domain: a person's memberships and gifts, and a creator's tiers, offers and members."""

from __future__ import annotations

from litestar import Router

from directfanz.domains.memberships.pages import changing, gifts, members, mine, offers, tiers

routes = [
    Router(
        "/",
        route_handlers=[*mine.routes, *changing.routes, *gifts.routes, *tiers.routes, *offers.routes, *members.routes],
        include_in_schema=False,
    )
]
