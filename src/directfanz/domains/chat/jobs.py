from __future__ import annotations

from typing import Any

from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.chat.service.polling import END_DUE
from directfanz.domains.chat.service.telling import LOOK
from directfanz.domains.chat.service.tipping import show
from directfanz.domains.payments.events import TIP_MOVED

JOBS: list[Job[Any]] = [LOOK, END_DUE, TIP_MOVED.heard_by(show)]
# Each poll brings its own; this is for one that got lost.
SCHEDULES = [Schedule(END_DUE, "* * * * *")]
