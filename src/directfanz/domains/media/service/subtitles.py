"""Subtitles of a film or a sound: given by the team, or found in the file."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.media.errors import AssetMoved, NoSuchSubtitles
from directfanz.domains.media.models import MEDIA, Asset, Caption
from directfanz.domains.media.policy import subtitles
from directfanz.domains.media.policy.languages import TAG, name_of, tag_of
from directfanz.domains.media.repository import renditions
from directfanz.domains.media.service import library
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

Kind = Literal["subtitles", "captions", "chapters"]
MOST_TRACKS = 40


async def put(
    backends: Backends, caller: Caller, asset_id: UUID, language: str, kind: Kind, data: bytes, label: str = ""
) -> Caption:
    """In place of the one of this language and kind."""
    asset = await library.get(backends, caller, asset_id)
    if asset.kind not in ("video", "audio"):
        raise AssetMoved("Only films and sounds have subtitles.")
    if not TAG.match(language):
        raise InvalidInput.in_field("language", "This is no language.", "Use a code such as en, de or pt-BR.")
    text = subtitles.written(subtitles.read(data))
    there = await library.captions_of(backends.database, asset_id)
    if len(there) >= MOST_TRACKS and not any((each.language, each.kind) == (language, kind) for each in there):
        raise AssetMoved(f"A file has at most {MOST_TRACKS} tracks of subtitles.")
    return await _kept(backends, asset, language, kind, label.strip()[:80] or name_of(language), text)


async def remove(backends: Backends, caller: Caller, asset_id: UUID, language: str, kind: Kind) -> None:
    await library.get(backends, caller, asset_id)
    async with backends.database.writing() as tx:
        if not await renditions.remove_caption(tx, asset_id, language, kind):
            raise NoSuchSubtitles("There are no such subtitles, or not any more.")


async def keep_embedded(backends: Backends, asset: Asset, found: list[tuple[str, str]]) -> None:
    """Those that came in the file. What the team gave is better, and stays; what cannot be read is left out."""
    there = {(each.language, each.kind) for each in await library.captions_of(backends.database, asset.id)}
    for code, text in found:
        language = tag_of(code)
        if (language, "subtitles") in there:
            continue
        try:
            clean = subtitles.written(subtitles.read(text.encode()))
        except InvalidInput:
            continue
        await _kept(backends, asset, language, "subtitles", name_of(language), clean)
        there.add((language, "subtitles"))


async def _kept(backends: Backends, asset: Asset, language: str, kind: Kind, label: str, text: str) -> Caption:
    """Under a new name each time: players and the edge keep what they know by its name."""
    path = f"captions/{language}-{kind}-{new_id().hex[-12:]}.vtt"
    await backends.storage.bucket(MEDIA).put(f"{asset.views}/{path}", text.encode(), content_type="text/vtt")
    caption = Caption(language=language, kind=kind, label=label, path=path)
    async with backends.database.writing() as tx:
        await renditions.put_caption(tx, asset.id, caption, backends.clock.now())
    return caption
