"""`directfanz migrate objects references ...`: addresses of objects that the database holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from directfanz.migrate.objects.references import Rewritten, find_field, rewrite, rewritten, take_back
from directfanz.migrate.state.machine import require_phase

if TYPE_CHECKING:
    from directfanz.migrate.cli import Asked


@click.group()
def references() -> None:
    """Rewrite addresses of objects in the database, and take that back."""


@references.command("apply")
@click.option("--field", "fields", multiple=True, required=True, metavar="SCHEMA.TABLE.COLUMN")
@click.option("--from", "old", required=True, help="What the references begin with now.")
@click.option("--to", "new", required=True, help="What they are to begin with.")
@click.option("--anywhere", is_flag=True, help="Within a longer text too, such as a page.")
@click.pass_obj
def apply_references(asked: Asked, fields: tuple[str, ...], old: str, new: str, anywhere: bool) -> None:
    """After the cutover: every row that is changed is remembered, and `rollback` takes all of them back by itself."""
    with asked.work("references") as work:
        require_phase(work.store.standing(), ("cut_over", "finished"), "objects references apply")
        with work.target.session("references") as session:
            made = [
                rewrite(session, work.store.run, find_field(session, one), old, new, anywhere=anywhere)
                for one in fields
            ]
        work.decide("milestone", f"References rewritten: {_words(made)}.")
    asked.teller.result(made, "")


@references.command("undo")
@click.pass_obj
def undo_references(asked: Asked) -> None:
    """Every row that is still as it was rewritten says again what it said before."""
    with asked.work("references") as work, work.target.session("references") as session:
        made = take_back(session, work.store.run)
        work.decide("milestone", f"References taken back: {_words(made)}.")
    asked.teller.result(made, "")


@references.command("show")
@click.pass_obj
def show_references(asked: Asked) -> None:
    """What was rewritten and can be taken back."""
    with asked.work("references") as work:
        made = rewritten(work.store.session, work.store.run)
    asked.teller.result(made, _words(made))


def _words(made: list[Rewritten]) -> str:
    said = [
        f"{one.rows:,} rows of {one.relation}.{one.field}"
        + (f", {one.left:,} changed since and left" if one.left else "")
        for one in made
    ]
    return "; ".join(said) or "none"
