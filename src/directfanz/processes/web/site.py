"""Pages that belong to no domain: the landing page, words about the site, its looks, and the front end's files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from mimetypes import guess_type
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.accounts.pages.people import beginning
from directfanz.domains.discovery.pages.exploring import home
from directfanz.errors import NotFound
from directfanz.http.assets import STATIC_PREFIX
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.look import TEXT_COOKIE, THEME_COOKIE, TextSize, Theme
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk
from directfanz.http.templates import templates_for
from directfanz.http.validation import Input
from directfanz.processes.web.developers import reference

Page = Request[Any, Any, Any]
_FOR_EVER = "public, max-age=31536000, immutable"
_YEAR_SECONDS = 31_536_000
# Words only: each is a template and nothing else.
_WORDS = ("accessibility", "help", "pricing", "privacy", "terms")
_CAST = [
    {"id": "a", "name": "Ada Moreau", "handle": "ada"},
    {"id": "b", "name": "Ben Okafor", "handle": "ben"},
    {"id": "c", "name": "Cy Lindqvist", "handle": "cy"},
    {"id": "d", "name": "Olu Adeyemi", "handle": "olu"},
]


class LookForm(Input, frozen=True):
    theme: Theme = "system"
    text: TextSize = "normal"


@get("/", dependencies=PAGE, include_in_schema=False)
async def landing(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]
) -> Response[Any]:
    """What we are, for a stranger; what is new, for somebody signed in."""
    if caller.signed_in:
        aside = await beginning(backends, caller)
        return await home(request, backends, caller, page, **aside._asdict())
    return render(request, "site/landing.html")


@get("/styleguide", include_in_schema=False)
async def styleguide(request: Page) -> Response[str]:
    return render(request, "site/styleguide.html", people=_CAST, sample=_sample())


@get("/developers", include_in_schema=False)
async def developers(request: Page) -> Response[str]:
    return render(request, "site/developers.html", groups=await reference())


@get("/appearance", include_in_schema=False)
async def appearance(request: Page) -> Response[str]:
    return render(request, "site/appearance.html")


@post("/appearance", include_in_schema=False)
async def keep_appearance(request: Page, backends: Given[Backends]) -> Redirect:
    """In the browser, not in an account: it holds for whoever looks, before they sign in as well."""
    look = (await read_form(request, LookForm)).data
    answer = see_other(request, "/appearance", notice="Saved.")
    secure = backends.settings.site_url.startswith("https://")
    for name, value in ((THEME_COOKIE, look.theme), (TEXT_COOKIE, look.text)):
        answer.set_cookie(name, value, max_age=_YEAR_SECONDS, secure=secure, samesite="lax")
    return answer


@get("/static/{file:path}", include_in_schema=False)
async def static(file: FromPath[str], backends: Given[Backends]) -> Response[bytes]:
    """The edge serves these from its bucket; this is for a process that is asked without one."""
    data = templates_for(backends.settings).assets.read(file.lstrip("/"))
    if data is None:
        raise NotFound("There is no such file.")
    kind = guess_type(file)[0] or "application/octet-stream"
    return Response(data, media_type=kind, headers={"Cache-Control": _FOR_EVER})


@get("/push-worker.js", include_in_schema=False)
async def push_worker(backends: Given[Backends]) -> Response[bytes]:
    """At the root under one name for good: there a browser looks for its next version, and what it may speak for is this folder."""
    assets = templates_for(backends.settings).assets
    data = assets.read(assets.url("push-worker.js").removeprefix(STATIC_PREFIX))
    if data is None:
        raise NotFound("The front end is not built.")
    return Response(data, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _sample() -> Form[Any]:
    """A field with a problem, to look at."""
    return Form.blank(g_handle="ada__").refuse("g_handle", "Letters, digits and single underscores between them.")


def _words(name: str) -> HTTPRouteHandler:
    async def page(request: Page) -> Response[str]:
        return render(request, f"site/{name}.html")

    handler: Callable[..., Awaitable[Response[str]]] = page
    return get(f"/{name}", include_in_schema=False, name=f"site.{name}")(handler)


routes = [landing, styleguide, developers, appearance, keep_appearance, static, push_worker, *map(_words, _WORDS)]
