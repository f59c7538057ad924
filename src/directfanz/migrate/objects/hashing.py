"""How big a part is, and the hash of an object: SHA-256 of the whole, or of its parts' hashes with their number behind a dash."""

from __future__ import annotations

import hashlib

import msgspec

from directfanz.migrate.objects.place import Listed, Place

MEGABYTE = 1 << 20
MOST_PARTS = 10_000  # S3's own limit


class Sizes(msgspec.Struct, frozen=True):
    part: int = 16 * MEGABYTE  # up to here an object travels whole
    copy: int = 5 << 30  # S3 copies no more at once by itself


def part_size(one: Listed, sizes: Sizes) -> int:
    """Greater for giants, so that they have no more parts than S3 allows."""
    return (
        max(sizes.part, -(-one.size // MOST_PARTS // MEGABYTE) * MEGABYTE)
        if one.size > sizes.part * MOST_PARTS
        else sizes.part
    )


def parts_of(one: Listed, sizes: Sizes) -> int:
    return max(1, -(-one.size // part_size(one, sizes)))


def combined(hashes: list[str]) -> str:
    return f"{hashlib.sha256(''.join(hashes).encode()).hexdigest()}-{len(hashes)}"


def hash_of(place: Place, one: Listed, like: str, sizes: Sizes, version: str = "") -> str:
    """Made the way that the ledger's hash was made."""
    if "-" not in like:
        return hashlib.sha256(place.get(one.key, version=version).body).hexdigest()
    size = part_size(one, sizes)
    firsts = range(0, one.size, size)
    return combined(
        [
            hashlib.sha256(
                place.get(one.key, first=first, size=min(size, one.size - first), version=version).body
            ).hexdigest()
            for first in firsts
        ]
    )
