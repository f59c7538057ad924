"""What is written of a request, and what is not."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from directfanz.backends.clock.manual import ManualClock
from directfanz.http.access_log import MAX_LINES, AccessLog
from directfanz.http.arrival import Arrival
from directfanz.http.caller import Caller


def arrival(clock: ManualClock) -> Arrival:
    head = {b"user-agent": b"Firefox", b"cookie": b"df_session=secret"}
    made = Arrival("id-00000001", "GET", "/people/ada?x=1", b"token=secret", head, "192.0.2.1", clock.monotonic())
    made.route = "/people/{handle}"
    return made


async def test_a_line_names_the_route_and_the_person_by_id_alone() -> None:
    clock = ManualClock(datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC))
    lines: list[bytes] = []
    log = AccessLog("web", clock, lines.append, every_seconds=3600)
    asked = arrival(clock)
    asked.caller = Caller(user_id=UUID(int=7), handle="ada", name="Ada")
    await clock.advance(timedelta(milliseconds=12.5))
    log.line(asked, 200, 1234, clock.monotonic())
    log.flush()
    assert json.loads(lines[0]) == {
        "time": "2026-03-02T09:00:00.262Z",
        "level": "info",
        "service": "web",
        "logger": "directfanz.access",
        "message": "GET /people/{handle} 200",
        "request_id": "id-00000001",
        "fields": {
            "method": "GET",
            "route": "/people/{handle}",
            "status": 200,
            "bytes": 1234,
            "ms": 12.5,
            "user_id": str(UUID(int=7)),
        },
    }


async def test_lines_are_handed_over_together() -> None:
    clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    written: list[bytes] = []
    told: list[int] = []
    log = AccessLog("web", clock, written.append, lambda: told.append(1), every_seconds=3600)
    for number in range(MAX_LINES + 1):
        await clock.advance(timedelta(milliseconds=600 * (number % 3)))
        log.line(arrival(clock), 200, 0, clock.monotonic())
    assert [block.count(b"\n") + 1 for block in written] == [MAX_LINES]
    log.flush()
    log.flush()
    assert [block.count(b"\n") + 1 for block in written] == [MAX_LINES, 1]
    times = [json.loads(line)["time"] for block in written for line in block.split(b"\n")]
    assert times == sorted(times)
    assert len(told) == 2


async def test_a_lone_line_does_not_wait_for_others() -> None:
    clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    handed = asyncio.get_running_loop().create_future()
    log = AccessLog("web", clock, handed.set_result, every_seconds=0.001)
    log.line(arrival(clock), 200, 0, clock.monotonic())
    assert b'"request_id":"id-00000001"' in await asyncio.wait_for(handed, 10)
