"""What only one of the stores can get wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from directfanz.backends.secrets import open_secrets
from directfanz.backends.secrets.aws import AwsSecrets
from directfanz.backends.secrets.file import FileSecrets
from directfanz.errors import ConfigurationError, InvalidInput, Rejected, Unavailable
from directfanz.platform_toml import Platform
from tests.support.aws import REGION, aws
from tests.support.plain_settings import plain_settings


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return tmp_path / "vault"


async def test_only_we_can_read_the_files(vault: Path) -> None:
    before = os.umask(0)
    try:
        await FileSecrets(vault).put("key", "x")
    finally:
        os.umask(before)
    assert vault.stat().st_mode & 0o777 == 0o700
    assert (vault / "key").stat().st_mode & 0o777 == 0o600


async def test_a_file_that_others_can_read_is_not_trusted(vault: Path) -> None:
    secrets = FileSecrets(vault)
    await secrets.put("key", "x")
    (vault / "key").chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        await secrets.get("key")


async def test_a_link_to_another_file_is_not_followed(vault: Path, tmp_path: Path) -> None:
    secrets = FileSecrets(vault)
    await secrets.put("key", "x")
    (tmp_path / "elsewhere").write_text("somebody's")
    (vault / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        await secrets.get("link")
    assert await secrets.names() == ["key"]


async def test_a_write_that_failed_leaves_the_old_value_and_no_draft(
    vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = FileSecrets(vault)
    await secrets.put("key", "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        await secrets.put("key", "new")
    assert await secrets.get("key") == "old"
    assert [entry.name for entry in vault.iterdir()] == ["key"]


async def test_aws_away_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    away = AwsSecrets("t", REGION, "http://127.0.0.1:9")
    for call in (away.get("key"), away.put("key", "x"), away.names()):
        with pytest.raises(Unavailable):
            await call


async def test_a_secret_that_is_bytes_or_deleted_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    simulated = aws()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", simulated.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", simulated.secret_key)
    secrets = AwsSecrets("odd", REGION, simulated.endpoint)
    client = secrets._client()
    client.create_secret(Name="odd/bytes", SecretBinary=b"\x00\x01")
    client.create_secret(Name="odd/gone", SecretString="x")
    client.delete_secret(SecretId="odd/gone")

    with pytest.raises(InvalidInput, match="not text"):
        await secrets.get("bytes")
    with pytest.raises((Unavailable, Rejected)):
        await secrets.get("gone")


async def test_each_profile_has_its_store(platform: Platform, tmp_path: Path) -> None:
    here = open_secrets(plain_settings(state_dir=str(tmp_path)), platform)
    there = open_secrets(plain_settings(profile="aws"), platform)
    assert (type(here), type(there)) == (FileSecrets, AwsSecrets)
    await here.put("key", "x")
    assert (tmp_path / "vault" / "key").read_text() == "x"
