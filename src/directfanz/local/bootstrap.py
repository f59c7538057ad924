"""`python -I bootstrap.py LOCK`: makes `.venv` and installs a lock into it, when either has changed since the last time.

Runs before anything is installed, so it uses the standard library alone, and says plainly when Python is too old.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# What pip says when it has dealt with one more requirement.
STEPS = ("Collecting ", "Requirement already satisfied: ", "Ignoring ")
# This lock holds all of the other one, in the same versions.
LARGER = {"requirements": "requirements-dev"}
TTY = sys.stdout.isatty()


def main(lock: Path) -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            f"DirectFanz needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and this is {found}. Name another: make PYTHON=python3.13"
        )
    larger = lock.with_stem(LARGER.get(lock.stem, lock.stem))
    if is_installed(lock) or is_installed(larger):
        return
    make_venv()
    install(lock)
    run([*pip("install"), "--quiet", "--no-deps", "--no-build-isolation", "-e", str(ROOT)], "directfanz itself")
    stamp_of(lock).write_text(fingerprint(lock))


def is_installed(lock: Path) -> bool:
    return stamp_of(lock).exists() and stamp_of(lock).read_text() == fingerprint(lock)


def stamp_of(lock: Path) -> Path:
    return VENV / f".installed-{lock.stem}"


def fingerprint(lock: Path) -> str:
    digest = hashlib.sha256(sys.version.encode() + str(ROOT).encode())
    for file in (lock, ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def make_venv() -> None:
    if is_of_this_python():
        return
    say("Making .venv")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        advice = "On Debian and Ubuntu the package python3-venv holds what is missing."
        sys.exit(f"Python cannot make a virtual environment. {advice}\n{made.stdout}{made.stderr}")


def is_of_this_python() -> bool:
    config = VENV / "pyvenv.cfg"
    version = "version = {}.{}.".format(*sys.version_info)
    return PYTHON.exists() and (VENV / "bin" / "pip").exists() and version in config.read_text()


def pip(command: str) -> list[str]:
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", command]


def install(lock: Path) -> None:
    """Each requirement is counted as pip comes to it: downloads make up most of the time."""
    total = sum(not line.startswith((" ", "#", "\n")) for line in lock.open())
    command = [*pip("install"), "--require-hashes", "--no-deps", "--progress-bar", "off", "-r", str(lock)]
    say(f"Installing {total} packages of {lock.name}")
    began, done, said = time.monotonic(), 0, []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout
        for line in running.stdout:
            said.append(line)
            if line.startswith(STEPS):
                done += 1
                progress(done, total, time.monotonic() - began)
            elif line.startswith("Installing collected"):
                progress(total, total, time.monotonic() - began, "unpacking")
    progress_ends()
    if running.returncode != 0:
        sys.exit(
            f"{''.join(said[-25:])}\nThe packages could not be installed. pip says why above; `make` again goes on from there."
        )


def run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}{done.stderr}\n{what} could not be installed.")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def progress(done: int, total: int, seconds: float, doing: str = "") -> None:
    if not TTY:
        return
    left = f", about {seconds / done * (total - done):.0f} s left" if 5 < done < total else ""
    width = max(5, min(os.get_terminal_size().columns - 45, 40))  # a terminal may say that it has no columns
    bar = "█" * (done * width // max(total, 1))
    sys.stdout.write(f"\r\x1b[K  {bar:<{width}} {done} of {total}{left} {doing}")
    sys.stdout.flush()


def progress_ends() -> None:
    if TTY:
        sys.stdout.write("\r\x1b[K")
        sys.stdout.flush()


if __name__ == "__main__":
    main(ROOT / sys.argv[1])
