"""Every test of this folder keeps its secrets in files and in AWS Secrets Manager, as moto simulates it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from directfanz.backends.secrets.aws import AwsSecrets
from directfanz.backends.secrets.contract import SecretStore
from directfanz.backends.secrets.file import FileSecrets
from directfanz.kit.ids import new_id
from tests.support.aws import REGION, aws

Reopen = Callable[[], SecretStore]


@pytest.fixture(params=["file", "aws"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reopen:
    """Opens the same store, as another process would."""
    if request.param == "file":
        return lambda: FileSecrets(tmp_path / "vault")
    simulated = aws()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", simulated.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", simulated.secret_key)
    prefix = f"t{new_id().hex}"
    return lambda: AwsSecrets(prefix, REGION, simulated.endpoint)


@pytest.fixture
def secrets(reopen: Reopen) -> SecretStore:
    return reopen()
