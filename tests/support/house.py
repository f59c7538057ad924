"""The whole platform, as `make up` starts it, shared by all journeys of a run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from tests.support.engines import REPOSITORY, only_one_worker, run_folder
from tests.support.processes import ends_soon

MAIL_SECONDS = 30
HOUSES = ("house", "moving")
PASSWORD = "a horse, a battery and a staple"


class House(msgspec.Struct, frozen=True):
    host_pid: int
    site_url: str
    state_dir: str
    environment: dict[str, str]

    def mails(self, to: str, wait: float = 0) -> list[dict[str, Any]]:
        """Newest first, as the catcher's page shows them."""
        query = {"to": to, "wait": str(wait)} if wait else {"to": to}
        answer = httpx.get(f"{self.site_url}/inbox/messages.json", params=query, timeout=wait + 10)
        answer.raise_for_status()
        mails: list[dict[str, Any]] = answer.json()
        return mails

    def link_in_mail(self, to: str, subject: str = "") -> str:
        """The path and query of the link that the newest mail brings; waits for it."""
        seen = ""
        for _ in range(MAIL_SECONDS):
            for mail in self.mails(to, wait=1):
                if subject.lower() in mail["subject"].lower() and "?token=" in mail["text"]:
                    address = next(word for word in mail["text"].split() if "?token=" in word)
                    parts = urlsplit(address)
                    return f"{parts.path}?{parts.query}"
                seen = mail["subject"]
        raise AssertionError(f"no mail with a link for {to}; the last was {seen!r}")

    def restart(self, process: str) -> None:
        """It drains and ends; the supervisor starts it again."""
        named = {
            "DIRECTFANZ_STATE_DIR": self.state_dir,
            "DIRECTFANZ_PLATFORM_FILE": self.environment["DIRECTFANZ_PLATFORM_FILE"],
        }
        command = [sys.executable, "-m", "directfanz", "restart", process]
        subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **named}, check=True, capture_output=True)

    def settle(self, name: str, role: str = "fan") -> str:
        """Somebody whose address is confirmed; answers it. The password is PASSWORD."""
        return self.settle_all([name], role)[0]

    def settle_all(self, names: list[str], role: str = "fan") -> list[str]:
        with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread
            return aside.submit(asyncio.run, _settled(self, names, role)).result()


async def _settled(house: House, names: list[str], role: str) -> list[str]:
    from directfanz.backends.assembly import opened
    from directfanz.domains.accounts.repository import users
    from directfanz.domains.accounts.service import hashing, sign_up, verification
    from directfanz.kit.ids import new_id
    from directfanz.settings import load

    addresses = []
    async with opened(load(house.environment), service="web") as backends:
        hashed = await hashing.hash_password(PASSWORD)
        async with backends.database.writing() as tx:
            for name in names:
                handle = f"{name.lower()}_{new_id().hex[-10:]}"
                person = sign_up.new_person(backends, f"{handle}@example.com", handle, name)
                await sign_up.insert_person(tx, person)
                await users.set_password(tx, person.id, hashed, person.created_at)
                await verification.activate(tx, person, backends)
                if role != person.role:
                    await users.set_role(tx, person.id, person.role, role, person.created_at)  # type: ignore[arg-type]
                addresses.append(f"{handle}@example.com")
    return addresses


def shared_house(name: str = "house") -> House:
    """`moving` is a second one, whose calendar `tests.support.calendar` moves; others would not like that."""
    described = run_folder() / f"{name}.json"
    with only_one_worker(name):
        if not described.exists():
            described.write_text(_begin_host(name))
    return msgspec.json.decode(described.read_bytes(), type=House)


def end_houses() -> None:
    """In pytest's first process. After a crash each host sees by itself that we are gone."""
    for name in HOUSES:
        described = run_folder() / f"{name}.json"
        if described.exists():
            pid = json.loads(described.read_text())["host_pid"]
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
                assert ends_soon(pid), "the house did not end"


def _begin_host(name: str) -> str:
    build_front_end()
    errors = run_folder() / f"{name}.log"
    with errors.open("wb") as log:
        host = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.support.house_host",
                str(run_folder()),
                os.environ["TEST_RUN_FOLDER_OWNER"],
                name,
            ],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert host.stdout
    line = host.stdout.readline().decode()
    host.stdout.close()
    if not line.strip():
        host.wait()
        raise RuntimeError(f"the house did not start: {errors.read_text(errors='replace')[-3000:]}")
    host.returncode = 0  # it outlives us on purpose: no warning about a child that still runs
    return line


def build_front_end() -> None:
    """What a browser loads, as the sources are now; nothing happens when it is built already."""
    subprocess.run([sys.executable, "-m", "directfanz.local.frontend"], cwd=REPOSITORY, check=True, capture_output=True)
