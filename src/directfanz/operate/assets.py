"""What a store needs before a version runs on it: the files that its pages load."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from directfanz.backends.storage.contract import Storage
from directfanz.errors import ConfigurationError

HASHED = "assets/"  # Vite names these after their content
FOR_EVER, A_MINUTE = "public, max-age=31536000, immutable", "public, max-age=60"


async def publish_assets(storage: Storage, dist: Path) -> int:
    """Beside those of older versions, which pages that are open still load. The names of most tell their content."""
    if not (dist / ".vite" / "manifest.json").exists():
        raise ConfigurationError(f"There is no built front end in {dist}. `make frontend` builds it.")
    bucket, count = storage.bucket("static"), 0
    for key, file in _built(dist):
        kind = guess_type(file.name)[0] or "application/octet-stream"
        kept = FOR_EVER if key.startswith(HASHED) else A_MINUTE
        await bucket.put(key, file.read_bytes(), content_type=kind, cache_control=kept)
        count += 1
    return count


def _built(dist: Path) -> list[tuple[str, Path]]:
    """What begins with a dot is the build's own."""
    files = {path.relative_to(dist).as_posix(): path for path in dist.rglob("*") if path.is_file()}
    return sorted((key, path) for key, path in files.items() if not key.startswith("."))
