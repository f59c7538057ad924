from __future__ import annotations

from litestar import Router

from directfanz.domains.content.pages import creator, post, studio

routes = [Router("/", route_handlers=[*creator.routes, *post.routes, *studio.routes], include_in_schema=False)]
