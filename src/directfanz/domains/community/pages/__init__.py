from __future__ import annotations

from litestar import Router

from directfanz.domains.community.pages import talk, team

routes = [Router("/", route_handlers=[*talk.routes, *team.routes], include_in_schema=False)]
