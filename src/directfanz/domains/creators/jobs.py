from __future__ import annotations

from typing import Any

from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.creators.service.pictures import REMOVE_PICTURE
from directfanz.domains.creators.service.team.invitations import SEND_INVITATION

JOBS: list[Job[Any]] = [REMOVE_PICTURE, SEND_INVITATION]
SCHEDULES: list[Schedule] = []
