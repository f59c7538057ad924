from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.privacy.models import Closing, Export, ExportState
from directfanz.domains.privacy.service import exports, leaving
from directfanz.http.caller import Caller, recently_confirmed, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit

TAGS = ["Your data"]


class ExportView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    state: ExportState
    created_at: datetime
    expires_at: datetime | None
    bytes: int | None
    sha256: str | None


class ClosingView(msgspec.Struct, frozen=True, kw_only=True):
    asked_at: datetime
    due_at: datetime


@post(
    "/me/exports", status_code=202, guards=[recently_confirmed], opt=rate_limit("export", per_hour=10), tags=TAGS,
    summary="Collect everything that is held about you",
)  # fmt: skip
async def ask_export(backends: Given[Backends], caller: Given[Caller]) -> ExportView:
    return _export(await exports.ask_export(backends, caller))


@get("/me/exports", guards=[signed_in], tags=TAGS, summary="Your last exports")
async def list_exports(backends: Given[Backends], caller: Given[Caller]) -> list[ExportView]:
    return [_export(each) for each in await exports.list_exports(backends, caller)]


@get(
    "/me/exports/{export_id:uuid}/download", status_code=303, guards=[signed_in], tags=TAGS,
    summary="Leads to the archive, by a link that opens for a few minutes",
)  # fmt: skip
async def download(backends: Given[Backends], caller: Given[Caller], export_id: FromPath[UUID]) -> Redirect:
    return Redirect(await exports.download_link(backends, caller, export_id), status_code=303)


@post(
    "/me/closing", status_code=202, guards=[recently_confirmed], tags=TAGS,
    summary="Close your account; it is erased when the time of grace is over",
)  # fmt: skip
async def close(backends: Given[Backends], caller: Given[Caller]) -> ClosingView:
    return _closing(await leaving.close_account(backends, caller))


@delete("/me/closing", status_code=204, guards=[signed_in], tags=TAGS, summary="Keep your account after all")
async def keep(backends: Given[Backends], caller: Given[Caller]) -> None:
    await leaving.keep_account(backends, caller)


def _export(export: Export) -> ExportView:
    return ExportView(
        id=export.id, state=export.state, created_at=export.created_at, expires_at=export.expires_at,
        bytes=export.bytes, sha256=export.sha256,
    )  # fmt: skip


def _closing(closing: Closing) -> ClosingView:
    return ClosingView(asked_at=closing.asked_at, due_at=closing.due_at)


routes = [ask_export, list_exports, download, close, keep]
