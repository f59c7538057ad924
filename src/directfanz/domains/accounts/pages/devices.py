"""Where a person is signed in, and the programs that act for them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.accounts.models import SCOPES
from directfanz.domains.accounts.pages.asking import Html, Page, Text
from directfanz.domains.accounts.service import access_tokens, sessions
from directfanz.domains.accounts.service.access_tokens import NewAccessToken
from directfanz.errors import DirectFanzError, NotFound
from directfanz.http.caller import Caller, recently_confirmed
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input

SESSIONS, TOKENS = "/settings/sessions", "/settings/tokens"
DAYS = 30


class TokenForm(Input, frozen=True):
    name: Text
    scopes: Annotated[list[Text], Meta(max_length=50)] = msgspec.field(default_factory=list)
    days: Annotated[int, Meta(ge=1, le=366)] = DAYS


@get("/sessions")
async def sessions_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    live = await sessions.list_sessions(backends, caller)
    return render(request, "accounts/settings_sessions.html", sessions=live, current=caller.session_id)


@post("/sessions/{session_id:uuid}/end", status_code=200)
async def end_session(
    request: Page, backends: Given[Backends], caller: Given[Caller], session_id: FromPath[UUID]
) -> Html:
    try:
        await sessions.revoke_session(backends, caller, session_id)
    except NotFound:
        return see_other(request, SESSIONS, "That session had ended already.", "info")
    return see_other(request, SESSIONS, "That browser is signed out.")


@post("/sessions/end-others", status_code=200)
async def end_others(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    ended = await sessions.revoke_other_sessions(backends, caller)
    return see_other(request, SESSIONS, f"{ended} other session{'s' if ended != 1 else ''} ended.")


@get("/tokens")
async def tokens_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    return await _tokens(request, backends, caller, Form.blank(days=str(DAYS)))


@post("/tokens", status_code=200, guards=[recently_confirmed])
async def token_make(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    """The secret is on the page that answers and nowhere else, so there is no redirect."""
    form, status = await read_form(request, TokenForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            made = await access_tokens.make_token(backends, caller, asked.name, asked.scopes, asked.days)
            return await _tokens(request, backends, caller, Form.blank(days=str(DAYS)), made=made)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _tokens(request, backends, caller, form, status)


@post("/tokens/{token_id:uuid}/revoke", status_code=200)
async def token_revoke(
    request: Page, backends: Given[Backends], caller: Given[Caller], token_id: FromPath[UUID]
) -> Html:
    try:
        await access_tokens.revoke_token(backends, caller, token_id)
    except NotFound:
        return see_other(request, TOKENS, "That token was revoked already.", "info")
    return see_other(request, TOKENS, "The token opens nothing any more.")


async def _tokens(
    request: Page, backends: Backends, caller: Caller, form: Form[Any], status: int = 200,
    made: NewAccessToken | None = None,
) -> Html:  # fmt: skip
    known = await access_tokens.list_tokens(backends, caller)
    scopes = [[name, words] for name, words in SCOPES.items() if caller.role == "admin" or name[:6] != "admin:"]
    shown = {"form": form, "tokens": known, "scopes": scopes, "made": made}
    return render(request, "accounts/settings_tokens.html", status, **shown)


routes = [sessions_page, end_session, end_others, tokens_page, token_make, token_revoke]
