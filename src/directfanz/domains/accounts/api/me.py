"""One's own account: what it shows, how pages look, where it is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.accounts.api.auth import AddressAsk, MailSent
from directfanz.domains.accounts.models import Security, Session, Status, Theme, User, avatar_url
from directfanz.domains.accounts.service import avatars, email_change, profile, security, sessions
from directfanz.http.caller import Caller, Role, recently_confirmed, require_scope, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.described import takes_body, takes_if_match
from directfanz.http.etags import require_match
from directfanz.http.validation import Input

TAG = ["Me"]
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
Text = Annotated[str, Meta(max_length=1000)]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    email: str | None
    handle: str
    display_name: str
    bio: str
    avatar: str | None
    role: Role
    status: Status
    locale: str
    timezone: str
    theme: Theme
    listed: bool
    created_at: datetime


class MePatch(Input, frozen=True):
    """Only what is given changes."""

    display_name: Text | None = None
    handle: Text | None = None
    bio: Text | None = None
    locale: Annotated[str, Meta(max_length=20)] | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None
    theme: Theme | None = None
    listed: bool | None = None


class AvatarView(msgspec.Struct, frozen=True):
    avatar: str | None


class SessionView(msgspec.Struct, frozen=True):
    session: Session
    current: bool


class SignedOut(msgspec.Struct, frozen=True):
    sessions: int


def me_of(user: User) -> Me:
    shown = {name: getattr(user, name) for name in Me.__struct_fields__}
    return Me(**{**shown, "avatar": avatar_url(user.avatar)})


@get("/me", guards=[require_scope("profile:read")], tags=TAG)
async def get_me(backends: Given[Backends], caller: Given[Caller]) -> Me:
    """Who is signed in."""
    return me_of(await profile.profile_of(backends, caller.require_user()))


@patch("/me", guards=[require_scope("profile:write")], opt=takes_if_match(), tags=TAG)
async def change_me(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], data: JSONBody[MePatch]
) -> Me:
    """Name, handle, words about oneself, preferences."""
    require_match(request, me_of(await profile.profile_of(backends, caller.require_user())))
    wanted = profile.ProfileChange(**msgspec.structs.asdict(data))
    return me_of(await profile.change_profile(backends, caller, wanted))


@put("/me/avatar", guards=[require_scope("profile:write")], opt=takes_body(*PICTURES), tags=TAG)
async def put_avatar(request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller]) -> AvatarView:
    """The body is the picture itself: JPEG, PNG, WebP or GIF, at most 2 MiB."""
    return AvatarView(avatar_url(await avatars.set_avatar(backends, caller, await request.body())))


@delete("/me/avatar", guards=[require_scope("profile:write")], tags=TAG)
async def delete_avatar(backends: Given[Backends], caller: Given[Caller]) -> None:
    """Shows the first letter of the name instead."""
    await avatars.remove_avatar(backends, caller)


@post("/me/email", status_code=202, guards=[recently_confirmed], tags=TAG)
async def change_email(backends: Given[Backends], caller: Given[Caller], data: JSONBody[AddressAsk]) -> MailSent:
    """A link is mailed to the new address; the old one stays until it is opened."""
    await email_change.ask_to_change_email(backends, caller, data.email)
    return MailSent()


@get("/me/security", guards=[signed_in], tags=TAG)
async def get_security(backends: Given[Backends], caller: Given[Caller]) -> Security:
    """Which ways into the account there are."""
    return await security.security_of(backends, caller)


@get("/me/sessions", guards=[signed_in], tags=TAG)
async def list_sessions(backends: Given[Backends], caller: Given[Caller]) -> list[SessionView]:
    """Every browser that is signed in, the last used first."""
    live = await sessions.list_sessions(backends, caller)
    return [SessionView(each, str(each.id) == caller.session_id) for each in live]


@delete("/me/sessions", status_code=200, guards=[signed_in], tags=TAG)
async def revoke_other_sessions(backends: Given[Backends], caller: Given[Caller]) -> SignedOut:
    """Signs out every other browser."""
    return SignedOut(await sessions.revoke_other_sessions(backends, caller))


@delete("/me/sessions/{session_id:uuid}", guards=[signed_in], tags=TAG)
async def revoke_session(
    backends: Given[Backends], caller: Given[Caller], session_id: FromPath[UUID]
) -> Response[None]:
    """Signs out one browser."""
    await sessions.revoke_session(backends, caller, session_id)
    return Response(None)


routes = [
    get_me,
    change_me,
    put_avatar,
    delete_avatar,
    change_email,
    get_security,
    list_sessions,
    revoke_other_sessions,
    revoke_session,
]
