"""Runs what was enqueued, the way the worker does, and comes back when nothing is due any more."""

from __future__ import annotations

from directfanz.backends import Backends
from directfanz.backends.jobs.runner import JobRunner
from directfanz.processes.worker.main import JOBS


async def run_waiting_jobs(backends: Backends) -> None:
    await JobRunner(backends, JOBS).run_waiting()
