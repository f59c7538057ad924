"""Files arrive in the store, are looked through, and are there."""

from __future__ import annotations

import os

from tests.support.accounts import Stage
from tests.support.creators import page_of
from tests.support.uploading import sum_of, uploaded


async def test_a_file_arrives_byte_for_byte(stage: Stage) -> None:
    ada = await stage.joined("ada")
    page = await page_of(stage, ada)
    body = b"PK\x03\x04" + os.urandom(9 * 1024 * 1024)
    asset = await uploaded(stage, ada, page, body, "songs.zip")
    assert (asset.state, asset.kind, asset.mime, asset.sha256) == ("ready", "file", "application/zip", sum_of(body))
    assert asset.original is not None
    kept = b"".join([piece async for piece in stage.backends.storage.bucket("media").stream(asset.original)])
    assert kept == body
