"""The one folder in which a stack lives: data, logs, ports, secrets. Nothing of it is anywhere else."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO

from directfanz.errors import ConfigurationError
from directfanz.local.files import write_private
from directfanz.local.privileges import drop_mode

MARKER = "directfanz-state"
NEEDED_MIB = 512


class State:
    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Generated configuration."""
        return self.root / "run"

    @property
    def ports_file(self) -> Path:
        return self.root / "ports.json"

    @property
    def lock_file(self) -> Path:
        return self.root / "supervisor.lock"

    @property
    def status_file(self) -> Path:
        return self.root / "status.json"

    @property
    def environment_file(self) -> Path:
        return self.root / "environment"

    @property
    def stamps_file(self) -> Path:
        return self.run / "steps.json"

    @property
    def exists(self) -> bool:
        return (self.root / MARKER).exists()

    def data(self, engine: str) -> Path:
        return self.root / "data" / engine

    def open(self, needed_mib: int = NEEDED_MIB) -> None:
        """Makes the folder; refuses one that holds anything of somebody else's, and a disk that is nearly full."""
        if not self.exists and self.root.exists() and any(self.root.iterdir()):
            raise ConfigurationError(f"{self.root} holds other files. Choose an empty folder for DIRECTFANZ_STATE_DIR.")
        try:
            for folder in (self.root, self.root / "data", self.logs, self.run, self.root / "secrets"):
                folder.mkdir(parents=True, exist_ok=True)
            # Where PostgreSQL runs as nobody, nobody has to get through to its own folder.
            self.root.chmod(0o711 if drop_mode() == "nobody" else 0o700)
            (self.root / "secrets").chmod(0o700)
            (self.root / MARKER).touch()
        except OSError as error:
            raise ConfigurationError(f"{self.root}: {error.strerror}. Choose another DIRECTFANZ_STATE_DIR.") from None
        free_mib = shutil.disk_usage(self.root).free // 2**20
        if free_mib < needed_mib:
            raise ConfigurationError(
                f"Only {free_mib} MiB are free on the disk of {self.root}, and the engines need {needed_mib}. Make room there, "
                f"or set DIRECTFANZ_STATE_DIR to a folder on another disk."
            )

    def remove(self) -> None:
        if not self.root.exists():
            return
        if not self.exists:
            raise ConfigurationError(f"{self.root} was not made by `directfanz up`, so it is left alone.")
        shutil.rmtree(self.root)

    def secret(self, name: str) -> str:
        """Made once, when first asked for; letters and digits only, so it fits in any URL or file."""
        path = self.root / "secrets" / name
        if not path.exists():
            write_private(path, secrets.token_hex(24))
        return path.read_text()

    def lock(self) -> BinaryIO | None:
        """Held while a supervisor lives; None when another one holds it. The kernel frees it, so it is never stale."""
        file = self.lock_file.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        return file
