"""The two roles, the database and its extensions: what RDS gets from Terraform, the local server gets from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from directfanz.local.engines.postgres import APP, OWNER


@dataclass(frozen=True, slots=True)
class Roles:
    owner_password: str
    app_password: str


def ensure_roles(server_url: str, roles: Roles) -> None:
    with psycopg.connect(server_url, autocommit=True) as server:
        for name, password in ((OWNER, roles.owner_password), (APP, roles.app_password)):
            known = server.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
            verb = sql.SQL("alter" if known else "create")
            server.execute(
                sql.SQL("{} role {} login password {}").format(verb, sql.Identifier(name), sql.Literal(password))
            )


def ensure_database(server_url: str, name: str, extensions: Sequence[str], template: str | None = None) -> None:
    """`server_url` is the superuser's, of the database `postgres`."""
    with psycopg.connect(server_url, autocommit=True) as server:
        if server.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            source = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
            statement = sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER))
            server.execute(statement + source)
    if template:
        return
    with psycopg.connect(server_url, dbname=name, autocommit=True) as database:
        for extension in extensions:
            database.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))


def drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
