"""The file that a person takes along: JSON for programs, one page of HTML for people, and their own files."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from uuid import UUID

import minijinja
import msgspec

from directfanz.backends import Backends
from directfanz.domains.privacy.contributors import CONTRIBUTORS, File, Told
from directfanz.errors import NotFound

TEMPLATE = Path(__file__).parents[1] / "templates" / "archive.html"
READ_BYTES = 1024 * 1024
README = """This is everything that {site} holds about you, as of {at}.

index.html   to read in a browser
data/*.json  the same for programs
files/       what you uploaded
"""


async def write_archive(backends: Backends, user_id: UUID, out: BinaryIO) -> None:
    """One file at a time: memory does not grow with what a person has."""
    now = backends.clock.now()
    told: dict[str, Told] = {}
    files: list[File] = []
    async with backends.database.reading() as reader:
        for part in CONTRIBUTORS:
            told[part.name] = await part.tell(reader, user_id)
            if part.files is not None:
                files += [File(*each) for each in await part.files(reader, user_id)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README.format(site=backends.settings.site_name, at=now.isoformat()))
        archive.writestr("index.html", _page(backends.settings.site_name, now, told))
        for name, sections in told.items():
            archive.writestr(f"data/{name}.json", msgspec.json.format(msgspec.json.encode(sections), indent=2))
        for file in files:
            await _add(backends, archive, file)


async def _add(backends: Backends, archive: zipfile.ZipFile, file: File) -> None:
    """A file that was removed meanwhile is simply not there any more."""
    path = PurePosixPath("files") / file.name
    try:
        await backends.storage.bucket(file.bucket).head(file.key)
    except NotFound:
        return
    with archive.open(str(path), "w", force_zip64=True) as entry:
        async for piece in backends.storage.bucket(file.bucket).stream(file.key):
            entry.write(piece)


def _page(site: str, at: datetime, told: Mapping[str, Told]) -> str:
    titles = {part.name: part.title for part in CONTRIBUTORS}
    domains = [
        {
            "title": titles[name],
            "sections": [{"title": title, "records": _readable(records)} for title, records in sections.items()],
        }
        for name, sections in told.items()
    ]
    environment = minijinja.Environment(auto_escape_callback=lambda name: True)
    return environment.render_str(TEMPLATE.read_text(), "archive.html", site=site, at=at.isoformat(), domains=domains)


def _readable(records: list[Mapping[str, Any]]) -> list[list[tuple[str, str]]]:
    plain = msgspec.to_builtins(records, str_keys=True)
    return [
        [(name.replace("_", " "), "" if value is None else str(value)) for name, value in each.items()]
        for each in plain
    ]


async def pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    while piece := file.read(READ_BYTES):
        yield piece
