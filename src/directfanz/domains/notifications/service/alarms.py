"""Who operates the platform hears when an alarm of platform.toml begins and ends. On AWS CloudWatch does this, from the same limits."""

from __future__ import annotations

import asyncio

from directfanz.backends import Backends
from directfanz.backends.telemetry.alarms import MINUTE, Change, Figure, changes, stored
from directfanz.backends.telemetry.store import schema
from directfanz.domains.accounts.service import admin
from directfanz.domains.notifications.service import notify

TOLD_AFTER_SECONDS = 30  # a process tells its figures a little after the minute that they are of
KIND = {"page": "platform.alarm", "warn": "platform.warning"}


async def watch(backends: Backends) -> None:
    path = schema.path_in(backends.settings.state_dir)
    if backends.settings.profile != "local" or not await asyncio.to_thread(path.exists):
        return
    await announce(backends, stored(path, backends.platform))


async def announce(backends: Backends, figure: Figure) -> None:
    now = backends.clock.now().timestamp()
    minute = (now - TOLD_AFTER_SECONDS) // MINUTE * MINUTE
    found = await asyncio.to_thread(lambda: list(changes(backends.platform, minute, figure)))
    if not found:
        return
    async with backends.database.writing() as tx:
        for operator in await admin.operators(tx):
            for change in found:
                once = f"{change.name} {change.state} {minute:.0f}"
                await notify(backends, tx, operator, _kind(change), dedupe=once, link="/admin", **_facts(change))


def _kind(change: Change) -> str:
    return KIND[change.alarm.severity] if change.state == "alarm" else "platform.alarm_over"


def _facts(change: Change) -> dict[str, str]:
    return {"name": change.name.replace("_", " "), "about": change.alarm.about}
