"""Whole stacks, as `directfanz up` starts them, with nothing but engines, steps and the edge in them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.local.checkout import Checkout, find_checkout
from directfanz.local.control import StartFailed, bring_down, bring_up, running
from directfanz.local.environment import read_environment
from directfanz.local.status import Status, read
from tests.support.engines import REPOSITORY
from tests.support.processes import ends_soon

CLOCK = SystemClock()


def checkout_in(folder: Path, extra: str = "") -> Checkout:
    """A folder with our platform, without processes: they have their own tests."""
    folder.mkdir()
    text = (REPOSITORY / "platform.toml").read_text()
    (folder / "platform.toml").write_text(re.sub(r"tasks_local = \d+", "tasks_local = 0", text) + extra)
    (folder / "database").symlink_to(REPOSITORY / "database")
    (folder / "frontend" / "dist").mkdir(parents=True)
    (folder / "frontend" / "dist" / "hello.txt").write_text("hello from the edge")
    return find_checkout({}, folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = checkout_in(tmp_path / "here")
    yield checkout
    end(checkout)


@pytest.fixture
def other_checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = checkout_in(tmp_path / "there")
    yield checkout
    end(checkout)


def end(checkout: Checkout) -> None:
    pid = running(checkout)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        assert ends_soon(pid)


async def up(checkout: Checkout) -> Status:
    return await bring_up(checkout, os.environ, CLOCK, lambda _: None)


def ports(checkout: Checkout) -> dict[str, int]:
    found = json.loads(checkout.state.ports_file.read_text())
    return {name: kept["port"] for name, kept in found.items()}


async def owner(checkout: Checkout) -> asyncpg.Connection:
    return await asyncpg.connect(read_environment(checkout.state)["DIRECTFANZ_DATABASE_OWNER_URL"])


async def test_everything_killed_and_started_again_is_where_and_what_it_was(checkout: Checkout) -> None:
    first = await up(checkout)
    connection = await owner(checkout)
    await connection.execute("create table kept as select 1 as one")
    connection.terminate()
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{first.site_url}/static/hello.txt")
    assert answer.text == "hello from the edge"

    pids = [part.pid for part in first.parts if part.pid]
    os.kill(first.pid, signal.SIGKILL)
    assert all(ends_soon(pid) for pid in [first.pid, *pids]), "something outlived its supervisor"

    before = ports(checkout)
    second = await up(checkout)
    assert (ports(checkout), second.site_url) == (before, first.site_url)
    connection = await owner(checkout)
    assert await connection.fetchval("select one from kept") == 1
    await connection.close()
    steps = [part for part in second.parts if part.kind == "step"]
    assert [(part.state, part.starts) for part in steps] == [("done", 0)] * len(steps)

    third = await up(checkout)  # of what runs already
    assert third.pid == second.pid
    assert await bring_down(checkout, CLOCK, lambda _: None)
    assert running(checkout) is None
    assert not await bring_down(checkout, CLOCK, lambda _: None)


async def test_two_stacks_that_start_at_once_share_nothing(checkout: Checkout, other_checkout: Checkout) -> None:
    both = (checkout, other_checkout)
    told = await asyncio.gather(*map(up, both))
    assert all(each.all_ready for each in told)
    here, there = map(ports, both)
    assert not set(here.values()) & set(there.values())
    settings = [read_environment(each.state) for each in both]
    assert settings[0]["DIRECTFANZ_SECRET_KEY"] != settings[1]["DIRECTFANZ_SECRET_KEY"]

    # They wish for the same ports, so at least one of them had to move, and says so.
    moved = next(each for each in told if "edge" in each.moved)
    wanted, got = moved.moved["edge"]
    assert (wanted, moved.site_url) == (8080, f"http://localhost:{got}")
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{moved.site_url}/static/hello.txt")).status_code == 200


async def test_a_mistake_in_the_description_is_said_at_once(tmp_path: Path) -> None:
    checkout = checkout_in(tmp_path / "wrong", "\n[cellar]\nwine = 3\n")
    with pytest.raises(StartFailed, match=r"cellar"):
        await up(checkout)
    assert running(checkout) is None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DIRECTFANZ_COLOUR", "red", "DIRECTFANZ_COLOUR is not a setting"),
        (
            "DIRECTFANZ_DATABASE_URL",
            "postgresql://elsewhere/live",
            "DIRECTFANZ_DATABASE_URL is set in your environment",
        ),
    ],
)
async def test_an_environment_that_cannot_be_meant_is_refused(
    checkout: Checkout, name: str, value: str, reason: str
) -> None:
    with pytest.raises(StartFailed, match=reason):
        await bring_up(checkout, {**os.environ, name: value}, CLOCK, lambda _: None)


async def test_who_deletes_the_folder_ends_what_ran_in_it(checkout: Checkout) -> None:
    told = await up(checkout)
    parts = [part.pid for part in told.parts if part.pid]
    shutil.rmtree(checkout.state.root, ignore_errors=True)
    assert ends_soon(told.pid)
    assert parts
    assert all(ends_soon(pid) for pid in parts)


def test_a_second_supervisor_of_the_same_folder_refuses(checkout: Checkout) -> None:
    checkout.state.open()
    lock = checkout.state.lock()
    assert lock is not None
    with lock:
        second = subprocess.run(
            [sys.executable, "-m", "directfanz", "supervise"],
            cwd=checkout.platform_file.parent,
            capture_output=True,
            text=True,
        )
    assert second.returncode == 1
    assert "A supervisor runs already in" in second.stderr
    assert read(checkout.state.status_file) is None
