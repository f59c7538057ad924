"""What the command asks of the supervisor, through a file and a signal, and what the supervisor tells of it, in its status."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from directfanz.local.deployment.build import Build
from directfanz.local.files import write_private

FILE = "deploy.json"
State = Literal["running", "done", "rolled back", "refused"]


class Request(msgspec.Struct, frozen=True):
    id: str
    build: Build
    watch_seconds: float


class Told(msgspec.Struct):
    id: str
    build: str
    state: State = "running"
    steps: list[str] = []
    reason: str = ""


def write(folder: Path, request: Request) -> None:
    write_private(folder / FILE, msgspec.json.encode(request).decode())


def read(folder: Path) -> Request | None:
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Request)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
