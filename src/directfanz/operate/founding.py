"""What a database and a store need once before anything runs on them: roles, extensions, and the files that pages load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from directfanz.backends.storage.contract import Storage
from directfanz.errors import ConfigurationError, Unavailable

HASHED = "assets/"  # Vite names these after their content
FOR_EVER, A_MINUTE = "public, max-age=31536000, immutable", "public, max-age=60"


def found(master_url: str, owner_url: str, app_url: str, extensions: Sequence[str]) -> Iterator[str]:
    """As the master, who on RDS is no superuser. Run again, it only sets the passwords anew."""
    owner, app = urlsplit(owner_url), urlsplit(app_url)
    database = sql.Identifier(owner.path.lstrip("/"))
    try:
        with psycopg.connect(master_url, autocommit=True, connect_timeout=10) as master:
            for role in (owner, app):
                yield f"{role.username}: {_ensure_role(master, role.username or '', unquote(role.password or ''))}"
            name = sql.Identifier(owner.username or "")
            master.execute(sql.SQL("grant {} to current_user").format(name))
            master.execute(sql.SQL("alter database {} owner to {}").format(database, name))
            for extension in extensions:
                master.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
            yield f"extensions: {', '.join(extensions) or 'none'}"
    except psycopg.Error as error:
        raise Unavailable(f"The database refused: {str(error).strip()}") from None


def _ensure_role(master: psycopg.Connection[tuple[object, ...]], name: str, password: str) -> str:
    if not name or not password:
        raise ConfigurationError("The address of a role's database needs the role and its password.")
    known = master.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
    verb = sql.SQL("alter" if known else "create")
    master.execute(sql.SQL("{} role {} login password {}").format(verb, sql.Identifier(name), sql.Literal(password)))
    return "was there, and has its password" if known else "is made"


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
