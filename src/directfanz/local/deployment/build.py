"""What a deployment starts: this checkout, or a folder such as `make image` leaves behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Literal

import msgspec

from directfanz.errors import ConfigurationError
from directfanz.local.files import write_private

Colour = Literal["blue", "green"]
FILE = "build.json"
CHECKOUT = "this checkout"
ANSWER_SECONDS = 60
NEXT, OLD = ".next", ".old"


class Build(msgspec.Struct, frozen=True):
    python: str
    name: str


def checkout_build() -> Build:
    return Build(sys.executable, CHECKOUT)


def build_in(folder: Path | None) -> Build:
    """Asked for its version first: what does not even start never comes near the people who are served."""
    if folder is None:
        return checkout_build()
    python = folder.absolute() / "bin" / "python"
    if not python.exists():
        raise ConfigurationError(f"{folder} is no build: it has no bin/python. `make image` makes one in build/image.")
    try:
        ran = [str(python), "-m", "directfanz", "--version"]
        asked = subprocess.run(ran, check=False, capture_output=True, text=True, timeout=ANSWER_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"{folder} does not start: {error}.") from None
    if asked.returncode:
        last = (asked.stderr.strip() or asked.stdout.strip() or "it says nothing").splitlines()[-1]
        raise ConfigurationError(f"{folder} does not start: {last}")
    return Build(str(python), str(folder))


def read_build(folder: Path) -> Build:
    """The one that was deployed last; this checkout when none was, or when it is gone."""
    try:
        build = msgspec.json.decode((folder / FILE).read_bytes(), type=Build)
    except (FileNotFoundError, msgspec.MsgspecError):
        return checkout_build()
    return build if Path(build.python).exists() else checkout_build()


def write_build(folder: Path, build: Build) -> None:
    write_private(folder / FILE, msgspec.json.encode(build).decode())


def other(colour: Colour) -> Colour:
    return "green" if colour == "blue" else "blue"


def port_name(task: str, colour: Colour) -> str:
    """Blue's ports are those of platform.toml; green's are any that are free."""
    return task if colour == "blue" else f"{task}-green"


def is_passing(part: str) -> bool:
    """A part that comes or goes with a deployment, and says nothing about how the platform is."""
    return part.endswith((NEXT, OLD))
