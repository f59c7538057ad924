"""Contenders in turn, round after round, so that a noisy minute hits all of them alike.

The figure to compare is the server's own CPU time per request: it repeats where wall time does not. Two ratios are told: best
round against best round, which other work on the machine disturbs least, and the peer's best over our median, which is the
careful reading.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.harness.load import Request, load
from benchmarks.harness.server import Server

OURS = "DirectFanz"


@dataclass(frozen=True)
class Scenario:
    name: str
    about: str
    requests: Callable[[str], Sequence[Request]]  # for a contender's name
    connections: int = 64
    seconds: int = 3


@dataclass(frozen=True)
class Contender:
    name: str
    start: Callable[[], AbstractContextManager[Server]]
    only: tuple[str, ...] = ()  # scenarios; all, if not said


@dataclass(frozen=True)
class Sample:
    contender: str
    scenario: str
    cpu_us: float
    per_second: float
    p50_ms: float
    p95_ms: float
    failed: int
    memory_mib: float


def compare(scenarios: Sequence[Scenario], contenders: Sequence[Contender], rounds: int) -> list[Sample]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("measuring", total=rounds * len(contenders) * len(scenarios))
        samples = []
        for _ in range(rounds):
            for contender in contenders:
                with contender.start() as server:
                    for scenario in scenarios:
                        progress.update(task, description=f"{contender.name}: {scenario.name}")
                        if not contender.only or scenario.name in contender.only:
                            samples.append(_measure(contender.name, scenario, server))
                        progress.advance(task)
    return samples


def _measure(name: str, scenario: Scenario, server: Server) -> Sample:
    requests = scenario.requests(name)
    load(server.port, requests, 5 if name.startswith("Next") else 1, scenario.connections)
    before = server.cpu_seconds()
    answered = load(server.port, requests, scenario.seconds, scenario.connections)
    spent = server.cpu_seconds() - before
    return Sample(
        name, scenario.name, spent * 1e6 / max(answered.requests, 1), answered.requests / answered.seconds,
        answered.p50_ms, answered.p95_ms, answered.failed, server.memory_mib(),
    )  # fmt: skip


def table(scenario: Scenario, samples: Sequence[Sample]) -> Table:
    rows = [sample for sample in samples if sample.scenario == scenario.name]
    ours = [sample.cpu_us for sample in rows if sample.contender == OURS]
    drawn = Table(title=f"{scenario.name}: {scenario.about}", title_justify="left", header_style="bold")
    for column in ("", "us best", "median", "x ours", "at least", "req/s", "p50 ms", "p95 ms", "MiB", "failed"):
        drawn.add_column(column, justify="left" if not column else "right")
    for name in dict.fromkeys(sample.contender for sample in rows):
        mine = [sample for sample in rows if sample.contender == name]
        costs = [s.cpu_us for s in mine]
        best = min(costs)
        ratios = (f"{best / min(ours):.2f}", f"{best / statistics.median(ours):.2f}") if name != OURS else ("", "")
        drawn.add_row(
            name, f"{best:.0f}", f"{statistics.median(costs):.0f}", *ratios,
            *(f"{_middle(mine, key):.{places}f}" for key, places in MIDDLES), str(sum(s.failed for s in mine)),
        )  # fmt: skip
    return drawn


MIDDLES = (("per_second", 0), ("p50_ms", 1), ("p95_ms", 1), ("memory_mib", 0))


def _middle(samples: Sequence[Sample], key: str) -> float:
    return statistics.median(float(getattr(sample, key)) for sample in samples)
