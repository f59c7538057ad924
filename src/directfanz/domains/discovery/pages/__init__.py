"""HTML of this domain."""

from __future__ import annotations

from litestar import Router

from directfanz.domains.discovery.pages import exploring, feeding, podcasting, searching

routes = [
    Router(
        "/",
        route_handlers=[*exploring.routes, *searching.routes, *feeding.routes, *podcasting.routes],
        include_in_schema=False,
    )
]
