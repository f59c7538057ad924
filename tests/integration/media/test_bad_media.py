"""Files that mean harm: a clear reason on the file, nothing served, the worker lives, and nobody is called."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from directfanz.backends.transcoder.confinement import Confinement
from directfanz.backends.transcoder.contract import BadMedia
from directfanz.domains.creators.models import Creator
from directfanz.domains.media.errors import NotReady
from directfanz.domains.media.models import Kind
from directfanz.domains.media.service import delivery
from tests.support.accounts import Someone, Stage
from tests.support.bad_media import BAD, Made, concat_of, jpeg, playlist_of
from tests.support.creators import page_of
from tests.support.processing import small, waiting, worked_on

SHORT = {"pixels_max": 4_000_000, "pages_max": 2000}


@pytest.fixture(scope="module")
async def ada(stage: Stage) -> Someone:
    return await stage.joined("ada")


@pytest.fixture(scope="module")
async def page(stage: Stage, ada: Someone) -> Creator:
    return await page_of(stage, ada)


@pytest.mark.parametrize(("what", "kind", "mime", "made", "reasons"), BAD, ids=[each[0] for each in BAD])
async def test_a_bad_file_gets_a_reason(
    stage: Stage, ada: Someone, page: Creator, what: str, kind: Kind, mime: str, made: Made, reasons: set[str]
) -> None:
    backends = small(stage.backends, **SHORT)
    asset = await waiting(stage, ada, page, kind, made(), mime=mime)
    failed, renditions = await worked_on(backends, asset.id)
    assert failed.state == "failed", what
    assert failed.reason_code in reasons, failed.reason
    assert failed.reason
    assert failed.reason.endswith(".")
    assert renditions == []
    with pytest.raises(NotReady):
        await delivery.open_view(backends, failed)


@pytest.mark.parametrize("made", [playlist_of, concat_of], ids=["a playlist", "a list of files"])
@pytest.mark.parametrize("kind", ["video", "audio"])
async def test_nothing_in_a_file_is_followed(
    stage: Stage, ada: Someone, page: Creator, kind: Kind, made: object
) -> None:
    """A playlist of somebody else's addresses: nobody is asked for them."""
    asked: list[str] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/segment.ts"
    async with server:
        body = made(address)  # type: ignore[operator]
        failed, _ = await worked_on(small(stage.backends), (await waiting(stage, ada, page, kind, body)).id)
    assert (failed.state, failed.reason_code) == ("failed", "unreadable")
    assert asked == []


async def test_the_worker_goes_on(stage: Stage, ada: Someone, page: Creator) -> None:
    before = scratch_folders()  # of workers that other tests killed
    ready, _ = await worked_on(small(stage.backends), (await waiting(stage, ada, page, "image", jpeg())).id)
    assert ready.state == "ready"
    assert scratch_folders() <= before


def scratch_folders() -> set[str]:
    return {name for name in os.listdir("/tmp") if name.startswith("directfanz-media-")}


# --- the walls themselves ---------------------------------------------------------------------------------------------


def python(words: str) -> list[str]:
    import sys

    return [sys.executable, "-I", "-S", "-c", words]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("while True: pass", "too_much_work"),
        ("x = bytearray(2_000_000_000)", "too_much_memory"),
        ("f = open('large', 'wb'); f.seek(1100 * 2**20); f.write(b'x'); f.flush()", "too_large"),
        ("import os; os.abort()", "unreadable"),
    ],
    ids=["endless work", "much memory", "a large file", "a crash"],
)
async def test_a_program_that_breaks_a_limit_ends(stage: Stage, tmp_path: Path, words: str, reason: str) -> None:
    rules = small(stage.backends, memory_mib=512, scratch_gib=1).platform.processing
    with pytest.raises(BadMedia) as refused:
        (await Confinement(rules).run(python(words), cpu_seconds=1, folder=tmp_path)).require_success()
    assert refused.value.reason == reason


async def test_a_program_knows_nothing_and_reaches_nobody(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTFANZ_SECRET_KEY", "not to be told")
    lines: list[str] = []
    words = "import os, socket; print(sorted(os.environ)); s = socket.socket(); s.settimeout(2); print(s.connect_ex(('127.0.0.1', %d)))"
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        ended = await Confinement(stage.backends.platform.processing).run(python(words % port), line=lines.append)
    assert ended.code == 0, ended.said
    assert "DIRECTFANZ" not in lines[0]
    if os.path.exists("/proc/self/ns/net") and _may_part_networks():
        assert lines[1] != "0"


def _may_part_networks() -> bool:
    """Some containers forbid it; there the lists of protocols alone keep programs at home."""
    import subprocess

    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
