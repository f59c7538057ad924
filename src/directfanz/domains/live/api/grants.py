"""The way to a film, put into an answer."""

from __future__ import annotations

from typing import Any

from litestar import Response

from directfanz.backends import Backends
from directfanz.domains.media.models import ViewGrant
from directfanz.http.grants import set_grant


def put_grant(backends: Backends, answer: Response[Any], grant: ViewGrant) -> None:
    secure = backends.settings.site_url.startswith("https:")
    set_grant(answer, grant.cookies, grant.cookie_path, backends.platform.media.grant_seconds, secure=secure)
