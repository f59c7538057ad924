"""Signing in, linking and confirming with another provider: away and back by redirects."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.models import SecondFactorNeeded, SignedIn
from directfanz.domains.accounts.pages.asking import Html, Next, Page, entered
from directfanz.domains.accounts.pages.entering import confirmed
from directfanz.domains.accounts.service import oidc
from directfanz.errors import DirectFanzError
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import Caller, recently_confirmed, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import local_path, render, see_other
from directfanz.http.refusals import refuse
from directfanz.http.validation import Input

LINK_PAGE = "/settings/account/link"
LONGEST_PART = 2000


class WithForm(Input, frozen=True):
    next: Next | None = None


@post("/sign-in/with/{name:str}", status_code=200)
async def begin(request: Page, backends: Given[Backends], name: FromPath[str]) -> Html:
    return await _away(request, backends, name, None, "sign_in", "/sign-in")


@post("/confirm/with/{name:str}", status_code=200, guards=[signed_in])
async def begin_confirming(
    request: Page, backends: Given[Backends], caller: Given[Caller], name: FromPath[str]
) -> Html:
    return await _away(request, backends, name, caller, "confirm", "/confirm")


@post("/settings/account/link/{name:str}", status_code=200, guards=[recently_confirmed])
async def begin_linking(request: Page, backends: Given[Backends], caller: Given[Caller], name: FromPath[str]) -> Html:
    return await _away(request, backends, name, caller, "link", "/settings/account")


@get("/auth/oidc/{name:str}/callback")
async def back(request: Page, backends: Given[Backends], caller: Given[Caller], name: FromPath[str]) -> Html:
    asked = request.query_params
    given = {part: asked[part][:LONGEST_PART] for part in ("state", "code", "iss", "error") if asked.get(part)}
    try:
        outcome = await oidc.finish_oidc(
            backends, name, arrival_of(request).cookies.get(cookies.OIDC_COOKIE), given, caller,
            cookies.visitor_of(request), cookies.session_cookie_of(request),
        )  # fmt: skip
    except DirectFanzError as refusal:
        return _refused(request, caller, refusal)
    return cookies.drop(_landed(request, backends, outcome), cookies.OIDC_COOKIE)


@get(LINK_PAGE, guards=[signed_in])
async def link_page(request: Page) -> Html:
    waits = cookies.LINK_COOKIE in arrival_of(request).cookies
    return render(request, "accounts/settings_link.html") if waits else see_other(request, "/settings/account")


@post(LINK_PAGE, status_code=200, guards=[recently_confirmed])
async def link_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form = Form.blank()
    try:
        linked = await oidc.link_identity(backends, caller, arrival_of(request).cookies.get(cookies.LINK_COOKIE, ""))
        answer = see_other(request, "/settings/account", f"From now on {linked.label} opens your account.")
    except DirectFanzError as error:
        refuse(form, error)
        answer = see_other(request, "/settings/account", form.problem or error.message, "problem")
    return cookies.drop(answer, cookies.LINK_COOKIE)


async def _away(request: Page, backends: Backends, name: str, caller: Caller | None, purpose: str, page: str) -> Html:
    form = await read_form(request, WithForm)
    go_to = (form.value.next if form.value else None) or "/"
    try:
        start = await oidc.begin_oidc(backends, name, caller=caller, purpose=purpose)
    except DirectFanzError as error:
        return _refused(request, caller or Caller(), error, page)
    answer = Redirect(start.url, status_code=303)
    cookies.keep(backends, answer, cookies.OIDC_COOKIE, start.cookie, cookies.FLOW_SECONDS)
    token = backends.tokens.sign("next", local_path(go_to))
    return cookies.keep(backends, answer, cookies.NEXT_COOKIE, token, cookies.FLOW_SECONDS)


def _landed(request: Page, backends: Backends, outcome: oidc.Outcome) -> Html:
    text = arrival_of(request).cookies.get(cookies.NEXT_COOKIE, "")
    go_to = backends.tokens.verify("next", text, backends.clock.now()) or "/"
    if isinstance(outcome, SignedIn | SecondFactorNeeded):
        return entered(request, backends, outcome, go_to)
    if isinstance(outcome, oidc.Linked):
        return see_other(request, "/settings/account", f"From now on {outcome.label} opens your account.")
    if isinstance(outcome, oidc.Confirmed):
        return confirmed(request, backends, outcome.cookie, go_to)
    words = f"There is an account with this address. Sign in to it once, and link it with {outcome.label}."
    answer = see_other(request, f"/sign-in?next={LINK_PAGE}", words, "info")
    return cookies.keep(backends, answer, cookies.LINK_COOKIE, outcome.ticket, cookies.FLOW_SECONDS)


def _refused(request: Page, caller: Caller, error: DirectFanzError, page: str | None = None) -> Html:
    """Also a provider that is down: there are other ways in, and this is not our failure."""
    default = "/settings/account" if caller.signed_in else "/sign-in"
    return see_other(request, page or default, error.message, "problem")


routes = [begin, begin_confirming, begin_linking, back, link_page, link_do]
