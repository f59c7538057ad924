"""Pages of this domain; a creator's public page and the studio's first one are put together in `content`, which knows all of it."""

from __future__ import annotations

from litestar import Router

from directfanz.domains.creators.pages import admin, at_name, beginning, directory, editor, looks, payout_account, team

routes = [
    Router(
        "/",
        route_handlers=[
            *looks.routes,
            *beginning.routes,
            *editor.routes,
            *team.routes,
            *payout_account.routes,
            *directory.routes,
            *admin.routes,
            *at_name.routes,
        ],
        include_in_schema=False,
    )
]
