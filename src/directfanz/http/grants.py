"""Ways to files, put into an answer: cookies that only the files' own folder is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie


def set_grant(answer: Response[Any], cookies: Mapping[str, str], path: str, seconds: int, *, secure: bool) -> None:
    """They last as long as the grant; the browser sends them to that folder alone, so many grants stand side by side."""
    for name, value in cookies.items():
        answer.set_cookie(
            Cookie(name, value=value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)
        )
