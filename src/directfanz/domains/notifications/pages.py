"""What somebody was told, what they want to be told, and the link at the foot of a mail."""

from __future__ import annotations

from calendar import day_name
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.notifications.errors import NoSuchBrowser
from directfanz.domains.notifications.kinds import CHANNELS, KINDS, Kind
from directfanz.domains.notifications.models import Digest, Preference, Rhythm, view
from directfanz.domains.notifications.service import inbox, pushing
from directfanz.domains.notifications.service import preferences as choices
from directfanz.errors import DirectFanzError, InvalidInput
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import refuse
from directfanz.http.validation import Input
from directfanz.kit.paging import page_of

Page = Request[Any, Any, Any]
Html = Response[Any]
LISTING = "notifications"
LABELS = {"in_app": "At once, while you look", "email": "By e-mail", "push": "In your browsers, while they are closed"}
HOUR = 60
QUIET_FROM, QUIET_TO = 22 * HOUR, 8 * HOUR
HOURS = [[str(hour * HOUR), f"{hour:02}:00"] for hour in range(24)]
WEEKDAYS = [[str(number), name] for number, name in enumerate(day_name)]


class ChosenForm(Input, frozen=True):
    """The switches that are on, each `kind/channel`."""

    wanted: Annotated[list[Annotated[str, Meta(max_length=120)]], Meta(max_length=200)] = msgspec.field(
        default_factory=list
    )


class RhythmForm(Input, frozen=True):
    """Times as people write them."""

    quiet: bool = False
    quiet_from: Annotated[str, Meta(max_length=8)] = ""
    quiet_to: Annotated[str, Meta(max_length=8)] = ""
    digest: Digest = "at_once"
    digest_at: Annotated[int, Meta(ge=0, le=1439)] = 18 * HOUR
    digest_weekday: Annotated[int, Meta(ge=0, le=6)] = 0

    def rhythm(self) -> Rhythm:
        return Rhythm(
            quiet_from=_minute(self.quiet_from, "quiet_from") if self.quiet else None,
            quiet_to=_minute(self.quiet_to, "quiet_to") if self.quiet else None,
            digest=self.digest, digest_at=self.digest_at, digest_weekday=self.digest_weekday,
        )  # fmt: skip


class UptoForm(Input, frozen=True):
    upto: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


class TokenForm(Input, frozen=True):
    token: Annotated[str, Meta(max_length=500)]


@get("/notifications", guards=[signed_in], dependencies=PAGE)
async def list_page(request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]) -> Html:
    before = page.position(backends, LISTING, tuple[int])
    rows = await inbox.newest(backends, caller, before[0] if before else None, page.limit + 1)
    shown = page_of(rows, page.limit, cursor_key(backends), LISTING, lambda row: (row.position,))
    unread = await inbox.unread(backends, caller)
    more = f"/notifications?cursor={shown.next}" if shown.next else None
    told = [view(row) for row in shown.items]
    return render(request, "notifications/list.html", notifications=told, unread=unread, next_href=more)


@post("/notifications/{notification_id:uuid}/read", status_code=200, guards=[signed_in])
async def read_one(
    request: Page, backends: Given[Backends], caller: Given[Caller], notification_id: FromPath[UUID]
) -> Html:
    await inbox.mark_read(backends, caller, notification_id)
    return see_other(request, "/notifications")


@post("/notifications/read-all", status_code=200, guards=[signed_in])
async def read_all(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    """Up to the newest that the page showed: what came since stays new."""
    form = await read_form(request, UptoForm)
    await inbox.mark_all_read(backends, caller, form.data.upto)
    return see_other(request, "/notifications")


@get("/settings/notifications", guards=[signed_in])
async def preferences_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    return await _preferences(request, backends, caller)


@post("/settings/notifications", status_code=200, guards=[signed_in])
async def preferences_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, ChosenForm), 422
    if form.value is not None:
        on = set(form.value.wanted)
        wanted = [
            Preference(kind=name, channel=channel, wanted=f"{name}/{channel}" in on)
            for name, kind in _kinds_for(caller).items()
            for channel in CHANNELS
            if channel not in kind.always
        ]
        try:
            await choices.choose(backends, caller, wanted)
            return see_other(request, "/settings/notifications", "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _preferences(request, backends, caller, status)


@post("/settings/notifications/rhythm", status_code=200, guards=[signed_in])
async def rhythm_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, RhythmForm), 422
    if form.value is not None:
        try:
            await choices.keep_rhythm(backends, caller, form.value.rhythm())
            return see_other(request, "/settings/notifications", "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _preferences(request, backends, caller, status, form)


@post("/settings/notifications/browsers/{browser_id:uuid}/remove", status_code=200, guards=[signed_in])
async def browser_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], browser_id: FromPath[UUID]
) -> Html:
    with suppress(NoSuchBrowser):  # pressed twice
        await pushing.forget(backends, caller, browser_id)
    return see_other(request, "/settings/notifications", "You are told there no more.")


@get("/notifications/unsubscribe")
async def unsubscribe_page(request: Page, token: FromQuery[str] = "") -> Html:
    """A button, because programs that look into mail open links as well."""
    return render(request, "notifications/unsubscribe.html", token=token, done=None)


@post("/notifications/unsubscribe", status_code=200)
async def unsubscribe_do(request: Page, backends: Given[Backends]) -> Html:
    form = await read_form(request, TokenForm)
    kind = await choices.unsubscribe(backends, form.data.token)
    return render(request, "notifications/unsubscribe.html", token="", done=kind.about)


async def _preferences(
    request: Page, backends: Backends, caller: Caller, status: int = 200, form: Form[RhythmForm] | None = None
) -> Html:
    chosen = await choices.preferences(backends, caller)
    kinds = [_kind_row(name, [each for each in chosen if each.kind == name]) for name in _kinds_for(caller)]
    shown = form or Form.blank(**_as_typed(await choices.rhythm(backends, caller)))
    return render(
        request, "notifications/preferences.html", status, form=shown, kinds=kinds, hours=HOURS, weekdays=WEEKDAYS,
        push_key=await pushing.public_key(backends), browsers=await pushing.listed(backends, caller),
        zone_name=caller.timezone or "UTC",
    )  # fmt: skip


def _kinds_for(caller: Caller) -> dict[str, Kind]:
    return {name: kind for name, kind in KINDS.items() if not kind.for_operators or caller.role == "admin"}


def _kind_row(name: str, chosen: list[Preference]) -> dict[str, Any]:
    kind = KINDS[name]
    channels = [
        {"value": f"{name}/{each.channel}", "label": LABELS[each.channel], "on": each.wanted, "fixed": each.fixed}
        for each in chosen
    ]
    return {"about": kind.about, "picture": kind.picture, "channels": channels, "gathers": kind.gathers}


def _as_typed(rhythm: Rhythm) -> dict[str, Any]:
    return {
        "quiet": rhythm.quiet_from is not None,
        "quiet_from": _clock(rhythm.quiet_from if rhythm.quiet_from is not None else QUIET_FROM),
        "quiet_to": _clock(rhythm.quiet_to if rhythm.quiet_to is not None else QUIET_TO),
        "digest": rhythm.digest,
        "digest_at": str(rhythm.digest_at),
        "digest_weekday": str(rhythm.digest_weekday),
    }


def _clock(minute: int) -> str:
    return f"{minute // HOUR:02}:{minute % HOUR:02}"


def _minute(text: str, field: str) -> int:
    """`22:00`, as a field for times sends it."""
    hours, _, minutes = text.partition(":")
    if hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < HOUR:
        return int(hours) * HOUR + int(minutes)
    raise InvalidInput.in_field(field, "This is not a time.", "Write it like 22:00.")


routes = [
    Router(
        "/",
        route_handlers=[
            list_page, read_one, read_all, preferences_page, preferences_do, rhythm_do, browser_do, unsubscribe_page,
            unsubscribe_do,
        ],
        include_in_schema=False,
    )
]  # fmt: skip
