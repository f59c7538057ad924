"""What a managed database needs once: a master that is no superuser makes the roles; and what pages load reaches its bucket."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from directfanz.backends import Backends
from directfanz.backends.database.founding import found
from directfanz.errors import ConfigurationError, Unavailable
from directfanz.kit.ids import new_id
from directfanz.operate.assets import publish_assets
from tests.support.engines import Engines


def test_a_master_who_is_no_superuser_makes_the_roles_and_may_do_so_again(engines: Engines) -> None:
    mark = new_id().hex[-8:]
    name = f"founded_{mark}"
    with psycopg.connect(engines.postgres_url(), autocommit=True) as server:
        server.execute(f"create role master_{mark} login createrole createdb password 'm'")
        server.execute(f"create database {name} owner master_{mark}")

    def url(role: str, password: str) -> str:
        return str(make_conninfo(engines.postgres_url(), user=f"{role}_{mark}", password=password, dbname=name))

    base = engines.postgres_url().split("@", 1)[1].split("/", 1)[0]
    owner_url, app_url = (f"postgresql://{role}_{mark}:{role}@{base}/{name}" for role in ("owner", "app"))
    steps = list(found(url("master", "m"), owner_url, app_url, ["citext", "pg_trgm"]))
    assert [step.partition(": ")[2] for step in steps] == ["is made", "is made", "citext, pg_trgm"]
    again = list(found(url("master", "m"), owner_url, app_url, ["citext"]))
    assert all("was there" in step for step in again[:2])
    with psycopg.connect(url("owner", "owner"), autocommit=True) as owner:
        owner.execute("create schema ours")
    with psycopg.connect(url("app", "app")) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("create schema theirs")
    with pytest.raises(Unavailable, match="The database refused"):
        list(found(url("master", "wrong"), owner_url, app_url, []))
    with pytest.raises(ConfigurationError, match="needs the role and its password"):
        list(found(url("master", "m"), f"postgresql://{base}/{name}", app_url, []))
    with psycopg.connect(engines.postgres_url(), autocommit=True) as server:
        server.execute(f"drop database {name}")
        for role in ("master", "app", "owner"):
            server.execute(f"drop owned by {role}_{mark}")
            server.execute(f"drop role {role}_{mark}")


async def test_what_pages_load_reaches_its_bucket(backends: Backends, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no built front end"):
        await publish_assets(backends.storage, tmp_path)
    for name, text in (("assets/app-abc.css", "body{}"), ("robots.txt", "x"), (".vite/manifest.json", "{}")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert await publish_assets(backends.storage, tmp_path) == 2
    kept = await backends.storage.bucket("static").head("assets/app-abc.css")
    assert kept.content_type == "text/css"
    assert await backends.storage.bucket("static").get("robots.txt") == b"x"
