"""All jobs and schedules of the platform: a domain's `jobs.py` is listed here, and the worker runs it."""

from __future__ import annotations

from typing import Any

from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.accounts import jobs as accounts
from directfanz.domains.audit import jobs as audit
from directfanz.domains.chat import jobs as chat
from directfanz.domains.community import jobs as community
from directfanz.domains.content import jobs as content
from directfanz.domains.creators import jobs as creators
from directfanz.domains.discovery import jobs as discovery
from directfanz.domains.entitlements import jobs as entitlements
from directfanz.domains.ledger import jobs as ledger
from directfanz.domains.live import jobs as live
from directfanz.domains.media import jobs as media
from directfanz.domains.memberships import jobs as memberships
from directfanz.domains.notifications import jobs as notifications
from directfanz.domains.payments import jobs as payments
from directfanz.domains.privacy import jobs as privacy

JOBS: list[Job[Any]] = [
    *audit.JOBS,
    *privacy.JOBS,
    *notifications.JOBS,
    *accounts.JOBS,
    *creators.JOBS,
    *media.JOBS,
    *content.JOBS,
    *community.JOBS,
    *ledger.JOBS,
    *entitlements.JOBS,
    *memberships.JOBS,
    *payments.JOBS,
    *discovery.JOBS,
    *chat.JOBS,
    *live.JOBS,
]
SCHEDULES: list[Schedule] = [
    *audit.SCHEDULES,
    *privacy.SCHEDULES,
    *notifications.SCHEDULES,
    *accounts.SCHEDULES,
    *media.SCHEDULES,
    *content.SCHEDULES,
    *community.SCHEDULES,
    *ledger.SCHEDULES,
    *entitlements.SCHEDULES,
    *memberships.SCHEDULES,
    *payments.SCHEDULES,
    *discovery.SCHEDULES,
    *chat.SCHEDULES,
    *live.SCHEDULES,
]
