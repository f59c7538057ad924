from __future__ import annotations

from litestar import Router

from directfanz.domains.media.pages import library

routes = [Router("/", route_handlers=[*library.routes], include_in_schema=False)]
