from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Interval
from directfanz.domains.memberships.api.views import MINE, READ, WRITE, Amount, MembershipView, membership_view
from directfanz.domains.memberships.models import CancelReason, Happened, Preview
from directfanz.domains.memberships.service import asking, cancelling, changes, joining, mine, pausing, tiers
from directfanz.domains.memberships.service.changes import Wanted
from directfanz.domains.memberships.service.limit import SpendLimit
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.validation import Input
from directfanz.kit.money import Money

CHANGES = rate_limit("change-membership", per_minute=20, when_down="refuse")


class ChangeAsk(Input, frozen=True, kw_only=True):
    tier_id: UUID
    amount: Amount
    interval: Interval


class ChangeNowAsk(ChangeAsk, frozen=True, kw_only=True):
    """`at` is the preview's: what was shown is what is charged. Without it the change is made at the renewal."""

    at: datetime | None = None


class CancelAsk(Input, frozen=True, kw_only=True):
    reason: CancelReason = ""
    comment: Annotated[str, Meta(max_length=1000)] = ""


class PauseAsk(Input, frozen=True, kw_only=True):
    months: Annotated[int, Meta(ge=1, le=3)] | None = None


class AgreeAsk(Input, frozen=True, kw_only=True):
    change_id: UUID


@get("/memberships", guards=[READ], tags=MINE, summary="Your memberships, those that live first")
async def list_mine(backends: Given[Backends], caller: Given[Caller]) -> list[MembershipView]:
    return [membership_view(each) for each in await mine.all_mine(backends, caller)]


@get("/memberships/{membership_id:uuid}", guards=[READ], tags=MINE, summary="One of your memberships")
async def one(backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]) -> MembershipView:
    return await _shown(backends, caller, membership_id)


@get(
    "/memberships/{membership_id:uuid}/history",
    guards=[READ],
    tags=MINE,
    summary="What happened to it, the newest first",
)
async def history(backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]) -> list[Happened]:
    return await mine.history(backends, caller, membership_id)


@post(
    "/tiers/{tier_id:uuid}/join-free", guards=[WRITE], opt=CHANGES, tags=MINE, summary="Join a tier that costs nothing"
)
async def join_free(backends: Given[Backends], caller: Given[Caller], tier_id: FromPath[UUID]) -> MembershipView:
    row = await joining.join_free(backends, caller, tier_id)
    return await _shown(backends, caller, row.id)


@post(
    "/memberships/{membership_id:uuid}/preview-change", status_code=200, guards=[READ], opt=CHANGES, tags=MINE,
    summary="What another tier, amount or interval would cost, and from when it is true",
)  # fmt: skip
async def preview_change(
    backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID], data: JSONBody[ChangeAsk]
) -> Preview:
    return await changes.preview(backends, caller, membership_id, await _wanted(backends, data))


@post(
    "/memberships/{membership_id:uuid}/change", status_code=200, guards=[WRITE], opt=CHANGES, tags=MINE,
    summary="Change it: more at once, as the preview showed; less at the renewal",
)  # fmt: skip
async def change(
    backends: Given[Backends],
    caller: Given[Caller],
    spend_limit: Given[SpendLimit],
    membership_id: FromPath[UUID],
    data: JSONBody[ChangeNowAsk],
) -> MembershipView:
    wanted = await _wanted(backends, data)
    if data.at is None:
        await changes.downgrade_at_renewal(backends, caller, membership_id, wanted)
    else:
        await changes.upgrade_now(backends, caller, membership_id, wanted, data.at, spend_limit)
    return await _shown(backends, caller, membership_id)


@delete(
    "/memberships/{membership_id:uuid}/change", status_code=200, guards=[WRITE], tags=MINE,
    summary="Take back what is planned for the renewal",
)  # fmt: skip
async def take_back_change(
    backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> MembershipView:
    await changes.take_back(backends, caller, membership_id)
    return await _shown(backends, caller, membership_id)


@post(
    "/memberships/{membership_id:uuid}/cancel",
    status_code=200,
    guards=[WRITE],
    tags=MINE,
    summary="Cancel at the end of what is paid",
)
async def cancel(
    backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID], data: JSONBody[CancelAsk]
) -> MembershipView:
    await cancelling.cancel(backends, caller, membership_id, data.reason, data.comment)
    return await _shown(backends, caller, membership_id)


@delete(
    "/memberships/{membership_id:uuid}/cancel", status_code=200, guards=[WRITE], tags=MINE, summary="Stay after all"
)
async def take_back_cancel(
    backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> MembershipView:
    await cancelling.take_back(backends, caller, membership_id)
    return await _shown(backends, caller, membership_id)


@post(
    "/memberships/{membership_id:uuid}/pause", status_code=200, guards=[WRITE], opt=CHANGES, tags=MINE,
    summary="Rest for some months, or until you resume; nothing is charged",
)  # fmt: skip
async def pause(
    backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID], data: JSONBody[PauseAsk]
) -> MembershipView:
    await pausing.pause(backends, caller, membership_id, data.months)
    return await _shown(backends, caller, membership_id)


@post(
    "/memberships/{membership_id:uuid}/resume", status_code=200, guards=[WRITE], opt=CHANGES, tags=MINE,
    summary="Go on; after the paid period a new one is charged at once",
)  # fmt: skip
async def resume(
    backends: Given[Backends], caller: Given[Caller], spend_limit: Given[SpendLimit], membership_id: FromPath[UUID]
) -> MembershipView:
    await pausing.resume(backends, caller, membership_id, spend_limit)
    return await _shown(backends, caller, membership_id)


@post(
    "/memberships/{membership_id:uuid}/agree", status_code=200, guards=[WRITE], tags=MINE,
    summary="Agree to a new price that you were asked for, from the renewal on",
)  # fmt: skip
async def agree(
    backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID], data: JSONBody[AgreeAsk]
) -> MembershipView:
    await asking.agree(backends, caller, membership_id, data.change_id)
    return await _shown(backends, caller, membership_id)


async def _shown(backends: Backends, caller: Caller, membership_id: UUID) -> MembershipView:
    return membership_view(await mine.one(backends, caller, membership_id))


async def _wanted(backends: Backends, data: ChangeAsk) -> Wanted:
    tier = await tiers.find(backends.database, data.tier_id)
    return Wanted(data.tier_id, Money(data.amount, tier.currency), data.interval)


routes = [
    list_mine, one, history, join_free, preview_change, change, take_back_change, cancel, take_back_cancel, pause, resume, agree,
]  # fmt: skip
