from __future__ import annotations

from pathlib import Path

from directfanz.backends.secrets.contract import SecretStore
from directfanz.backends.secrets.file import FileSecrets
from directfanz.platform_toml import Platform
from directfanz.settings import Settings

FOLDER = "vault"


def open_secrets(settings: Settings, platform: Platform) -> SecretStore:
    if (settings.secrets_backend or ("file" if settings.profile == "local" else "aws")) == "file":
        return FileSecrets(Path(settings.state_dir) / FOLDER)
    from directfanz.backends.secrets.aws import AwsSecrets

    return AwsSecrets(platform.name, settings.aws_region, settings.aws_endpoint)
