"""Ways to files, put into an answer: cookies that only the files' own folder is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from directfanz.backends import Backends


def set_grant(backends: Backends, answer: Response[Any], cookies: Mapping[str, str], path: str) -> None:
    """They last as long as the grant; the browser sends them to that folder alone, so many grants stand side by side."""
    seconds = backends.platform.media.grant_seconds
    secure = backends.settings.site_url.startswith("https://")
    for name, value in cookies.items():
        answer.set_cookie(
            Cookie(name, value=value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)
        )
