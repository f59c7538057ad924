"""The doors of an account: password, passkeys, two-step sign-in. Making a passkey is the script's and the API's."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.pages.asking import Html, Page, Short, Text
from directfanz.domains.accounts.service import passkeys, passwords, second_factor, security
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, recently_confirmed
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input

HERE = "/settings/security"


class PasswordForm(Input, frozen=True):
    new_password: Text
    current_password: Text | None = None


class NameForm(Input, frozen=True):
    name: Text


class AppCodeForm(Input, frozen=True):
    code: Short


@get("/security")
async def security_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    return await _security(request, backends, caller, Form.blank())


@post("/security/password", status_code=200)
async def password_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, PasswordForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            cookie = await passwords.change_password(backends, caller, asked.current_password, asked.new_password)
            answer = see_other(request, HERE, "Your new password holds, and other browsers are signed out.")
            return cookies.renewed(backends, answer, cookie)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _security(request, backends, caller, form, status)


@post("/security/password/remove", status_code=200, guards=[recently_confirmed])
async def password_remove(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    return await _renewing(
        request, backends, passwords.remove_password(backends, caller), "Your account has no password any more."
    )


@post("/security/passkeys/{passkey_id:uuid}/rename", status_code=200)
async def passkey_rename(
    request: Page, backends: Given[Backends], caller: Given[Caller], passkey_id: FromPath[UUID]
) -> Html:
    form = await read_form(request, NameForm)
    return await _doing(request, passkeys.rename_passkey(backends, caller, passkey_id, form.data.name), "Renamed.")


@post("/security/passkeys/{passkey_id:uuid}/remove", status_code=200, guards=[recently_confirmed])
async def passkey_remove(
    request: Page, backends: Given[Backends], caller: Given[Caller], passkey_id: FromPath[UUID]
) -> Html:
    return await _doing(
        request,
        passkeys.remove_passkey(backends, caller, passkey_id),
        "The passkey opens nothing any more. Remove it from your device as well.",
    )


@post("/security/totp", status_code=200, guards=[recently_confirmed])
async def totp_begin(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form = Form.blank()
    try:
        setup = await second_factor.begin_totp(backends, caller)
    except DirectFanzError as error:
        refuse(form, error)
        return see_other(request, HERE, form.problem, "problem")
    return render(request, "accounts/settings_totp.html", form=form, setup=setup)


@post("/security/totp/confirm", status_code=200, guards=[recently_confirmed])
async def totp_confirm(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, AppCodeForm), UNPROCESSABLE
    if form.value is not None:
        try:
            on = await second_factor.confirm_totp(backends, caller, form.value.code)
            answer = render(request, "accounts/settings_recovery_codes.html", codes=on.recovery_codes, just_on=True)
            return cookies.renewed(backends, answer, on.cookie)
        except DirectFanzError as error:
            status = refuse(form, error)
    return render(request, "accounts/settings_totp.html", status, form=form, setup=None)


@post("/security/totp/off", status_code=200, guards=[recently_confirmed])
async def totp_off(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    return await _renewing(
        request, backends, second_factor.switch_off_totp(backends, caller), "Two-step sign-in is off."
    )


@post("/security/recovery-codes", status_code=200, guards=[recently_confirmed])
async def new_codes(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    codes = await second_factor.new_recovery_codes(backends, caller)
    return render(request, "accounts/settings_recovery_codes.html", codes=codes, just_on=False)


async def _renewing(request: Page, backends: Backends, work: Awaitable[str], notice: str) -> Html:
    """What changes the account's doors gives the session another cookie."""
    form = Form.blank()
    try:
        return cookies.renewed(backends, see_other(request, HERE, notice), await work)
    except DirectFanzError as error:
        refuse(form, error)
    return see_other(request, HERE, form.problem, "problem")


async def _doing(request: Page, work: Awaitable[None], notice: str) -> Html:
    form = Form.blank()
    try:
        await work
        return see_other(request, HERE, notice)
    except DirectFanzError as error:
        refuse(form, error)
    return see_other(request, HERE, form.problem or next(iter(form.errors.values()), None), "problem")


async def _security(request: Page, backends: Backends, caller: Caller, form: Form[Any], status: int = 200) -> Html:
    doors = await security.security_of(backends, caller)
    return render(request, "accounts/settings_security.html", status, form=form, security=doors)


routes = [
    security_page, password_do, password_remove, passkey_rename, passkey_remove, totp_begin, totp_confirm, totp_off,
    new_codes,
]  # fmt: skip
