"""A forgotten password, and the links of mails about another address."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromQuery

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.cookies import visitor_of
from directfanz.domains.accounts.errors import LinkInvalid
from directfanz.domains.accounts.pages.asking import AddressAsk, Html, Page, Text, Token
from directfanz.domains.accounts.pages.joining import link_failed, mails_stay_here
from directfanz.domains.accounts.service import email_change, passwords
from directfanz.errors import DirectFanzError
from directfanz.http.caller import SESSION_COOKIE, Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input


class ResetForm(Input, frozen=True):
    token: Token
    password: Text


class TokenForm(Input, frozen=True):
    token: Token


@get("/forgot-password")
async def forgot_page(request: Page) -> Html:
    return render(request, "accounts/forgot_password.html", form=Form.blank())


@post("/forgot-password", status_code=200)
async def forgot_do(request: Page, backends: Given[Backends]) -> Html:
    form, status = await read_form(request, AddressAsk), UNPROCESSABLE
    if form.value is not None:
        try:
            await passwords.forgot_password(backends, form.value.email, visitor_of(request))
            return see_other(request, "/forgot-password/sent")
        except DirectFanzError as error:
            status = refuse(form, error)
    return render(request, "accounts/forgot_password.html", status, form=form)


@get("/forgot-password/sent")
async def forgot_sent(request: Page, backends: Given[Backends]) -> Html:
    inbox = mails_stay_here(backends)
    return render(request, "accounts/check_mail.html", form=Form.blank(), reset=True, inbox=inbox)


@get("/reset-password")
async def reset_page(request: Page, token: FromQuery[str] = "") -> Html:
    return _reset(request, Form.blank(), token)


@post("/reset-password", status_code=200)
async def reset_do(request: Page, backends: Given[Backends]) -> Html:
    form, status = await read_form(request, ResetForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            device = await passwords.reset_password(backends, asked.token, asked.password, visitor_of(request))
            answer = see_other(request, "/sign-in", "Your new password holds. Sign in with it.")
            cookies.drop(answer, SESSION_COOKIE)
            return cookies.keep(backends, answer, cookies.DEVICE_COOKIE, device, cookies.DEVICE_SECONDS)
        except LinkInvalid as error:
            return link_failed(request, error.message, "/forgot-password", "Ask for a new one")
        except DirectFanzError as error:
            status = refuse(form, error)
    return _reset(request, form, form.raw.get("token", ""), status)


@get("/confirm-email", guards=[signed_in])
async def confirm_email_page(request: Page, token: FromQuery[str] = "") -> Html:
    return render(request, "accounts/mail_link.html", token=token, undo=False)


@post("/confirm-email", status_code=200, guards=[signed_in])
async def confirm_email_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form = await read_form(request, TokenForm)
    try:
        await email_change.confirm_email_change(backends, caller, form.data.token)
    except DirectFanzError as error:
        refuse(form, error)
        return link_failed(request, form.problem or error.message, "/settings/account", "To your account")
    return see_other(request, "/settings/account", "Your new address holds.")


@get("/undo-email-change")
async def undo_page(request: Page, token: FromQuery[str] = "") -> Html:
    return render(request, "accounts/mail_link.html", token=token, undo=True)


@post("/undo-email-change", status_code=200)
async def undo_do(request: Page, backends: Given[Backends]) -> Html:
    form = await read_form(request, TokenForm)
    try:
        reset = await email_change.undo_email_change(backends, form.data.token)
    except DirectFanzError as error:
        refuse(form, error)
        return link_failed(request, form.problem or error.message, "/forgot-password", "Reset your password")
    notice = "Your old address is back and everybody is signed out. Now choose a new password."
    return cookies.drop(see_other(request, f"/reset-password?token={reset}", notice), SESSION_COOKIE)


def _reset(request: Page, form: Form[Any], token: str, status: int = 200) -> Html:
    return render(request, "accounts/reset_password.html", status, form=form, token=token)


routes = [
    forgot_page, forgot_do, forgot_sent, reset_page, reset_do,
    confirm_email_page, confirm_email_do, undo_page, undo_do,
]  # fmt: skip
