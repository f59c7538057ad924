"""How the platform does, for those who run it: engines, people, jobs, and what to do about a dead one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from directfanz.backends import Backends
from directfanz.backends.jobs import inspect
from directfanz.domains.accounts.service import admin as accounts
from directfanz.domains.audit import service as audit
from directfanz.errors import Conflict, DirectFanzError
from directfanz.http.caller import Caller, require_role
from directfanz.http.dependencies import Given
from directfanz.http.pages import render, see_other

Page = Request[Any, Any, Any]
Html = Response[Any]
Before = Annotated[int | None, QueryParameter(ge=1, le=2**63 - 1)]
PROBE_SECONDS = 2.0
JOBS_SHOWN = 30
DEAD: inspect.State = "dead"
STATES: tuple[inspect.State, ...] = ("dead", "waiting", "running")


class Engine(msgspec.Struct, frozen=True):
    name: str
    up: bool
    words: str


@get("/")
async def overview(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    """An engine that is down is shown as such; the page itself needs only the database."""
    engines = await asyncio.gather(
        _probed(backends, "PostgreSQL", backends.database.ping),
        _probed(backends, "Valkey", backends.cache.ping),
        _probed(backends, "Object store", backends.storage.ping),
    )
    async with backends.database.reading() as reader:
        due, dead = await inspect.count_due(reader), await inspect.count_dead(reader)
    queues = [[name, due.get(name, 0)] for name in backends.platform.queues]
    counts = await accounts.count_users(backends, caller)
    return render(request, "site/operations.html", engines=engines, queues=queues, dead=dead, counts=counts)


@get("/jobs")
async def jobs_page(
    request: Page, backends: Given[Backends], status: FromQuery[str] = DEAD, before: Before = None
) -> Html:
    chosen = next((each for each in STATES if each == status), DEAD)
    jobs = await inspect.list_jobs(backends.database, chosen, before=before, limit=JOBS_SHOWN + 1)
    shown = jobs[:JOBS_SHOWN]
    more = f"/admin/jobs?status={chosen}&before={shown[-1].id}" if len(jobs) > JOBS_SHOWN else None
    return render(request, "site/jobs.html", jobs=shown, state=chosen, next_href=more)


@post("/jobs/{job_id:int}/replay", status_code=200)
async def replay(request: Page, backends: Given[Backends], caller: Given[Caller], job_id: FromPath[int]) -> Html:
    try:
        async with backends.database.writing() as tx:
            if not await inspect.replay(tx, job_id):
                return see_other(request, "/admin/jobs", f"Job {job_id} is not dead any more.", "info")
            await audit.record(tx, actor=caller.user_id, action="jobs.replayed", job=job_id)
    except Conflict as error:
        return see_other(request, "/admin/jobs", error.message, "problem")
    return see_other(request, "/admin/jobs", f"Job {job_id} runs again, with all its tries.")


@post("/jobs/{job_id:int}/discard", status_code=200)
async def discard(request: Page, backends: Given[Backends], caller: Given[Caller], job_id: FromPath[int]) -> Html:
    async with backends.database.writing() as tx:
        if not await inspect.discard(tx, job_id):
            return see_other(request, "/admin/jobs", f"Job {job_id} is not dead any more.", "info")
        await audit.record(tx, actor=caller.user_id, action="jobs.discarded", job=job_id)
    return see_other(request, "/admin/jobs", f"Job {job_id} is discarded.")


async def _probed(backends: Backends, name: str, ping: Callable[[], Awaitable[None]]) -> Engine:
    began = backends.clock.monotonic()
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await ping()
    except (DirectFanzError, TimeoutError):
        return Engine(name, up=False, words=f"No answer within {PROBE_SECONDS:g} s")
    return Engine(name, up=True, words=f"Answered in {(backends.clock.monotonic() - began) * 1000:.1f} ms")


routes = [
    Router(
        "/admin", route_handlers=[overview, jobs_page, replay, discard], guards=[require_role("admin")],
        include_in_schema=False,
    )
]  # fmt: skip
