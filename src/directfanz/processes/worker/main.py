"""`directfanz run worker`"""

from __future__ import annotations

from directfanz.processes.lifecycle import run_process
from directfanz.processes.worker.app import work
from directfanz.settings import Settings


def main(settings: Settings) -> None:
    run_process("worker", settings, work)
