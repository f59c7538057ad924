"""Signing in and out, the second step, and showing again that it is you."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromQuery

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.cookies import visitor_of
from directfanz.domains.accounts.errors import LinkInvalid
from directfanz.domains.accounts.pages.asking import Html, Next, Page, Short, Text, entered
from directfanz.domains.accounts.service import oidc, passwords, security, sessions, sign_in
from directfanz.errors import DirectFanzError
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import SESSION_COOKIE, Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import local_path, render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input


class SignInForm(Input, frozen=True):
    email: Text
    password: Text
    next: Next | None = None


class CodeForm(Input, frozen=True):
    code: Short


class ConfirmForm(Input, frozen=True):
    password: Text | None = None
    code: Short | None = None
    next: Next | None = None


@get("/sign-in")
async def sign_in_page(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    next: FromQuery[str] = "",
) -> Html:
    if caller.signed_in:
        return see_other(request, local_path(next))
    return _sign_in(request, backends, Form.blank(), next)


@post("/sign-in", status_code=200)
async def sign_in_do(request: Page, backends: Given[Backends]) -> Html:
    form, status = await read_form(request, SignInForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            visitor, old = visitor_of(request), cookies.session_cookie_of(request)
            outcome = await sign_in.sign_in(backends, asked.email, asked.password, visitor, old)
            return entered(request, backends, outcome, asked.next or "/")
        except DirectFanzError as error:
            status = refuse(form, error)
    return _sign_in(request, backends, form, form.raw.get("next") or "", status)


@get(["/sign-in/code", "/sign-in/recovery-code"])
async def code_page(request: Page) -> Html:
    if cookies.SECOND_STEP_COOKIE not in arrival_of(request).cookies:
        return see_other(request, "/sign-in")
    return _code(request, Form.blank())


@post(["/sign-in/code", "/sign-in/recovery-code"], status_code=200)
async def code_do(request: Page, backends: Given[Backends]) -> Html:
    form, status = await read_form(request, CodeForm), UNPROCESSABLE
    if form.value is not None:
        try:
            ticket = arrival_of(request).cookies.get(cookies.SECOND_STEP_COOKIE, "")
            visitor, old = visitor_of(request), cookies.session_cookie_of(request)
            done = await sign_in.give_code(backends, ticket, form.value.code, visitor, old)
            answer = entered(request, backends, done, _next_of(request, backends))
            return cookies.drop(answer, cookies.NEXT_COOKIE)
        except LinkInvalid as error:
            return cookies.drop(see_other(request, "/sign-in", error.message, "problem"), cookies.SECOND_STEP_COOKIE)
        except DirectFanzError as error:
            status = refuse(form, error)
    return _code(request, form, status)


@post("/sign-out", status_code=200)
async def sign_out(request: Page, backends: Given[Backends]) -> Html:
    await sessions.sign_out(backends, cookies.session_cookie_of(request))
    return cookies.drop(see_other(request, "/", "You are signed out.", "info"), SESSION_COOKIE)


@get("/confirm", guards=[signed_in])
async def confirm_page(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    next: FromQuery[str] = "",
) -> Html:
    return await _confirm(request, backends, caller, Form.blank(), next)


@post("/confirm", status_code=200, guards=[signed_in])
async def confirm_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, ConfirmForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            cookie = await passwords.confirm(backends, caller, password=asked.password, code=asked.code)
            return confirmed(request, backends, cookie, asked.next or "")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _confirm(request, backends, caller, form, form.raw.get("next") or "", status)


def confirmed(request: Page, backends: Backends, cookie: str, go_to: str) -> Html:
    answer = see_other(request, local_path(go_to, "/settings"), "Thank you, it is you. Go on.", "info")
    return cookies.renewed(backends, answer, cookie)


def _sign_in(request: Page, backends: Backends, form: Form[Any], go_to: str, status: int = 200) -> Html:
    known = oidc.providers(backends)
    return render(request, "accounts/sign_in.html", status, form=form, next=local_path(go_to, ""), providers=known)


def _code(request: Page, form: Form[Any], status: int = 200) -> Html:
    recovery = arrival_of(request).path.endswith("recovery-code")
    return render(request, "accounts/sign_in_code.html", status, form=form, recovery=recovery)


async def _confirm(
    request: Page, backends: Backends, caller: Caller, form: Form[Any], go_to: str, status: int = 200
) -> Html:
    doors = await security.security_of(backends, caller)
    linked = {each.provider for each in doors.identities}
    known = [each for each in oidc.providers(backends) if each.name in linked]
    shown = {"form": form, "security": doors, "next": local_path(go_to, "/settings"), "providers": known}
    return render(request, "accounts/confirm.html", status, **shown)


def _next_of(request: Page, backends: Backends) -> str:
    text = arrival_of(request).cookies.get(cookies.NEXT_COOKIE, "")
    return backends.tokens.verify("next", text, backends.clock.now()) or "/"


routes = [sign_in_page, sign_in_do, code_page, code_do, sign_out, confirm_page, confirm_do]
