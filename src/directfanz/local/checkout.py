"""Which checkout a command speaks of: where platform.toml lies, and the state folder beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from directfanz.errors import ConfigurationError
from directfanz.local.state import State

PLATFORM_FILE = "DIRECTFANZ_PLATFORM_FILE"
STATE_DIR = "DIRECTFANZ_STATE_DIR"


@dataclass(frozen=True, slots=True)
class Checkout:
    platform_file: Path
    state: State


def find_checkout(environ: Mapping[str, str], start: Path) -> Checkout:
    """Named by the environment, else the folder we are in or one above it, else where this package lies."""
    if named := environ.get(PLATFORM_FILE):
        file = Path(named).absolute()
    else:
        folders = [start, *start.parents, Path(__file__).parents[3]]
        file = next((f / "platform.toml" for f in folders if (f / "platform.toml").exists()), start / "platform.toml")
    if not file.exists():
        raise ConfigurationError(f"There is no {file}. Run this in a checkout, or set {PLATFORM_FILE}.")
    state = Path(environ.get(STATE_DIR) or file.parent / ".directfanz")
    return Checkout(file, State(state))
