"""Secrets in files that only we can read, one each."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from directfanz.backends.secrets.contract import SecretMissing
from directfanz.backends.secrets.names import check_name, check_value
from directfanz.errors import ConfigurationError, InvalidInput, Unavailable


class FileSecrets:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def get(self, name: str) -> str:
        return await asyncio.to_thread(self._get, check_name(name))

    async def put(self, name: str, value: str) -> None:
        await asyncio.to_thread(self._put, check_name(name), check_value(value))

    async def names(self) -> list[str]:
        return await asyncio.to_thread(self._names)

    def _get(self, name: str) -> str:
        try:
            file = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise SecretMissing(f"There is no secret {name}.") from None
        except OSError as error:
            raise Unavailable(f"The secret {name} cannot be read: {error.strerror}.") from error
        with os.fdopen(file, encoding="utf-8", newline="") as opened:
            if os.fstat(file).st_mode & 0o077:
                raise ConfigurationError(f"Others can read {self._folder / name}. Run: chmod 600 {self._folder / name}")
            return opened.read()

    def _put(self, name: str, value: str) -> None:
        """A new file, whole and on the disk, takes the place of the old one."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file, draft = tempfile.mkstemp(prefix="~", dir=self._folder)  # mode 0600; no secret's name starts so
        except OSError as error:
            raise Unavailable(f"The secret {name} cannot be kept: {error.strerror}.") from error
        try:
            with os.fdopen(file, "w", encoding="utf-8", newline="") as opened:
                opened.write(value)
                opened.flush()
                os.fsync(file)
            Path(draft).replace(self._folder / name)
        except OSError as error:
            with suppress(FileNotFoundError):
                Path(draft).unlink()
            raise Unavailable(f"The secret {name} cannot be kept: {error.strerror}.") from error

    def _names(self) -> list[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self._folder) if self._is_secret(entry))
        except FileNotFoundError:
            return []

    @staticmethod
    def _is_secret(entry: os.DirEntry[str]) -> bool:
        with suppress(InvalidInput):
            return entry.is_file(follow_symlinks=False) and check_name(entry.name) == entry.name
        return False
