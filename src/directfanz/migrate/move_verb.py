"""What every verb understands: `--json`, `--dry-run`, and `--resume` or `--restart` but not both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from directfanz.migrate.errors import WrongUse

Would = str | Callable[[dict[str, Any]], str]


def _as_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    """Before the verb or behind it: nobody should have to remember."""
    if value:
        context.obj.speak_json()


OPTIONS = (
    click.Option(["--resume"], is_flag=True, help="Go on where it was interrupted."),
    click.Option(["--restart"], is_flag=True, help="Undo what was begun, and begin anew."),
    click.Option(["--dry-run"], is_flag=True, help="Say what would be done, and do nothing."),
    click.Option(["--json", "as_json"], is_flag=True, expose_value=False, callback=_as_json, help="For a script."),
)


class MoveVerb(click.Command):
    """`would` is the end of the sentence "copy would ..."; a verb without it answers to --dry-run itself.

    `only_looks` leaves nothing behind, so going on and beginning anew are the same, and it is not asked which. `no_restart` says why this
    one cannot be undone and begun anew.
    """

    def __init__(self, *words: Any, would: Would = "", only_looks: bool = False, no_restart: str = "", **named: Any):
        super().__init__(*words, **named)
        self.params = [*self.params, *OPTIONS]
        self._would, self._only_looks, self._no_restart = would, only_looks, no_restart

    def invoke(self, ctx: click.Context) -> Any:
        if ctx.params["resume"] and ctx.params["restart"]:
            raise WrongUse("Say --resume or --restart, not both.")
        if ctx.params["restart"] and self._no_restart:
            raise WrongUse(self._no_restart)
        if self._would and ctx.params.pop("dry_run"):
            what = self._would if isinstance(self._would, str) else self._would(ctx.params)
            told = {"verb": self.name, "would": what}
            return ctx.obj.teller.result(told, f"{self.name} would {what}. Nothing was done.")
        if self._no_restart or self._only_looks:
            del ctx.params["restart"]
        if self._only_looks:
            del ctx.params["resume"]
        return super().invoke(ctx)
