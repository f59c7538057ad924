"""Pages that belong to no domain: the landing page, the design system, and what the front end is built from."""

from __future__ import annotations

from mimetypes import guess_type
from typing import Any

from litestar import Request, Response, get

from directfanz.backends import Backends
from directfanz.errors import NotFound
from directfanz.http.pages import render
from directfanz.http.templates import templates_for

_FOR_EVER = "public, max-age=31536000, immutable"


@get("/", include_in_schema=False)
async def landing(request: Request[Any, Any, Any]) -> Response[str]:
    return render(request, "site/landing.html")


@get("/styleguide", include_in_schema=False)
async def styleguide(request: Request[Any, Any, Any]) -> Response[str]:
    return render(request, "site/styleguide.html")


@get("/static/{file:path}", include_in_schema=False)
async def static(file: str, backends: Backends) -> Response[bytes]:
    """The edge serves these from its bucket; this is for a process that is asked without one."""
    data = templates_for(backends.settings).assets.read(file.lstrip("/"))
    if data is None:
        raise NotFound("There is no such file.")
    kind = guess_type(file)[0] or "application/octet-stream"
    return Response(data, media_type=kind, headers={"Cache-Control": _FOR_EVER})


routes = [landing, styleguide, static]
