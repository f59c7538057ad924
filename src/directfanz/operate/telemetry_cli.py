"""`directfanz telemetry`: what this machine's processes have told, on the terminal or as JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.telemetry.store import schema
from directfanz.backends.telemetry.store.logs import LogQuery, StoredLine, find_logs
from directfanz.backends.telemetry.store.rows import LEVELS
from directfanz.backends.telemetry.store.traces import TraceQuery, find_traces, read_trace
from directfanz.operate.telemetry_figures import figures_of, overview, seconds_text, trace_tree
from directfanz.settings import Settings

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_COLOURS = {"warning": "yellow", "error": "red", "critical": "red", "debug": "bright_black"}


class Ago(click.ParamType[float]):
    """`15m`, `2h`, `3d`, or a moment as 2026-11-21T12:00Z; becomes seconds since 1970."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        if found := re.fullmatch(r"(\d{1,6})([smhd])", value):
            return SystemClock().now().timestamp() - int(found[1]) * _UNITS[found[2]]
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a time ago, such as 15m, 2h or 3d, nor a moment.", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


SINCE = click.option("--since", type=Ago(), default="1h", show_default=True, help="15m, 2h, 3d ago, or a moment.")
UNTIL = click.option("--until", type=Ago(), help="The same; default: now.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
SERVICE = click.option("--service", help="web, worker, realtime or streaming.")


def telemetry_group(settings: Callable[[], Settings]) -> click.Group:
    def store() -> Path:
        return schema.path_in(settings().state_dir)

    group = click.Group("telemetry", help="Logs, figures and traces of this machine's processes.")
    for add in (_add_logs, _add_metrics, _add_traces, _add_trace):
        add(group, store)
    return group


def _add_logs(group: click.Group, store: Callable[[], Path]) -> None:
    @group.command()
    @click.option("--request-id", help="As an error page shows it.")
    @click.option("--trace", "trace_id", help="Lines of one trace.")
    @click.option("--text", help="Somewhere in the line.")
    @click.option("--level", type=click.Choice(list(LEVELS)), default="info", show_default=True, help="Or worse.")
    @click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="The newest so many.")
    @SERVICE
    @SINCE
    @UNTIL
    @AS_JSON
    def logs(as_json: bool, since: float, request_id: str | None, trace_id: str | None, **asked: Any) -> None:
        """Log lines, oldest first. A request or a trace is found however old it is."""
        by_id = request_id or trace_id
        query = LogQuery(since=None if by_id else since, request_id=request_id, trace_id=trace_id, **asked)
        found = find_logs(store(), query)
        _say(found, as_json, _log_line, "No line fits. Try --since 1d, or --level debug.")


def _add_metrics(group: click.Group, store: Callable[[], Path]) -> None:
    @group.command()
    @click.argument("name", required=False)
    @click.option("--step", "step_seconds", type=click.IntRange(10, 86_400), default=60, show_default=True)
    @click.option("--where", multiple=True, metavar="LABEL=VALUE", help="Only with this label.")
    @click.option("--by", multiple=True, metavar="LABEL", help="One series per value of it.")
    @click.option("--percentile", type=click.FloatRange(0, 100), default=95, show_default=True, help="Of a histogram.")
    @SINCE
    @UNTIL
    @AS_JSON
    def metrics(name: str | None, as_json: bool, until: float | None, **asked: Any) -> None:
        """All figures that are told, or one over time."""
        path, now = store(), SystemClock().now().timestamp()
        if name is None:
            _say(
                overview(path, asked["since"], until or now), as_json, lambda one: one.line(), "No figure was told yet."
            )
            return
        where = dict(_pair(text) for text in asked.pop("where"))
        lines = figures_of(path, name, until=until or now, where=where, **asked)
        _say(lines, as_json, lambda one: one.line(), f"{name} was not told in this time.")


def _add_traces(group: click.Group, store: Callable[[], Path]) -> None:
    @group.command()
    @click.option("--slower-than", type=click.IntRange(0), default=0, metavar="MS", help="Took longer.")
    @click.option("--failed", is_flag=True, help="Ended in an error.")
    @click.option("--name", help="Of the first step.")
    @click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
    @SERVICE
    @SINCE
    @UNTIL
    @AS_JSON
    def traces(slower_than: int, as_json: bool, **asked: Any) -> None:
        """Kept traces, newest first."""
        found = find_traces(store(), TraceQuery(slower_than_seconds=slower_than / 1000, **asked))

        def line(root: Any) -> str:
            failed = click.style(f" {root.error}", fg="red") if root.error else ""
            return f"{_clock(root.started)}  {root.trace_id}  {seconds_text(root.seconds):>9}  {root.service} {root.name}{failed}"

        _say(found, as_json, line, "No trace fits. `DIRECTFANZ_TRACE_RATIO` says which share of requests is kept.")


def _add_trace(group: click.Group, store: Callable[[], Path]) -> None:
    @group.command()
    @click.argument("trace_id")
    @AS_JSON
    def trace(trace_id: str, as_json: bool) -> None:
        """The steps of one trace, with their log lines."""
        path = store()
        spans = read_trace(path, trace_id)
        if as_json:
            _say(spans, True, str, "")
            return
        if not spans:
            raise click.ClickException(f"No trace {trace_id} was kept.")
        for line in trace_tree(spans):
            click.echo(line)
        for found in find_logs(path, LogQuery(trace_id=trace_id)):
            click.echo(_log_line(found))


def _log_line(line: StoredLine) -> str:
    fields = " ".join(f"{name}={value}" for name, value in line.fields.items())
    ids = f" [{line.request_id}]" if line.request_id else ""
    level = click.style(f"{line.level:<8}", fg=_COLOURS.get(line.level))
    stack = f"\n{line.stack}" if line.stack else ""
    return f"{_clock(line.time)} {level} {line.service:<9} {line.message}{' ' + fields if fields else ''}{ids}{stack}"


def _say(found: Iterable[Any], as_json: bool, line: Callable[[Any], str], nothing: str) -> None:
    count = 0
    for one in found:
        count += 1
        click.echo(msgspec.json.encode(one).decode() if as_json else line(one))
    if not count and not as_json and sys.stderr.isatty():
        click.echo(nothing, err=True)


def _clock(seconds: float) -> str:
    """In the zone of whoever sits here."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%m-%d %H:%M:%S.%f")[:-3]


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise click.BadParameter(f"{text!r} must look like label=value.", param_hint="--where")
    return name, value
