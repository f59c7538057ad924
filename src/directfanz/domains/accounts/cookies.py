"""What a browser carries for an account. All are HttpOnly: no script of a page can read them."""

from __future__ import annotations

from typing import Any, TypeVar

from litestar import Request, Response
from litestar.datastructures import Cookie

from directfanz.backends import Backends
from directfanz.domains.accounts.models import LINK_LIVES, SESSION_LIVES, SignedIn, Visitor
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import SESSION_COOKIE

DEVICE_COOKIE = "df_device"
SIGN_UP_COOKIE = "df_sign_up"
SECOND_STEP_COOKIE = "df_second_step"
OIDC_COOKIE = "df_oidc"
LINK_COOKIE = "df_link"
# Where somebody wanted to go before they were asked who they are.
NEXT_COOKIE = "df_next"
DEVICE_SECONDS = 365 * 86_400
SIGN_UP_SECONDS = int(LINK_LIVES["verify"].total_seconds())
FLOW_SECONDS = 900
SESSION_SECONDS = int(SESSION_LIVES.total_seconds())

Answer = TypeVar("Answer", bound=Response[Any])


def visitor_of(request: Request[Any, Any, Any]) -> Visitor:
    arrival = arrival_of(request)
    return Visitor(address=arrival.address, user_agent=arrival.user_agent, device=arrival.cookies.get(DEVICE_COOKIE))


def session_cookie_of(request: Request[Any, Any, Any]) -> str | None:
    return arrival_of(request).cookies.get(SESSION_COOKIE)


def let_in(backends: Backends, answer: Answer, signed_in: SignedIn) -> Answer:
    """The browser is signed in from now on, and known to be its owner's."""
    keep(backends, answer, SESSION_COOKIE, signed_in.cookie, signed_in.lives_seconds)
    keep(backends, answer, DEVICE_COOKIE, signed_in.device_cookie, DEVICE_SECONDS)
    for name in (SIGN_UP_COOKIE, SECOND_STEP_COOKIE, OIDC_COOKIE):
        drop(answer, name)
    return answer


def renewed(backends: Backends, answer: Answer, cookie: str) -> Answer:
    """After what raised or lowered what a session may do, it has another token."""
    return keep(backends, answer, SESSION_COOKIE, cookie, SESSION_SECONDS)


def keep(backends: Backends, answer: Answer, name: str, value: str, seconds: int) -> Answer:
    secure = backends.settings.site_url.startswith("https://")
    answer.set_cookie(
        Cookie(name, value=value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)
    )
    return answer


def drop(answer: Answer, name: str) -> Answer:
    answer.set_cookie(Cookie(name, value="", max_age=0, path="/", httponly=True, samesite="lax"))
    return answer
