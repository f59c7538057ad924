"""How a move looks in a terminal, in a pipe and to a script."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import msgspec
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from directfanz.migrate.preflight import Check
from directfanz.migrate.progress import Tick
from directfanz.migrate.state.tables import SCHEMA
from directfanz.migrate.status import MoveStatus

OURS = f"{SCHEMA}_"  # what the names of our slots and streams begin with
KINDS = {"warning": "yellow", "refused": "red", "milestone": "green", "cutover": "bold green", "drill": "cyan"}

# What an operator says next, by phase.
AFTERWARDS = {
    "planned": "`preflight`, then `schema`; or `run`",
    "schema": "`copy`",
    "copied": "`follow`",
    "following": "`verify`, `drill`, then `cutover`",
    "cut_over": "`verify`, then `finish --no-way-back`; or `rollback`",
}


def amount(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "not known yet"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def tick_line(tick: Tick) -> str:
    rates = f"  {tick.rows:,} rows, {tick.rows_per_second:,.0f} rows/s" if tick.rows else ""
    if tick.bytes:
        rates += f", {amount(tick.bytes)}, {amount(tick.bytes_per_second)}/s"
    return f"{tick.verb} {tick.share:6.1%}{rates}  left: {duration(tick.seconds_left)}  {tick.what[:60]}"


class Teller:
    """One JSON object per line for a script, one line that stays up to date for a person, few lines for a log."""

    def __init__(self, *, as_json: bool) -> None:
        self._json, self._live = as_json, sys.stderr.isatty()
        self._tenth = -1

    def tick(self, tick: Tick) -> None:
        if self._json:
            self._line({"event": "progress", **msgspec.to_builtins(tick)})
        elif self._live:
            sys.stderr.write(f"\r\x1b[2K{tick_line(tick)}")
            sys.stderr.flush()
        elif int(tick.share * 10) != self._tenth:
            self._tenth = int(tick.share * 10)
            sys.stderr.write(f"{tick_line(tick)}\n")

    def say(self, words: str) -> None:
        if self._json:
            self._line({"event": "note", "message": words})
            return
        sys.stderr.write(("\r\x1b[2K" if self._live else "") + words + "\n")

    def result(self, value: object, words: str) -> None:
        if self._json:
            self._line({"event": "result", "result": msgspec.to_builtins(value)})
            return
        sys.stderr.write("\r\x1b[2K" if self._live else "")
        sys.stdout.write(f"{words}\n")

    @staticmethod
    def _line(value: object) -> None:
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
        sys.stdout.flush()


def whole(now: MoveStatus) -> RenderableType:
    """Narrow enough for a telephone."""
    head = Text.assemble((f"{now.phase}", "bold green"), f"  {now.source} -> {now.target}")
    if now.doing:
        head.append(f"\n`{now.doing}` is under way or was interrupted", style="yellow")
    facts = Table(box=None, pad_edge=False, show_header=False)
    for name, words in _facts(now):
        facts.add_row(name, words)
    lines = Table.grid(padding=(0, 1))
    for line in now.journal:
        lines.add_row(Text(line.at[11:19]), Text(line.message, style=KINDS.get(line.kind, "")))
    return Group(head, Text(""), facts, Text(""), lines)


def checked(checks: list[Check]) -> str:
    """What somebody has to do something about; of the rest only the number."""
    found = [one for one in checks if one.verdict != "fine"]
    told = [
        f"{one.verdict:<8} {one.side}: {one.name}\n         {one.words}"
        for one in sorted(found, key=lambda one: one.verdict)
    ]
    return "\n".join([*told, f"{len(checks) - len(found)} of {len(checks)} checks are fine."])


def plain(now: MoveStatus) -> str:
    console = Console(highlight=False, width=100, record=True, file=io.StringIO())
    console.print(whole(now))
    return "\n".join(line.rstrip() for line in console.export_text().rstrip().splitlines())


def _facts(now: MoveStatus) -> list[tuple[str, str]]:
    copied = now.done / now.total if now.total else 0.0
    facts = [
        ("copied", f"{copied:.1%} of {amount(now.total)}: {now.rows:,} rows"),
        ("statements", f"{now.statements_done} of {now.statements}"),
    ]
    facts += [
        (
            "slot",
            f"{one.name.removeprefix(OURS)}: {amount(one.kept_bytes)} kept, {'running' if one.active else 'idle'}, {one.level}",
        )
        for one in now.slots
    ]
    facts += [
        ("stream", f"{one.name.removeprefix(OURS)}: {'runs' if one.running else 'does not run'}, {one.errors} errors")
        for one in now.channels
    ]
    if now.verified and now.phase not in ("planned", "schema"):
        facts.append(("verified", now.verified))
    if words := AFTERWARDS.get(now.phase):
        again = "`rollback`" if now.doing == "rollback" else f"`{now.doing} --resume` or `rollback`"
        facts.append(("next", again if now.doing else words))
    return facts


def keep_showing(look: Callable[[], MoveStatus], wait: Callable[[float], None], seconds: float) -> None:
    from rich.live import Live

    console = Console(highlight=False)
    with Live(whole(look()), console=console, refresh_per_second=4) as live:
        while True:
            wait(seconds)
            live.update(whole(look()))
