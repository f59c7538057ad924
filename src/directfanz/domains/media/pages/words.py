"""How files are spoken of on pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from directfanz.domains.media.models import Asset, Kind, State, Usage
from directfanz.domains.media.policy import limits
from directfanz.domains.media.service.working import Progress

KIND_WORDS: dict[Kind, str] = {
    "video": "Film", "audio": "Sound", "image": "Picture", "document": "Document", "file": "File",
}  # fmt: skip
PICTURES: dict[Kind, str] = {
    "video": "film", "audio": "sound", "image": "picture", "document": "document", "file": "file",
}  # fmt: skip
STATE_WORDS: dict[State, str] = {
    "uploading": "Not all of it is here", "scanning": "Being looked through", "processing": "Being made ready",
    "ready": "Ready", "failed": "It did not work",
}  # fmt: skip
BUSY: frozenset[State] = frozenset({"scanning", "processing"})


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """A file as its line in the library shows it."""

    id: str
    name: str
    kind: str
    picture: str
    size: str
    facts: str
    state: State
    state_words: str
    reason: str | None
    busy: bool
    progress: int | None
    saved: bool
    original: bool
    created_at: datetime
    removed_at: datetime | None


def size(count: int) -> str:
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.0f} {units[0]}" if units[0] == "B" or value >= 100 else f"{value:.1f} {units[0]}"


def length(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def row_of(asset: Asset, progress: Progress | None = None) -> FileRow:
    """`progress` in percent, while somebody works on it."""
    working = progress is not None and not progress.waiting
    waits = "Waits for its turn" if progress is not None and progress.waiting else STATE_WORDS[asset.state]
    return FileRow(
        id=str(asset.id), name=asset.name, kind=KIND_WORDS[asset.kind], picture=PICTURES[asset.kind],
        size=size(asset.bytes), facts=_facts(asset), state=asset.state, state_words=waits,
        progress=round(100 * progress.progress) if progress is not None and working else None,
        reason=asset.reason, busy=asset.state in BUSY, saved=asset.downloadable, original=asset.original is not None,
        created_at=asset.created_at, removed_at=asset.removed_at,
    )  # fmt: skip


def usage_words(usage: Usage) -> dict[str, Any]:
    share = min(100, round(100 * usage.bytes / usage.most_bytes)) if usage.most_bytes else 100
    return {
        "kept": size(usage.bytes),
        "most": f"{usage.most_bytes // limits.GIB} GB",
        "share": share,
        "files": usage.files,
    }


def _facts(asset: Asset) -> str:
    told = []
    if isinstance(ms := asset.facts.get("duration_ms"), int):
        told.append(length(ms))
    if isinstance(wide := asset.facts.get("width"), int) and isinstance(high := asset.facts.get("height"), int):
        told.append(f"{wide} × {high}")
    if isinstance(pages := asset.facts.get("pages"), int):
        told.append(f"{pages} page" if pages == 1 else f"{pages} pages")
    return " · ".join(told)
