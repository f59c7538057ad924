"""HTML of this domain."""

from __future__ import annotations

from litestar import Router

from directfanz.domains.discovery.pages import exploring, searching

routes = [Router("/", route_handlers=[*exploring.routes, *searching.routes], include_in_schema=False)]
