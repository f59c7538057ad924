"""The ways into one's own account: password, passkeys, two-step sign-in, other providers, access tokens."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.api.auth import Text
from directfanz.domains.accounts.models import AccessToken, Passkey
from directfanz.domains.accounts.service import access_tokens, oidc, passkeys, passwords, second_factor
from directfanz.domains.accounts.service.access_tokens import NewAccessToken
from directfanz.domains.accounts.service.passkeys import Ceremony
from directfanz.domains.accounts.service.second_factor import TotpSetup
from directfanz.http.caller import Caller, recently_confirmed, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.validation import Input

TAG = ["Me"]


class PasswordAsk(Input, frozen=True):
    new_password: Text
    current_password: Annotated[Text | None, Meta(description="Needed if the account has a password.")] = None


class NameAsk(Input, frozen=True):
    name: Text


class NewPasskeyAsk(Input, frozen=True):
    ticket: Text
    credential: Annotated[dict[str, Any], Meta(description="The answer of `navigator.credentials.create`, as JSON.")]
    name: Text = "Passkey"


class AppCodeAsk(Input, frozen=True):
    code: Annotated[str, Meta(max_length=20)]


class TicketAsk(Input, frozen=True):
    ticket: Text


class NewTokenAsk(Input, frozen=True):
    name: Text
    scopes: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=50)]
    days: Annotated[int, Meta(ge=1, le=366)] = 90


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Shown this once. Print them."""

    recovery_codes: list[str]


@put("/me/password", status_code=204, guards=[signed_in], tags=TAG)
async def change_password(
    backends: Given[Backends], caller: Given[Caller], data: JSONBody[PasswordAsk]
) -> Response[None]:
    """Signs out every other browser."""
    cookie = await passwords.change_password(backends, caller, data.current_password, data.new_password)
    return cookies.renewed(backends, Response(None), cookie)


@delete("/me/password", guards=[recently_confirmed], tags=TAG)
async def remove_password(backends: Given[Backends], caller: Given[Caller]) -> Response[None]:
    """For who signs in another way."""
    return cookies.renewed(backends, Response(None), await passwords.remove_password(backends, caller))


@post("/me/passkeys/options", status_code=200, guards=[recently_confirmed], tags=TAG)
async def new_passkey_options(backends: Given[Backends], caller: Given[Caller]) -> Ceremony:
    """For `navigator.credentials.create`."""
    return await passkeys.begin_passkey(backends, caller)


@post("/me/passkeys", guards=[recently_confirmed], tags=TAG)
async def add_passkey(backends: Given[Backends], caller: Given[Caller], data: JSONBody[NewPasskeyAsk]) -> Passkey:
    """Adds what the device made."""
    return await passkeys.add_passkey(backends, caller, data.ticket, data.credential, data.name)


@patch("/me/passkeys/{passkey_id:uuid}", status_code=204, guards=[signed_in], tags=TAG)
async def rename_passkey(
    backends: Given[Backends], caller: Given[Caller], passkey_id: FromPath[UUID], data: JSONBody[NameAsk]
) -> None:
    """So that one can be told from another."""
    await passkeys.rename_passkey(backends, caller, passkey_id, data.name)


@delete("/me/passkeys/{passkey_id:uuid}", guards=[recently_confirmed], tags=TAG)
async def remove_passkey(backends: Given[Backends], caller: Given[Caller], passkey_id: FromPath[UUID]) -> None:
    """Not the last way in."""
    await passkeys.remove_passkey(backends, caller, passkey_id)


@post("/me/totp", status_code=200, guards=[recently_confirmed], tags=TAG)
async def begin_totp(backends: Given[Backends], caller: Given[Caller]) -> TotpSetup:
    """A secret for the app. Nothing is on until its first code is confirmed."""
    return await second_factor.begin_totp(backends, caller)


@post("/me/totp/confirm", status_code=200, guards=[recently_confirmed], tags=TAG)
async def confirm_totp(
    backends: Given[Backends], caller: Given[Caller], data: JSONBody[AppCodeAsk]
) -> Response[RecoveryCodes]:
    """Switches two-step sign-in on."""
    on = await second_factor.confirm_totp(backends, caller, data.code)
    return cookies.renewed(backends, Response(RecoveryCodes(on.recovery_codes)), on.cookie)


@delete("/me/totp", guards=[recently_confirmed], tags=TAG)
async def switch_off_totp(backends: Given[Backends], caller: Given[Caller]) -> Response[None]:
    """Its recovery codes go with it."""
    return cookies.renewed(backends, Response(None), await second_factor.switch_off_totp(backends, caller))


@post("/me/recovery-codes", status_code=200, guards=[recently_confirmed], tags=TAG)
async def new_recovery_codes(backends: Given[Backends], caller: Given[Caller]) -> RecoveryCodes:
    """Ten new ones; the old no longer work."""
    return RecoveryCodes(await second_factor.new_recovery_codes(backends, caller))


@post("/me/identities", status_code=204, guards=[recently_confirmed], tags=TAG)
async def link_identity(backends: Given[Backends], caller: Given[Caller], data: JSONBody[TicketAsk]) -> None:
    """Links the provider whose sign-in ended with `link_needed`."""
    await oidc.link_identity(backends, caller, data.ticket)


@delete("/me/identities/{identity_id:uuid}", guards=[recently_confirmed], tags=TAG)
async def unlink_identity(backends: Given[Backends], caller: Given[Caller], identity_id: FromPath[UUID]) -> None:
    """Not the last way in."""
    await oidc.unlink_identity(backends, caller, identity_id)


@get("/me/tokens", guards=[signed_in], tags=TAG)
async def list_tokens(backends: Given[Backends], caller: Given[Caller]) -> list[AccessToken]:
    """Without their secrets, which nobody can read again."""
    return await access_tokens.list_tokens(backends, caller)


@post("/me/tokens", guards=[recently_confirmed], tags=TAG)
async def make_token(backends: Given[Backends], caller: Given[Caller], data: JSONBody[NewTokenAsk]) -> NewAccessToken:
    """The secret is shown this once."""
    return await access_tokens.make_token(backends, caller, data.name, data.scopes, data.days)


@delete("/me/tokens/{token_id:uuid}", guards=[signed_in], tags=TAG)
async def revoke_token(backends: Given[Backends], caller: Given[Caller], token_id: FromPath[UUID]) -> None:
    """It opens nothing any more."""
    await access_tokens.revoke_token(backends, caller, token_id)


routes = [
    change_password,
    remove_password,
    new_passkey_options,
    add_passkey,
    rename_passkey,
    remove_passkey,
    begin_totp,
    confirm_totp,
    switch_off_totp,
    new_recovery_codes,
    link_identity,
    unlink_identity,
    list_tokens,
    make_token,
    revoke_token,
]
