"""For operators: what the provider told, what failed, and whether the books agree."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, PathParameter

from directfanz.backends import Backends
from directfanz.domains.payments.pages.asking import Html, Page
from directfanz.domains.payments.service import overseeing, reconciling, refund_requests
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, require_role
from directfanz.http.dependencies import Given
from directfanz.http.pages import render, see_other

HERE = "/admin/payments"
EventId = Annotated[str, PathParameter(max_length=100)]
A_FEW = 30


@get("/")
async def payments_page(request: Page, backends: Given[Backends]) -> Html:
    return render(
        request, "payments/admin.html", failed=await overseeing.newest_events(backends, failed=True),
        newest=await overseeing.newest_events(backends, failed=False, limit=A_FEW), books=await reconciling.newest(backends, 7),
        totals=await overseeing.totals(backends), hanging=await overseeing.hanging(backends),
        asked_back=await refund_requests.escalated(backends),
    )  # fmt: skip


@post("/events/{event_id:str}/replay", status_code=200)
async def replay_do(request: Page, backends: Given[Backends], caller: Given[Caller], event_id: EventId) -> Html:
    try:
        await overseeing.replay(backends, caller, event_id)
    except DirectFanzError as error:
        return see_other(request, HERE, error.message, "problem")
    return see_other(request, HERE, "Taken. It has had its effect.")


@post("/reconcile", status_code=200)
async def reconcile_do(request: Page, backends: Given[Backends]) -> Html:
    try:
        done = await reconciling.reconcile(backends)
    except DirectFanzError as error:
        return see_other(request, HERE, error.message, "problem")
    if done.clean:
        return see_other(request, HERE, f"No difference in {done.moves:,} lines.")
    return see_other(request, HERE, f"{len(done.differences)} differences. They stand below.", "problem")


@post("/check", status_code=200)
async def check_do(request: Page, backends: Given[Backends]) -> Html:
    found = await overseeing.problems(backends)
    if not found:
        return see_other(request, HERE, "All that must hold in the books holds.")
    return see_other(request, HERE, "; ".join(found[:5]), "problem")


@post("/payouts/{payout_id:uuid}/again", status_code=200)
async def again_do(request: Page, backends: Given[Backends], caller: Given[Caller], payout_id: FromPath[UUID]) -> Html:
    for each in await overseeing.hanging(backends):
        if each.id == payout_id:
            await overseeing.try_again(backends, caller, each)
            return see_other(request, HERE, "It is tried again within the hour.")
    return see_other(request, HERE, "It hangs no more.", "info")


routes = [
    Router(
        HERE, route_handlers=[payments_page, replay_do, reconcile_do, check_do, again_do], guards=[require_role("admin")],
        include_in_schema=False,
    )
]  # fmt: skip
