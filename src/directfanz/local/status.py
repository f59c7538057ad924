"""What the supervisor tells about itself, in `status.json`: written whole on every change, read by everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from directfanz.local.deployment import request
from directfanz.local.deployment.build import is_passing
from directfanz.local.files import write_private
from directfanz.local.part import Standing

# `mending`: it was ready, and some part is not just now
Mood = Literal["starting", "ready", "mending", "stopping", "stopped", "failed"]


class Status(msgspec.Struct, kw_only=True):
    pid: int
    mood: Mood
    started: str
    site_url: str = ""
    message: str = ""
    moved: dict[str, tuple[int, int]] = {}  # port: wanted, got
    parts: list[Standing] = []
    deployment: request.Told | None = None  # the last one, while the stack runs

    @property
    def all_ready(self) -> bool:
        lasting = [part for part in self.parts if part.kind != "errand" and not is_passing(part.name)]
        return bool(lasting) and all(part.state in ("ready", "done") for part in lasting)


def write(path: Path, status: Status) -> None:
    write_private(path, msgspec.json.format(msgspec.json.encode(status), indent=1).decode())


def read(path: Path) -> Status | None:
    """None when there is none, or one of another version of ours."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Status)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
