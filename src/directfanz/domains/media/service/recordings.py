"""Files that were made here, such as the recording of a stream: they lie in the bucket already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.media.models import MEDIA, Asset, Caption, Kind, Rendition
from directfanz.domains.media.policy.names import shown_name
from directfanz.domains.media.repository import assets, renditions
from directfanz.errors import InvalidInput
from directfanz.kit.ids import new_id


async def adopt(
    backends: Backends, tx: Writer, creator_id: UUID, name: str, folder: UUID, made: Collection[Rendition],
    facts: Mapping[str, Any], *, kind: Kind = "video", mime: str = "video/mp4", original: str | None = None,
) -> Asset:  # fmt: skip
    """A ready file of what lies under `<folder hex>/v/1/` in the bucket `media`; `folder` becomes its id. `original`: the key of a
    file under `<folder hex>/o/` that may be downloaded. A second call answers what the first one made."""
    there = await assets.find(tx, folder)
    if there is not None:
        return there
    if original is not None and not original.startswith(f"{folder.hex}/o/"):
        raise InvalidInput.in_field("original", "A recording's own file lies in its own folder.")
    now = backends.clock.now()
    asset = Asset(
        id=folder, creator_id=creator_id, uploaded_by=None, source="recording", kind=kind, name=shown_name(name),
        bytes=sum(each.bytes for each in made), sha256=None, mime=mime, state="ready", reason_code=None, reason=None,
        original=original, version=1, facts=facts, downloadable=False, created_at=now, updated_at=now, ready_at=now,
        removed_at=None,
    )  # fmt: skip
    await assets.insert(tx, asset)
    await renditions.insert(tx, asset.id, 1, made)
    return asset


async def set_poster(backends: Backends, asset: Asset, webp: bytes) -> None:
    """In place of the one it had. Under a new name: players and the edge keep what they know by its name."""
    path = f"poster-{new_id().hex[-12:]}.webp"
    await backends.storage.bucket(MEDIA).put(f"{asset.views}/{asset.version}/{path}", webp, content_type="image/webp")
    width = int(asset.facts.get("width") or 0) or None
    made = Rendition(name="poster", role="poster", path=path, mime="image/webp", width=width, bytes=len(webp))
    async with backends.database.writing() as tx:
        await renditions.insert(tx, asset.id, asset.version, [made])


async def set_chapters(backends: Backends, asset: Asset, vtt: str, language: str) -> None:
    path = f"captions/{language}-chapters-{new_id().hex[-12:]}.vtt"
    await backends.storage.bucket(MEDIA).put(f"{asset.views}/{path}", vtt.encode(), content_type="text/vtt")
    async with backends.database.writing() as tx:
        caption = Caption(language=language, kind="chapters", label="Chapters", path=path)
        await renditions.put_caption(tx, asset.id, caption, backends.clock.now())


async def drop(backends: Backends, tx: Writer, asset_id: UUID) -> None:
    """Out of every post and list at once; the sweeper takes its bytes."""
    now = backends.clock.now()
    await assets.set_removed(tx, asset_id, now, now)
