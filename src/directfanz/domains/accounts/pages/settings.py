"""What a person shows, where mail reaches them, and how pages look to them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.accounts.models import avatar_url
from directfanz.domains.accounts.pages.asking import AddressAsk, Html, Page, Text
from directfanz.domains.accounts.service import avatars, email_change, oidc, profile, security
from directfanz.domains.accounts.service.profile import ProfileChange
from directfanz.errors import DirectFanzError
from directfanz.http.arrival import ZONE_COOKIE
from directfanz.http.caller import Caller, recently_confirmed
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, Upload, read_form
from directfanz.http.look import TEXT_COOKIE, THEME_COOKIE, TextSize, Theme
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input

LANGUAGES = [
    ["en", "English"], ["de", "Deutsch"], ["es", "Español"], ["fr", "Français"], ["it", "Italiano"], ["ja", "日本語"],
    ["nl", "Nederlands"], ["pl", "Polski"], ["pt", "Português"],
]  # fmt: skip
_YEAR_SECONDS = 31_536_000


class ProfileForm(Input, frozen=True):
    display_name: Text
    handle: Text
    bio: Text = ""
    listed: bool = False


class AvatarForm(Input, frozen=True):
    avatar: Upload | None = None


class LookForm(Input, frozen=True):
    timezone: Annotated[str, Meta(max_length=64)]
    locale: Annotated[str, Meta(max_length=20)]
    theme: Theme = "system"
    text: TextSize = "normal"


@get("/")
async def index(request: Page) -> Html:
    return render(request, "accounts/settings_index.html")


@get("/profile")
async def profile_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    return await _profile(request, backends, caller, None)


@post("/profile", status_code=200)
async def profile_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, ProfileForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        wanted = ProfileChange(display_name=asked.display_name, handle=asked.handle, bio=asked.bio, listed=asked.listed)
        try:
            await profile.change_profile(backends, caller, wanted)
            return see_other(request, "/settings/profile", "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _profile(request, backends, caller, form, status)


@post("/profile/avatar", status_code=200)
async def avatar_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    """For a browser without scripts; with one the picture is made small before it is sent."""
    form, status = await read_form(request, AvatarForm), UNPROCESSABLE
    if form.value is not None and form.value.avatar is None:
        form.refuse("avatar", "Choose a picture first.")
    elif form.value is not None and form.value.avatar is not None:
        try:
            await avatars.set_avatar(backends, caller, form.value.avatar.data)
            return see_other(request, "/settings/profile", "Your new picture shows.")
        except DirectFanzError as error:
            status = refuse(form, error)
            form.refuse("avatar", form.problem or error.message)
    return await _profile(request, backends, caller, None, status, picture_problem=form.errors.get("avatar"))


@post("/profile/avatar/remove", status_code=200)
async def avatar_remove(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    await avatars.remove_avatar(backends, caller)
    return see_other(request, "/settings/profile", "Your picture is gone.")


@get("/account")
async def account_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    return await _account(request, backends, caller, Form.blank())


@post("/account/email", status_code=200, guards=[recently_confirmed])
async def email_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, AddressAsk), UNPROCESSABLE
    if form.value is not None:
        try:
            await email_change.ask_to_change_email(backends, caller, form.value.email)
            notice = "We sent a link to the new address. Until you open it, the old one stays."
            return see_other(request, "/settings/account", notice, "info")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _account(request, backends, caller, form, status)


@post("/account/identities/{identity_id:uuid}/remove", status_code=200, guards=[recently_confirmed])
async def unlink(request: Page, backends: Given[Backends], caller: Given[Caller], identity_id: FromPath[UUID]) -> Html:
    form = Form.blank()
    try:
        await oidc.unlink_identity(backends, caller, identity_id)
        return see_other(request, "/settings/account", "Unlinked.")
    except DirectFanzError as error:
        refuse(form, error)
    return see_other(request, "/settings/account", form.problem, "problem")


@get("/appearance")
async def look_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    user = await profile.profile_of(backends, caller.require_user())
    return _look(request, Form.blank(timezone=user.timezone, locale=user.locale))


@post("/appearance", status_code=200)
async def look_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, LookForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        wanted = ProfileChange(theme=asked.theme, timezone=asked.timezone, locale=asked.locale)
        try:
            await profile.change_profile(backends, caller, wanted)
            return _kept(request, backends, asked)
        except DirectFanzError as error:
            status = refuse(form, error)
    return _look(request, form, status)


def _kept(request: Page, backends: Backends, look: LookForm) -> Html:
    answer = see_other(request, "/settings/appearance", "Saved.")
    secure = backends.settings.site_url.startswith("https://")
    for name, value in ((THEME_COOKIE, look.theme), (TEXT_COOKIE, look.text), (ZONE_COOKIE, look.timezone)):
        answer.set_cookie(Cookie(name, value=value, max_age=_YEAR_SECONDS, path="/", secure=secure, samesite="lax"))
    return answer


def _look(request: Page, form: Form[Any], status: int = 200) -> Html:
    zones = [[zone, zone.replace("_", " ")] for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"]
    shown = {"form": form, "zones": zones, "locales": LANGUAGES}
    return render(request, "accounts/settings_appearance.html", status, **shown)


async def _profile(
    request: Page, backends: Backends, caller: Caller, form: Form[Any] | None, status: int = 200,
    picture_problem: str | None = None,
) -> Html:  # fmt: skip
    user = await profile.profile_of(backends, caller.require_user())
    if form is None:
        form = Form.blank(display_name=user.display_name, handle=user.handle, bio=user.bio, listed=user.listed)
    shown = {"form": form, "user": user, "picture_problem": picture_problem, "avatar_url": avatar_url}
    return render(request, "accounts/settings_profile.html", status, **shown)


async def _account(request: Page, backends: Backends, caller: Caller, form: Form[Any], status: int = 200) -> Html:
    user = await profile.profile_of(backends, caller.require_user())
    doors = await security.security_of(backends, caller)
    known = oidc.providers(backends)
    shown = {
        "form": form, "user": user, "security": doors, "providers": known,
        "labels": {each.name: each.label for each in known}, "linked": [each.provider for each in doors.identities],
    }  # fmt: skip
    return render(request, "accounts/settings_account.html", status, **shown)


routes = [
    index, profile_page, profile_do, avatar_do, avatar_remove, account_page, email_do, unlink, look_page, look_do,
]  # fmt: skip
