"""Pages of this domain: joining and giving, what one paid, what a page earns, and what operators watch."""

from __future__ import annotations

from litestar import Router

from directfanz.domains.payments.pages import admin, disputes, giving, goals, joining, mine, returning, studio

routes = [
    Router(
        "/",
        route_handlers=[
            *joining.routes, *giving.routes, *returning.routes, *mine.routes, *studio.routes, *disputes.routes, *goals.routes,
            *admin.routes,
        ],
        include_in_schema=False,
    )
]  # fmt: skip
