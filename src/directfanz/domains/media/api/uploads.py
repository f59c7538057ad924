"""How a file arrives: begin, ask where each part goes, send it there, complete."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.media.api.views import (
    TAG,
    WRITE,
    CompleteAsk,
    FileView,
    PartAddress,
    PartsAsk,
    PartsView,
    Slug,
    UploadAsk,
    UploadView,
    UsageView,
    file_view,
    upload_view,
)
from directfanz.domains.media.service import uploading
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit

OFTEN = rate_limit("upload-parts", per_minute=1200)


@post("/creators/{slug:str}/uploads", guards=[WRITE], opt=OFTEN, tags=TAG, summary="Begin an upload, or go on with it")
async def begin_upload(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[UploadAsk]
) -> UploadView:
    """With the fingerprint of an upload that is open, that one is answered, with the parts that are there."""
    entered = await studio.enter(backends, caller, slug, "posts")
    wanted = uploading.Wanted(
        name=data.name, size=data.bytes, fingerprint=data.fingerprint, mime=data.mime, sha256=data.sha256,
        opening=_bytes_in(data.opening),
    )  # fmt: skip
    upload = await uploading.begin(backends, caller, entered.creator.id, wanted)
    found = await uploading.look(backends, caller, upload.id)
    return upload_view(found.upload, found.held)


@get("/creators/{slug:str}/uploads", guards=[WRITE], tags=TAG, summary="Uploads that are not finished")
async def list_uploads(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[UploadView]:
    """Without the parts that are there: ask for one of them."""
    entered = await studio.enter(backends, caller, slug, "posts")
    return [upload_view(each, []) for each in await uploading.open_of(backends, caller, entered.creator.id)]


@get("/creators/{slug:str}/media-usage", guards=[WRITE], tags=TAG, summary="What a page keeps, and what it may")
async def get_usage(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> UsageView:
    entered = await studio.enter(backends, caller, slug, "posts")
    found = await uploading.usage(backends, caller, entered.creator.id)
    return UsageView(**{name: getattr(found, name) for name in UsageView.__struct_fields__})


@get("/uploads/{upload_id:uuid}", guards=[WRITE], opt=OFTEN, tags=TAG, summary="How far an upload is")
async def get_upload(backends: Given[Backends], caller: Given[Caller], upload_id: FromPath[UUID]) -> UploadView:
    """The store is asked which parts it holds."""
    found = await uploading.look(backends, caller, upload_id)
    return upload_view(found.upload, found.held)


@post(
    "/uploads/{upload_id:uuid}/parts", status_code=200, guards=[WRITE], opt=OFTEN, tags=TAG,
    summary="Ask where parts are sent",
)  # fmt: skip
async def get_addresses(
    backends: Given[Backends], caller: Given[Caller], upload_id: FromPath[UUID], data: JSONBody[PartsAsk]
) -> PartsView:
    """Each address takes exactly the bytes whose SHA-256 you say."""
    sums = {part.number: part.sha256 for part in data.parts}
    where = await uploading.addresses(backends, caller, upload_id, sums)
    parts = [
        PartAddress(number=number, url=url, headers={"x-amz-checksum-sha256": _base64_of(sums[number])})
        for number, url in where.items()
    ]
    return PartsView(parts=parts, seconds=backends.platform.media.address_seconds)


@post(
    "/uploads/{upload_id:uuid}/complete", status_code=200, guards=[WRITE], opt=OFTEN, tags=TAG,
    summary="All parts are sent",
)  # fmt: skip
async def complete_upload(
    backends: Given[Backends], caller: Given[Caller], upload_id: FromPath[UUID], data: JSONBody[CompleteAsk]
) -> FileView:
    """Answers the file, which is looked through now. Missing parts are named (409). May be repeated."""
    return file_view(await uploading.complete(backends, caller, upload_id, data.sha256))


@delete("/uploads/{upload_id:uuid}", guards=[WRITE], tags=TAG, summary="Cancel an upload")
async def cancel_upload(backends: Given[Backends], caller: Given[Caller], upload_id: FromPath[UUID]) -> None:
    """What was sent goes. One that is completed stays."""
    await uploading.give_up(backends, caller, upload_id)


def _bytes_in(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise InvalidInput.in_field("opening", "This is not base64.") from None


def _base64_of(digest: str) -> str:
    return b64encode(bytes.fromhex(digest)).decode()


routes = [begin_upload, list_uploads, get_usage, get_upload, get_addresses, complete_upload, cancel_upload]
