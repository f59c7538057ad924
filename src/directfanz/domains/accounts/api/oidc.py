"""Signing in with another provider, for programs with a screen of their own; the pages do the same by redirects."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.api.auth import TAG, answered
from directfanz.domains.accounts.models import SecondFactorNeeded, SignedIn
from directfanz.domains.accounts.service import oidc
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.validation import Input

Part = Annotated[str, Meta(max_length=2000)]


class ProviderView(msgspec.Struct, frozen=True):
    name: str
    label: str


class OidcBegin(Input, frozen=True):
    """`link` and `confirm` need somebody signed in."""

    purpose: Literal["sign_in", "link", "confirm"] = "sign_in"


class OidcAnswer(Input, frozen=True):
    """What came back to the redirect address."""

    state: Part = ""
    code: Part = ""
    iss: Part = ""
    error: Part = ""


class OidcUrl(msgspec.Struct, frozen=True):
    url: str


class OidcOutcome(msgspec.Struct, frozen=True):
    """`link_needed`: an account has this address. Sign in to it, then send the ticket to /me/identities."""

    status: Literal["signed_in", "code_needed", "link_needed", "linked", "confirmed"]
    ticket: str | None = None
    email: str | None = None


@get("/auth/oidc", tags=TAG)
async def oidc_providers(backends: Given[Backends]) -> list[ProviderView]:
    """Whom one can sign in with."""
    return [ProviderView(each.name, each.label) for each in oidc.providers(backends)]


@post("/auth/oidc/{provider:str}/begin", status_code=200, tags=TAG)
async def begin_oidc(
    backends: Given[Backends], caller: Given[Caller], provider: FromPath[str], data: JSONBody[OidcBegin]
) -> Response[OidcUrl]:
    """Where to send the browser."""
    start = await oidc.begin_oidc(backends, provider, caller=caller, purpose=data.purpose)
    answer = Response(OidcUrl(start.url))
    return cookies.keep(backends, answer, cookies.OIDC_COOKIE, start.cookie, cookies.FLOW_SECONDS)


@post("/auth/oidc/{provider:str}/finish", status_code=200, tags=TAG)
async def finish_oidc(
    request: Request[Any, Any, Any],
    backends: Given[Backends],
    caller: Given[Caller],
    provider: FromPath[str],
    data: JSONBody[OidcAnswer],
) -> Response[OidcOutcome]:
    """With what the provider sent back."""
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value}
    outcome = await oidc.finish_oidc(
        backends,
        provider,
        arrival_of(request).cookies.get(cookies.OIDC_COOKIE),
        given,
        caller,
        cookies.visitor_of(request),
        cookies.session_cookie_of(request),
    )
    return cookies.drop(told(outcome, backends), cookies.OIDC_COOKIE)


def told(outcome: oidc.Outcome, backends: Backends) -> Response[OidcOutcome]:
    if isinstance(outcome, SignedIn | SecondFactorNeeded):
        done = answered(backends, outcome)
        return Response(OidcOutcome(done.content.status, done.content.ticket), cookies=done.cookies)
    if isinstance(outcome, oidc.LinkNeeded):
        return Response(OidcOutcome("link_needed", outcome.ticket, outcome.email))
    if isinstance(outcome, oidc.Linked):
        return Response(OidcOutcome("linked"))
    return cookies.renewed(backends, Response(OidcOutcome("confirmed")), outcome.cookie)


routes = [oidc_providers, begin_oidc, finish_oidc]
