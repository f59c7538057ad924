"""Looks at the machine before anything is started: programs, disk, ports, user."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from directfanz.errors import DirectFanzError
from directfanz.local.checkout import Checkout
from directfanz.local.control import running
from directfanz.local.engines import programs
from directfanz.local.ports import holder_of
from directfanz.local.privileges import drop_mode
from directfanz.local.stack import wanted
from directfanz.local.state import NEEDED_MIB
from directfanz.local.view import terminal
from directfanz.platform_toml import Platform, load_platform

MIN_PYTHON = (3, 11)
PROGRAMS: dict[str, Callable[[], Path]] = {
    "PostgreSQL": programs.postgres_tree,
    "Valkey": programs.valkey,
    "SeaweedFS": programs.seaweedfs,
    "nginx": programs.nginx,
    "ffmpeg": programs.ffmpeg,
}
ROOT_MODES = {
    "plain": "PostgreSQL runs as this user",
    "namespace": "root; PostgreSQL runs in a user namespace",
    "nobody": "root without user namespaces; PostgreSQL runs as nobody",
}


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    fine: bool
    found: str
    advice: str = ""


def examine(checkout: Checkout) -> list[Finding]:
    return [_python(), *_programs(), _user(), _disk(checkout), *_platform(checkout)]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= MIN_PYTHON, found, "Install Python 3.11 or newer.")


def _programs() -> Iterator[Finding]:
    for name, find in PROGRAMS.items():
        try:
            yield Finding(name, True, str(find()))
        except DirectFanzError as error:
            yield Finding(name, False, "missing", error.message)


def _user() -> Finding:
    return Finding("User", True, ROOT_MODES[drop_mode()])


def _disk(checkout: Checkout) -> Finding:
    root = checkout.state.root
    existing = next(folder for folder in (root, *root.parents) if folder.exists())
    free_mib = shutil.disk_usage(existing).free // 2**20
    advice = "Make room, or set DIRECTFANZ_STATE_DIR to a folder on another disk."
    return Finding("Disk", free_mib >= NEEDED_MIB, f"{free_mib} MiB free at {existing}", advice)


def _platform(checkout: Checkout) -> Iterator[Finding]:
    try:
        platform = load_platform(checkout.platform_file)
    except DirectFanzError as error:
        yield Finding("platform.toml", False, "cannot be read", error.message)
        return
    yield Finding("platform.toml", True, str(checkout.platform_file))
    yield _ports(checkout, platform)
    if running(checkout):
        yield _books(checkout)


def _books(checkout: Checkout) -> Finding:
    from directfanz.local.books import problems

    found = asyncio.run(problems(checkout))
    advice = "Look at /admin/payments, and compare the ledger with a backup before anything is paid out."
    return Finding("Books", not found, "; ".join(found[:5]) if found else "every invariant holds", advice)


def _ports(checkout: Checkout, platform: Platform) -> Finding:
    if running(checkout):
        return Finding("Ports", True, "the platform runs and holds them")
    held = [
        f"{port} ({name}) by {holder}"
        for name, port in wanted(platform, os.environ).items()
        if (holder := holder_of(port))
    ]
    # Not an error: a part whose port is taken moves to the next free one.
    return Finding("Ports", True, f"in use: {', '.join(held)}; those parts will move aside" if held else "all free")


def diagnose(checkout: Checkout) -> bool:
    """Prints what was found; whether all is fine."""
    findings, console = examine(checkout), terminal()
    for finding in findings:
        console.print(_line(finding), soft_wrap=True)
    return all(finding.fine for finding in findings)


def _line(finding: Finding) -> str:
    mark = "[green]✓[/]" if finding.fine else "[red]✗[/]"
    return f"{mark} {finding.what}: {finding.found}" + ("" if finding.fine else f"\n    {finding.advice}")
