"""The page of a move, for those who run the platform: what `directfanz migrate` wrote on the board (`kit.move_board`), live."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get

from directfanz.backends import Backends
from directfanz.domains.notifications.events import channel_of
from directfanz.http.caller import Caller, require_role
from directfanz.http.dependencies import Given
from directfanz.http.pages import render
from directfanz.kit.move_board import BOARD, PHASES, STALE_SECONDS, WATCH_SECONDS, WATCHERS, Board, read

LAG_POINTS = 120
NAMES = {
    "planned": "Planned",
    "schema": "Schema",
    "copied": "Copied",
    "following": "Following",
    "cut_over": "Cut over",
    "finished": "Finished",
}
DOING = {
    "schema": "Making the schema",
    "copy": "Copying",
    "follow": "Starting the streams",
    "cutover": "Cutting over",
    "rollback": "Going back",
    "finish": "Finishing",
}


@get("/")
async def move_page(request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller]) -> Response[Any]:
    board = read(await backends.cache.get(BOARD))
    now = backends.clock.now().timestamp()
    if caller.user_id is not None:
        await backends.cache.command(
            "HSET", WATCHERS, channel_of(caller.user_id), f"{now + WATCH_SECONDS:.0f}", key=WATCHERS
        )
    return render(
        request, "site/move.html", board=board, facts=_facts(board) if board else [], amount=_amount, count=_count,
        lag=_lag(board) if board else [],
        phases=[[name, NAMES[name]] for name in PHASES], doing=DOING.get(board.doing or "") if board else None,
        at=PHASES.index(board.phase) if board else 0, age=round(now - board.at) if board else 0,
        stale=bool(board and now - board.at > STALE_SECONDS),
    )  # fmt: skip


def _facts(board: Board) -> list[tuple[str, str]]:
    """What a person asks first, in figures that they can say aloud."""
    facts = [("Copied", f"{board.share:.0%}"), ("Rows", _count(board.rows)), ("Bytes", _amount(board.bytes))]
    if board.doing and board.share < 1:
        facts += [("Each second", _amount(board.bytes_per_second)), ("Left", _duration(board.seconds_left))]
    if board.lag_bytes:
        facts.append(("Behind", _amount(board.lag_bytes[-1])))
    return facts


def _amount(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _lag(board: Board) -> list[int]:
    """Of one width however long somebody has looked."""
    return [*([0] * max(0, LAG_POINTS - len(board.lag_bytes))), *board.lag_bytes]


def _count(number: int) -> str:
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1e6:.1f} M" if number >= 1_000_000 else f"{number / 1000:.0f} k"


def _duration(seconds: float | None) -> str:
    """Two figures at most: it is a guess, and has to fit a small card."""
    if seconds is None:
        return "not known yet"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{round(minutes / 60)} h"


routes = [Router("/admin/move", route_handlers=[move_page], guards=[require_role("admin")], include_in_schema=False)]
