"""Signing up, in and out, and getting back in."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.cookies import visitor_of
from directfanz.domains.accounts.models import SecondFactorNeeded, SignedIn
from directfanz.domains.accounts.service import (
    email_change,
    passkeys,
    passwords,
    sessions,
    sign_in,
    sign_up,
    verification,
)
from directfanz.domains.accounts.service.passkeys import Ceremony
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import SESSION_COOKIE, Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.validation import Input

Text = Annotated[str, Meta(max_length=1000)]
Token = Annotated[str, Meta(max_length=500, description="The token of the mailed link.")]
TAG = ["Signing in"]


class SignUpAsk(Input, frozen=True):
    email: Text
    password: Text
    display_name: Text
    handle: Text
    locale: Annotated[str, Meta(max_length=20)] = "en"
    timezone: Annotated[str, Meta(max_length=64)] = "UTC"


class VerifyAsk(Input, frozen=True):
    token: Token
    password: Annotated[Text | None, Meta(description="Needed in another browser than the one that signed up.")] = None


class AddressAsk(Input, frozen=True):
    email: Text


class SignInAsk(Input, frozen=True):
    email: Text
    password: Text


class CodeAsk(Input, frozen=True):
    ticket: Text
    code: Annotated[str, Meta(max_length=40, description="Of the app, or a recovery code.")]


class ResetAsk(Input, frozen=True):
    token: Token
    password: Text


class TokenAsk(Input, frozen=True):
    token: Token


class ConfirmAsk(Input, frozen=True):
    """One of the two."""

    password: Text | None = None
    code: Annotated[str, Meta(max_length=40)] | None = None


class PasskeyAsk(Input, frozen=True):
    ticket: Text
    credential: Annotated[dict[str, Any], Meta(description="The answer of `navigator.credentials`, as JSON.")]


class MailSent(msgspec.Struct, frozen=True):
    """The same whether or not the address has an account."""

    status: Literal["check_your_mail"] = "check_your_mail"


class SignInAnswer(msgspec.Struct, frozen=True):
    """`ticket` goes to /auth/code, with a code, when one is needed."""

    status: Literal["signed_in", "code_needed"]
    user_id: UUID | None = None
    ticket: str | None = None


class ResetAllowed(msgspec.Struct, frozen=True):
    """For /auth/password/reset."""

    reset_token: str


@post("/auth/sign-up", status_code=202, tags=TAG)
async def sign_up_start(
    request: Request[Any, Any, Any], backends: Given[Backends], data: JSONBody[SignUpAsk]
) -> Response[MailSent]:
    """A link is mailed; it makes the account."""
    form = sign_up.SignUp(**msgspec.structs.asdict(data))
    started = await sign_up.sign_up(backends, form, visitor_of(request))
    return cookies.keep(backends, Response(MailSent()), cookies.SIGN_UP_COOKIE, started.cookie, cookies.SIGN_UP_SECONDS)


@post("/auth/verify-email", status_code=200, tags=TAG)
async def verify_email(
    request: Request[Any, Any, Any], backends: Given[Backends], data: JSONBody[VerifyAsk]
) -> Response[SignInAnswer]:
    """Confirms the address and signs in."""
    done = await verification.verify_email(
        backends,
        data.token,
        visitor_of(request),
        sign_up_cookie=arrival_of(request).cookies.get(cookies.SIGN_UP_COOKIE),
        password=data.password,
        replaces=cookies.session_cookie_of(request),
    )
    return answered(backends, done)


@post("/auth/verify-email/resend", status_code=202, tags=TAG)
async def resend_verification(
    request: Request[Any, Any, Any], backends: Given[Backends], data: JSONBody[AddressAsk]
) -> MailSent:
    """Another link, if an account waits to be confirmed."""
    await sign_up.resend_verification(backends, data.email, visitor_of(request))
    return MailSent()


@post("/auth/sign-in", status_code=200, tags=TAG)
async def sign_in_with_password(
    request: Request[Any, Any, Any], backends: Given[Backends], data: JSONBody[SignInAsk]
) -> Response[SignInAnswer]:
    """Answers a ticket instead of a session when the account asks for a code as well."""
    visitor, old = visitor_of(request), cookies.session_cookie_of(request)
    return answered(backends, await sign_in.sign_in(backends, data.email, data.password, visitor, old))


@post("/auth/code", status_code=200, tags=TAG)
async def give_code(
    request: Request[Any, Any, Any], backends: Given[Backends], data: JSONBody[CodeAsk]
) -> Response[SignInAnswer]:
    """The second step of a sign-in."""
    visitor, old = visitor_of(request), cookies.session_cookie_of(request)
    return answered(backends, await sign_in.give_code(backends, data.ticket, data.code, visitor, old))


@post("/auth/sign-out", status_code=204, tags=TAG)
async def sign_out(request: Request[Any, Any, Any], backends: Given[Backends]) -> Response[None]:
    """Ends this browser's session. Nobody signed in is no error."""
    await sessions.sign_out(backends, cookies.session_cookie_of(request))
    return cookies.drop(Response(None), SESSION_COOKIE)


@post("/auth/password/forgot", status_code=202, tags=TAG)
async def forgot_password(
    request: Request[Any, Any, Any], backends: Given[Backends], data: JSONBody[AddressAsk]
) -> MailSent:
    """A link for a new password, if the address has an account."""
    await passwords.forgot_password(backends, data.email, visitor_of(request))
    return MailSent()


@post("/auth/password/reset", status_code=204, tags=TAG)
async def reset_password(
    request: Request[Any, Any, Any], backends: Given[Backends], data: JSONBody[ResetAsk]
) -> Response[None]:
    """Sets the password and ends all sessions; then sign in."""
    device = await passwords.reset_password(backends, data.token, data.password, visitor_of(request))
    answer = cookies.drop(Response(None), SESSION_COOKIE)
    return cookies.keep(backends, answer, cookies.DEVICE_COOKIE, device, cookies.DEVICE_SECONDS)


@post("/auth/email/confirm", status_code=204, guards=[signed_in], tags=TAG)
async def confirm_email_change(backends: Given[Backends], caller: Given[Caller], data: JSONBody[TokenAsk]) -> None:
    """Uses the new address, in a browser that is signed in to the account."""
    await email_change.confirm_email_change(backends, caller, data.token)


@post("/auth/email/undo", status_code=200, tags=TAG)
async def undo_email_change(backends: Given[Backends], data: JSONBody[TokenAsk]) -> ResetAllowed:
    """Puts the old address back, ends all sessions, and lets a new password be chosen."""
    return ResetAllowed(await email_change.undo_email_change(backends, data.token))


@post("/auth/confirm", status_code=204, guards=[signed_in], tags=TAG)
async def confirm(backends: Given[Backends], caller: Given[Caller], data: JSONBody[ConfirmAsk]) -> Response[None]:
    """Shows again that it is you: delicate changes are open for the next quarter of an hour."""
    cookie = await passwords.confirm(backends, caller, password=data.password, code=data.code)
    return cookies.renewed(backends, Response(None), cookie)


@post("/auth/passkeys/options", status_code=200, tags=TAG)
async def passkey_options(backends: Given[Backends]) -> Ceremony:
    """For `navigator.credentials.get`, to sign in or to confirm."""
    return await passkeys.begin_passkey_sign_in(backends)


@post("/auth/passkeys/sign-in", status_code=200, tags=TAG)
async def sign_in_with_passkey(
    request: Request[Any, Any, Any], backends: Given[Backends], data: JSONBody[PasskeyAsk]
) -> Response[SignInAnswer]:
    """A passkey is enough: the device has verified the person."""
    visitor, old = visitor_of(request), cookies.session_cookie_of(request)
    done = await passkeys.sign_in_with_passkey(backends, data.ticket, data.credential, visitor, old)
    return answered(backends, done)


@post("/auth/passkeys/confirm", status_code=204, guards=[signed_in], tags=TAG)
async def confirm_with_passkey(
    backends: Given[Backends], caller: Given[Caller], data: JSONBody[PasskeyAsk]
) -> Response[None]:
    """As /auth/confirm, with a passkey."""
    cookie = await passkeys.confirm_with_passkey(backends, caller, data.ticket, data.credential)
    return cookies.renewed(backends, Response(None), cookie)


def answered(backends: Backends, done: SignedIn | SecondFactorNeeded) -> Response[SignInAnswer]:
    if isinstance(done, SecondFactorNeeded):
        return Response(SignInAnswer("code_needed", ticket=done.ticket))
    return cookies.let_in(backends, Response(SignInAnswer("signed_in", user_id=done.user_id)), done)


routes = [
    sign_up_start,
    verify_email,
    resend_verification,
    sign_in_with_password,
    give_code,
    sign_out,
    forgot_password,
    reset_password,
    confirm_email_change,
    undo_email_change,
    confirm,
    passkey_options,
    sign_in_with_passkey,
    confirm_with_passkey,
]
