"""procrastinate's worker for one queue, with three habits changed."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from procrastinate.worker import Worker

log = logging.getLogger("directfanz.jobs")


class QueueWorker(Worker):
    async def _periodic_deferrer(self) -> None:
        """Schedules are kept by one task for all queues. This one must not end: the watch over the heartbeat ends with it."""
        await asyncio.Event().wait()

    async def _persist_job_status(self, job: Any, *rest: Any, **more: Any) -> None:
        """When the server stays away the job is lost, not the worker: it runs again once it is found without a worker."""
        try:
            await super()._persist_job_status(job, *rest, **more)
        except Exception:
            log.exception("job %s ended, and it could not be noted; it will run again", job.task_name)

    def _log_job_outcome(self, *_: Any, **__: Any) -> None:
        """It would quote the payload, which may be personal. `JobRunner` tells the outcome."""
