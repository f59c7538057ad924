"""A file with the address of the side that has the writes, as `DIRECTFANZ_DATABASE_URL_FILE` names one."""

from __future__ import annotations

from pathlib import Path

from directfanz.local.files import write_private
from directfanz.migrate.errors import SideName
from directfanz.migrate.side import Side


class FileSwitch:
    def __init__(self, path: Path, applications: dict[SideName, str]) -> None:
        self._path, self._applications = path, applications

    def pause(self) -> None: ...

    def point(self, side: Side) -> None:
        """In one step: a reader sees the old address or the new one."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        write_private(fresh, self._applications.get(side.name) or side.address)
        fresh.replace(self._path)

    def resume(self) -> None: ...
