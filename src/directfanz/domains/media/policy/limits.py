"""What a page may keep, by its plan in platform.toml."""

from __future__ import annotations

from directfanz.domains.media.errors import FileTooLarge, StorageFull, TooManyFiles
from directfanz.domains.media.models import Usage
from directfanz.domains.media.repository.uploads import Kept
from directfanz.platform_toml import Platform

MIB, GIB = 1024**2, 1024**3
MOST_PARTS = 10_000
# The largest part that the store takes.
MOST_PART_BYTES = 5 * GIB


def usage_of(platform: Platform, kept: Kept) -> Usage:
    """A plan that platform.toml knows no more counts as `standard`."""
    plan = platform.media_plans.get(kept.plan) or platform.media_plans["standard"]
    return Usage(
        plan=kept.plan, bytes=kept.bytes, files=kept.files, open_uploads=kept.open_uploads,
        most_bytes=plan.storage_gib * GIB, most_files=plan.files, most_file_bytes=plan.file_gib * GIB,
        most_open_uploads=plan.open_uploads,
    )  # fmt: skip


def require_room(usage: Usage, size: int) -> None:
    if size > usage.most_file_bytes:
        raise FileTooLarge(f"A file may have {usage.most_file_bytes // GIB} GB; this one has {size / GIB:.1f} GB.")
    if usage.bytes + size > usage.most_bytes:
        left = max(0, usage.most_bytes - usage.bytes) / GIB
        raise StorageFull(
            f"Of your {usage.most_bytes // GIB} GB there are {left:.1f} GB left. Remove files you do not need."
        )
    if usage.files + 1 > usage.most_files:
        raise TooManyFiles(f"A page holds {usage.most_files} files. Remove some you do not need.")
    if usage.open_uploads + 1 > usage.most_open_uploads:
        raise TooManyFiles(
            f"{usage.most_open_uploads} files are on their way already. Wait until some are there, or cancel some."
        )


def part_bytes_for(platform: Platform, size: int) -> int:
    """Small parts lose little when a line breaks; a very large file needs larger ones, in whole MiB."""
    least = platform.media.part_mib * MIB
    needed = -(-size // MOST_PARTS)
    return max(least, -(-needed // MIB) * MIB)
