"""Signing up, and the link that proves the address."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromQuery

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.cookies import visitor_of
from directfanz.domains.accounts.errors import LinkInvalid, PasswordNeeded
from directfanz.domains.accounts.pages.asking import AddressAsk, Html, Page, Text, Token
from directfanz.domains.accounts.service import oidc, sign_up, verification
from directfanz.errors import DirectFanzError
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input

SENT = "/check-your-mail"


class SignUpForm(Input, frozen=True):
    display_name: Text
    handle: Text
    email: Text
    password: Text


class VerifyForm(Input, frozen=True):
    token: Token
    password: Text | None = None


@get("/sign-up")
async def sign_up_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    if caller.signed_in:
        return see_other(request, "/")
    return render(request, "accounts/sign_up.html", form=Form.blank(), providers=oidc.providers(backends))


@post("/sign-up", status_code=200)
async def sign_up_do(request: Page, backends: Given[Backends]) -> Html:
    form, status = await read_form(request, SignUpForm), UNPROCESSABLE
    if form.value is not None:
        try:
            started = await sign_up.sign_up(backends, _asked(request, form.value), visitor_of(request))
            answer = see_other(request, SENT)
            return cookies.keep(backends, answer, cookies.SIGN_UP_COOKIE, started.cookie, cookies.SIGN_UP_SECONDS)
        except DirectFanzError as error:
            status = refuse(form, error)
    return render(request, "accounts/sign_up.html", status, form=form, providers=oidc.providers(backends))


@get(SENT)
async def check_mail(request: Page, backends: Given[Backends]) -> Html:
    return _check_mail(request, backends, Form.blank())


@post("/sign-up/again", status_code=200)
async def send_again(request: Page, backends: Given[Backends]) -> Html:
    form, status = await read_form(request, AddressAsk), UNPROCESSABLE
    if form.value is not None:
        try:
            await sign_up.resend_verification(backends, form.value.email, visitor_of(request))
            return see_other(request, SENT, "If that address waits to be confirmed, a new link is on its way.", "info")
        except DirectFanzError as error:
            status = refuse(form, error)
    return _check_mail(request, backends, form, status)


@get("/verify-email")
async def verify_page(request: Page, token: FromQuery[str] = "") -> Html:
    """A button, because programs that look into mail open links as well."""
    known = cookies.SIGN_UP_COOKIE in arrival_of(request).cookies
    return render(request, "accounts/verify_email.html", form=Form.blank(), token=token, ask_password=not known)


@post("/verify-email", status_code=200)
async def verify_do(request: Page, backends: Given[Backends]) -> Html:
    form, status, ask_password = await read_form(request, VerifyForm), UNPROCESSABLE, True
    if form.value is not None:
        try:
            signed_in = await verification.verify_email(
                backends, form.value.token, visitor_of(request), password=form.value.password,
                sign_up_cookie=arrival_of(request).cookies.get(cookies.SIGN_UP_COOKIE),
                replaces=cookies.session_cookie_of(request),
            )  # fmt: skip
            return cookies.let_in(backends, see_other(request, "/", "Welcome. Your address is confirmed."), signed_in)
        except PasswordNeeded:
            form = Form.blank(**form.raw)
        except LinkInvalid as error:
            return link_failed(request, error.message, "/sign-up", "Join again")
        except DirectFanzError as error:
            status = refuse(form, error)
    token = form.raw.get("token", "")
    return render(request, "accounts/verify_email.html", status, form=form, token=token, ask_password=ask_password)


def link_failed(request: Page, problem: str, href: str, words: str) -> Html:
    return render(request, "accounts/link_failed.html", 400, problem=problem, action=[href, words])


def mails_stay_here(backends: Backends) -> bool:
    """On one machine mail is caught, and its reader is a click away."""
    return backends.settings.environment != "production" and backends.settings.profile == "local"


def _asked(request: Page, form: SignUpForm) -> sign_up.SignUp:
    zone = arrival_of(request).zone
    return sign_up.SignUp(
        email=form.email, password=form.password, display_name=form.display_name, handle=form.handle,
        timezone=zone.key if zone else "UTC",
    )  # fmt: skip


def _check_mail(request: Page, backends: Backends, form: Form[AddressAsk], status: int = 200) -> Html:
    inbox = mails_stay_here(backends)
    return render(request, "accounts/check_mail.html", status, form=form, inbox=inbox, reset=False)


routes = [sign_up_page, sign_up_do, check_mail, send_again, verify_page, verify_do]
