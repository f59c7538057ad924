"""Ada uploads from the command line, which is killed again and again: the file arrives byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import NewPerson
from tests.journeys.test_creators import begin_page
from tests.support.browser import sign_in
from tests.support.engines import REPOSITORY
from tests.support.house import House

MIB = 1024 * 1024


def token_of(page: Page, house: House) -> str:
    answer = page.request.post(
        "/api/v1/me/tokens",
        data={"name": "Uploader", "scopes": ["posts:write"], "days": 7},
        headers={"Origin": house.site_url},
    )
    assert answer.ok, answer.text()
    secret: str = answer.json()["secret"]
    return secret


def file_of(folder: Path, size: int) -> tuple[Path, str]:
    """Written and counted piece by piece: ten gigabytes fit no memory."""
    path, digest = folder / "songs.zip", hashlib.sha256()
    with path.open("wb") as out:
        for start in range(0, size, MIB):
            piece = (b"PK\x03\x04" if start == 0 else b"") + os.urandom(min(MIB, size - start))
            digest.update(piece)
            out.write(piece)
    return path, digest.hexdigest()


def upload(house: House, slug: str, token: str, path: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "directfanz",
        "upload",
        "--page",
        slug,
        "--site",
        house.site_url,
        "--json",
        "--wait",
    ]
    told = {**os.environ, "DIRECTFANZ_UPLOAD_TOKEN": token}
    return subprocess.Popen([*command, str(path)], cwd=REPOSITORY, env=told, stdout=subprocess.PIPE)


def killed_and_arrived(house: House, page: Page, ada_slug: str, path: Path, digest: str, kills: int) -> None:
    token, parts = token_of(page, house), 0
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{house.site_url}/api/v1", headers=headers, timeout=60) as api:
        for _ in range(kills):
            with upload(house, ada_slug, token, path) as process:
                parts = _until_more_than(api, ada_slug, parts, process)
                process.kill()
        with upload(house, ada_slug, token, path) as process:
            told = json.loads(process.communicate(timeout=3600)[0])
        assert process.returncode == 0, told
        assert told[0]["sha256"] == digest, "what the platform counted"
        link = api.get(f"/files/{told[0]['id']}/download").json()["url"]
    arrived = hashlib.sha256()
    with httpx.stream("GET", link, timeout=600) as answer:
        assert answer.headers["content-disposition"].startswith("attachment")
        for piece in answer.iter_bytes():
            arrived.update(piece)
    assert arrived.hexdigest() == digest, "what comes back"


def _until_more_than(api: httpx.Client, slug: str, parts: int, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        for each in api.get(f"/creators/{slug}/uploads").json():
            held = len(api.get(f"/uploads/{each['id']}").json()["held"])
            if held > parts:
                return held
    return parts


def test_killed_twice_it_arrives(
    house: House, opened: Callable[..., Page], somebody: NewPerson, tmp_path: Path
) -> None:
    ada, page = somebody("Ada"), opened()
    sign_in(page, ada)
    killed_and_arrived(house, page, begin_page(page, ada), *file_of(tmp_path, 60 * MIB), kills=2)


@pytest.mark.drill
@pytest.mark.timeout(7200)
def test_ten_gigabytes_killed_twenty_times(
    house: House, opened: Callable[..., Page], somebody: NewPerson, tmp_path: Path
) -> None:
    """`UPLOAD_DRILL_GIB` makes it smaller."""
    ada, page = somebody("Ada"), opened()
    sign_in(page, ada)
    size = int(float(os.environ.get("UPLOAD_DRILL_GIB", "10")) * 1024 * MIB)
    killed_and_arrived(house, page, begin_page(page, ada), *file_of(tmp_path, size), kills=20)
