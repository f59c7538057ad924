"""The files of Ada's posts: made here, sent like anybody's files, looked through and made ready by the worker."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import httpx
import msgspec

from directfanz.backends import Backends
from directfanz.domains.accounts.repository import users
from directfanz.domains.content.models import Attachment, Post
from directfanz.domains.content.service import attaching, writing
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.repository import pages
from directfanz.domains.creators.service import team
from directfanz.domains.media.models import Asset, Upload
from directfanz.domains.media.service import library, subtitles, uploading
from directfanz.domains.media.service.uploading import Wanted
from directfanz.http.caller import Caller
from directfanz.local.demo_files import film, pictures, sheets, song
from directfanz.local.demo_page import SLUG

PICTURES = Draft(
    title="Four pictures of one night", body="Between the second take and the third I had a camera and no idea."
)
SOUND = Draft(
    title="Fridge in B flat, as it hums", body="The demo, with the fridge left in. Turn it up until you hear it."
)
FILM, SHEETS, STEMS = "The long winter, first take", "Chords of the week: drop D, and why", "Stems: The long winter"


class Page(msgspec.Struct, frozen=True):
    backends: Backends
    caller: Caller
    creator: Creator


async def bring(backends: Backends) -> None:
    """What is there is not brought again, so it may be killed and begun anew."""
    async with backends.database.writing() as tx:
        ada, creator = await users.find_by_handle(tx, "ada"), await pages.find_by_slug(tx, SLUG)
        if ada is None or creator is None:
            return
        caller = Caller(user_id=ada.id, role=ada.role, name=ada.display_name)
        if await team.role_of(tx, caller, creator.id) is None:
            return
    page = Page(backends, caller, creator)
    with TemporaryDirectory(dir=backends.settings.scratch_dir) as folder:
        await _in(page, Path(folder))


async def _in(page: Page, folder: Path) -> None:
    drawn = await asyncio.to_thread(pictures.draw_all, folder)
    shown = [Attachment(asset_id=(await _sent(page, path)).id, caption=says, alt=alt) for path, says, alt in drawn]
    await _with_files(page, PICTURES, shown)
    await asyncio.to_thread(sheets.print_book, folder / "kitchen-songs.pdf")
    await _attach(page, SHEETS, [Attachment(asset_id=(await _sent(page, folder / "kitchen-songs.pdf", saved=True)).id)])
    await asyncio.to_thread(song.play, folder / "the-long-winter.wav")
    await _with_files(
        page,
        SOUND,
        [
            Attachment(
                asset_id=(await _sent(page, folder / "the-long-winter.wav")).id, alt="The long winter, fridge and all"
            )
        ],
    )
    await asyncio.to_thread(film.shoot, folder / "first-take.mp4", folder / "the-long-winter.wav")
    taken = await _sent(page, folder / "first-take.mp4")
    await subtitles.put(page.backends, page.caller, taken.id, "en", "captions", film.WORDS.encode())
    await _attach(page, FILM, [Attachment(asset_id=taken.id, alt="Snow in front of a kitchen window")])
    await asyncio.to_thread(song.play, folder / "guitar.wav", 4, "guitar")
    await _attach(
        page,
        STEMS,
        [Attachment(asset_id=(await _sent(page, folder / "guitar.wav", saved=True)).id, alt="The guitar by itself")],
    )


async def _sent(page: Page, path: Path, *, saved: bool = False) -> Asset:
    """`saved`: who may hear or see it may keep it."""
    for there in await library.list_for_team(page.backends, page.caller, page.creator.id, words=path.name):
        if there.state != "uploading":
            return there
    body = await asyncio.to_thread(path.read_bytes)
    wanted = Wanted(name=path.name, size=len(body), fingerprint=f"demo {path.name} {len(body)}")
    upload = await uploading.begin(page.backends, page.caller, page.creator.id, wanted)
    await _parts(page, upload, body)
    asset = await uploading.complete(page.backends, page.caller, upload.id)
    if saved:
        await library.describe(page.backends, page.caller, asset.id, name=None, downloadable=True)
    return asset


async def _parts(page: Page, upload: Upload, body: bytes) -> None:
    pieces = {n: body[(n - 1) * upload.part_bytes : n * upload.part_bytes] for n in range(1, upload.parts + 1)}
    sums = {number: hashlib.sha256(piece) for number, piece in pieces.items()}
    told = {number: each.hexdigest() for number, each in sums.items()}
    where = await uploading.addresses(page.backends, page.caller, upload.id, told)
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        for number, address in where.items():
            checked = {"x-amz-checksum-sha256": b64encode(sums[number].digest()).decode()}
            (await client.put(address, content=pieces[number], headers=checked)).raise_for_status()


async def _with_files(page: Page, wanted: Draft, shown: Sequence[Attachment]) -> None:
    """A post of its own for them."""
    if await _called(page, wanted.title) is None:
        made = await writing.begin(page.backends, page.caller, page.creator.id, wanted)
        await _put(page, made, shown)
        await writing.publish(page.backends, page.caller, made.id)


async def _attach(page: Page, title: str, shown: Sequence[Attachment]) -> None:
    if (post := await _called(page, title)) is not None:
        await _put(page, post, shown)


async def _called(page: Page, title: str) -> Post | None:
    listed = await writing.list_for_team(page.backends, page.caller, page.creator.id, None, None, 100)
    return next((each for each in listed if each.title == title), None)


async def _put(page: Page, post: Post, shown: Sequence[Attachment]) -> None:
    async with page.backends.database.writing() as tx:
        held = (await attaching.of_posts(tx, [post.id]))[post.id]
        there: set[UUID] = {each.asset.id for each in held}
        if not there & {each.asset_id for each in shown}:
            await attaching.put(tx, post, shown)
