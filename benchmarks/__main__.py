"""`make bench`: every figure of docs/performance.md, measured again."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.harness.compare import compare, table
from benchmarks.harness.load import LOAD_CPU, require_wrk
from benchmarks.web import contenders, scenarios
from benchmarks.world import BenchWorld, results_folder
from tests.support.engines import begin_run, end_run, shared_engines
from tests.support.worlds import make_world

WIDTH = 110  # of a table, also where the output is a file


def main() -> None:
    wanted = _arguments()
    require_wrk()
    os.environ["BENCH_PYTHON"] = sys.executable
    os.environ["BENCH_NODE"] = str(Path(sys.executable).with_name("node"))
    os.sched_setaffinity(0, {int(LOAD_CPU)})  # engines and load share this core; the measured server has the other
    begin_run()
    try:
        with tempfile.TemporaryDirectory() as state:
            _measure(wanted, Path(state))
    finally:
        end_run()


def _measure(wanted: argparse.Namespace, state: Path) -> None:
    engines, folder = shared_engines(), results_folder()
    world = BenchWorld(engines, make_world(engines, "bench", 0, state))
    world.fill()
    chosen = [s for s in scenarios(world) if not wanted.only or s.name in wanted.only]
    against = [
        c for c in contenders(world, folder) if not wanted.beside or c.name.startswith((*wanted.beside, "DirectFanz"))
    ]
    samples = compare(chosen, against, wanted.rounds)
    console = Console(width=max(WIDTH, Console().width))
    for scenario in chosen:
        console.print(table(scenario, samples))
    (folder / "web.json").write_text(json.dumps([asdict(sample) for sample in samples], indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", help="a scenario, such as 'cached read'; may be given again")
    parser.add_argument("--beside", action="append", help="a peer, such as Fastify; may be given again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
