"""Reads what a player would read: playlists and their segments, out of a bucket."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from directfanz.backends.storage.contract import Bucket


class Played(msgspec.Struct, frozen=True):
    attributes: dict[str, str]
    path: str
    lengths: list[float]
    parts: list[str]
    init: str


class Film(msgspec.Struct, frozen=True):
    pictures: list[Played]
    sounds: list[Played]


async def read_film(bucket: Bucket, folder: str) -> Film:
    text = (await bucket.get(f"{folder}/index.m3u8")).decode()
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    pictures, sounds = [], []
    for at, line in enumerate(lines):
        if line.startswith("#EXT-X-STREAM-INF:"):
            pictures.append(await _played(bucket, folder, _attributes(line), lines[at + 1]))
        elif line.startswith("#EXT-X-MEDIA:"):
            told = _attributes(line)
            sounds.append(await _played(bucket, folder, told, told["URI"]))
    return Film(pictures, sounds)


def _attributes(line: str) -> dict[str, str]:
    return {key: value.strip('"') for key, value in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line.split(":", 1)[1])}


async def _played(bucket: Bucket, folder: str, attributes: dict[str, str], path: str) -> Played:
    text = (await bucket.get(f"{folder}/{path}")).decode()
    assert "#EXT-X-ENDLIST" in text
    lengths = [float(length) for length in re.findall(r"#EXTINF:([\d.]+)", text)]
    parts = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(lengths) == len(parts) > 0
    (target,) = re.findall(r"#EXT-X-TARGETDURATION:(\d+)", text)
    assert max(lengths) <= int(target) + 0.5
    (init,) = re.findall(r'#EXT-X-MAP:URI="([^"]+)"', text)
    return Played(attributes, path, lengths, parts, init)


async def fetched(bucket: Bucket, folder: str, played: Played, target: Path) -> Path:
    """One rendition as one file that any program plays."""
    beside = f"{folder}/{played.path}".rsplit("/", 1)[0]
    body = await bucket.get(f"{beside}/{played.init}")
    for part in played.parts:
        body += await bucket.get(f"{beside}/{part}")
    target.write_bytes(body)
    return target
