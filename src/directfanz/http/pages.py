"""Pages: HTML from the server.

    return render(request, "accounts/sign_in.html", form=form)
    return see_other(request, "/settings", notice="Saved.")

Every template is given `caller` (`caller.signed_in`, `caller.name`, ...), `notices`, `path`, `request_id`, `now`,
`zone` and `look`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response
from litestar.background_tasks import BackgroundTask
from litestar.response import Redirect

from directfanz.http.arrival import Arrival, arrival_of
from directfanz.http.caller import caller_in
from directfanz.http.look import look_of
from directfanz.http.notices import Kind, notify, read_notices
from directfanz.http.templates import templates_for

if TYPE_CHECKING:
    from directfanz.backends import Backends

HTML = "text/html"  # Litestar adds the charset


def render(request: Request[Any, Any, Any], template: str, status: int = 200, **context: Any) -> Response[str]:
    return Response(page(request, template, **context), status_code=status, media_type=HTML)


def page(request: Request[Any, Any, Any], template: str, **context: Any) -> str:
    """The text of a page, for answers that need more than `render` offers."""
    return page_for(request.app.state.backends, arrival_of(request), template, **context)


def page_for(backends: Backends, arrival: Arrival, template: str, **context: Any) -> str:
    now, caller = backends.clock.now(), caller_in(arrival)
    return templates_for(backends.settings).render(
        template,
        caller=caller,
        notices=read_notices(arrival, backends.tokens, now),
        path=arrival.path,
        request_id=arrival.request_id,
        now=now,
        zone=arrival.zone,
        look=look_of(arrival.cookies, caller.theme),
        **context,
    )


def rows(items: Sequence[msgspec.Struct]) -> list[dict[str, Any]]:
    """For a template that loops over many: it reads a dictionary several times quicker than an object. Moments stay moments."""
    made: list[dict[str, Any]] = msgspec.to_builtins(items, builtin_types=(datetime,))
    return made


def see_other(
    request: Request[Any, Any, Any],
    path: str,
    notice: str | None = None,
    kind: Kind = "done",
    background: BackgroundTask | None = None,
) -> Redirect:
    """After a form is done: the browser fetches the next page, and reloading it repeats nothing."""
    if notice:
        notify(request, notice, kind)
    return Redirect(path, status_code=303, background=background)


def is_htmx(request: Request[Any, Any, Any]) -> bool:
    """Whether a part of a page asks, not the whole."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"


def local_path(path: str | None, default: str = "/") -> str:
    """`next` from a form or query, when it stays on this site; else the default. It never leads a person away."""
    if not path or not path.startswith("/") or path[1:2] in ("/", "\\") or not path.isprintable() or len(path) > 500:
        return default
    return path
