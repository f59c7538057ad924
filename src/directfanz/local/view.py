"""How a stack looks in a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from directfanz.local.part import Standing, State
from directfanz.local.status import Status

STYLES: dict[State, str] = {
    "waiting": "dim",
    "starting": "yellow",
    "ready": "green",
    "not answering": "red",
    "restarting": "red",
    "done": "green",
    "stopped": "dim",
}
FINAL: tuple[State, ...] = ("ready", "done")
NUMBERS = ("ready in", "starts", "process")
PIPED_COLUMNS = 160


def terminal() -> Console:
    """A pipe has no width of its own, and lines that are cut are of no use to a script."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_COLUMNS)


def table(told: Status) -> Table:
    view = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("part", "state", "ready in", "starts", "process", "address", ""):
        view.add_column(title, justify="right" if title in NUMBERS else "left", no_wrap=True)
    for part in told.parts:
        view.add_row(*_row(part))
    return view


def _row(part: Standing) -> tuple[RenderableType, ...]:
    return (
        part.name,
        Text(part.state, style=STYLES[part.state]),
        "" if part.ready_in is None else f"{part.ready_in:.2f} s",
        str(part.starts) if part.starts else "",
        str(part.pid) if part.pid else "",
        part.address,
        Text(part.note or part.about, style="dim"),
    )


def heading(told: Status) -> Text:
    ready = sum(part.state in FINAL for part in told.parts)
    return Text.assemble(
        ("DirectFanz ", "bold"),
        f"is {told.mood}",
        (f"  {ready} of {len(told.parts)} parts ready  ", "dim"),
        told.site_url,
    )


def whole(told: Status) -> Group:
    return Group(heading(told), Text(""), table(told))


class Progress:
    """A live table on a terminal; elsewhere one line for each part when it has come so far."""

    def __init__(self, console: Console, title: str, ends: tuple[State, ...] = FINAL) -> None:
        self._console, self._title, self._ends = console, title, ends
        self._live = Live(console=console, transient=True, refresh_per_second=10) if console.is_terminal else None
        self._spinner = Spinner("dots", title)
        self._said: set[str] = set()

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
            self._live.update(self._spinner)
        else:
            self._console.print(self._title)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, told: Status) -> None:
        if self._live:
            self._live.update(Group(self._spinner, table(told)))
            return
        for part in told.parts:
            if part.state in self._ends and part.name not in self._said:
                self._said.add(part.name)
                self._console.print(f"  {part.name} {part.state}")


def moved(told: Status) -> list[str]:
    return [
        f"Port {was} is in use by another program, so {name} listens on {got} this time."
        for name, (was, got) in told.moved.items()
    ]
