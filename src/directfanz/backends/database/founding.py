"""What a managed database needs once before anything runs on it: roles and extensions. One machine has its own (`local/engines`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from directfanz.errors import ConfigurationError, Unavailable


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
