from __future__ import annotations

from litestar import Router

from directfanz.domains.content.pages import compose, creator, lists, post, studio

HANDLERS = [*creator.routes, *post.routes, *studio.routes, *compose.routes, *lists.routes]
routes = [Router("/", route_handlers=HANDLERS, include_in_schema=False)]
