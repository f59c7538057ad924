"""`directfanz migrate objects ...` and `directfanz migrate cache ...`: what stands beside the database, by verbs that run alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from directfanz.backends.clock.system import SystemClock
from directfanz.migrate.errors import Different
from directfanz.migrate.progress import Progress

if TYPE_CHECKING:
    from directfanz.migrate.cache.carrying import Shelf
    from directfanz.migrate.cli import Asked
    from directfanz.migrate.objects.ledger import Ledger
    from directfanz.migrate.objects.place import Place

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FROM = click.option(
    "--from",
    "source",
    type=FILE,
    required=True,
    help="JSON: bucket, endpoint, access_key, secret_key, session_token, region, prefix.",
)
TO = click.option("--to", "target", type=FILE, required=True, help="The same.")

VERSIONS = click.option("--versions", is_flag=True, help="Every version and every mark of deletion, in their order.")


@click.group()
def objects() -> None:
    """Objects from any S3 to any S3. The ledger is kept in the target database."""


@contextmanager
def _places(asked: Asked, source: Path, target: Path) -> Iterator[tuple[Place, Place, Ledger]]:
    from directfanz.migrate.objects.ledger import Ledger
    from directfanz.migrate.objects.place import read_place

    here, there = read_place(source, "source"), read_place(target, "target")
    try:
        with asked.side("target").session("objects") as session:
            yield here, there, Ledger(session, f"{here.name} -> {there.name}")
    finally:
        here.close()
        there.close()


@objects.command("preflight")
@FROM
@TO
@click.option("--accept", multiple=True, metavar="CHECK", help="A warning that you have read.")
@click.pass_obj
def look_at_objects(asked: Asked, source: Path, target: Path, accept: tuple[str, ...]) -> None:
    """Tell what a copy cannot carry: grants, keys of encryption, locks, rules of the bucket. Changes nothing."""
    from directfanz.migrate import view
    from directfanz.migrate.objects.looking import look
    from directfanz.migrate.objects.place import read_place
    from directfanz.migrate.preflight import require_fine, signed

    here, there = read_place(source, "source"), read_place(target, "target")
    try:
        checks = [signed(check, accept) for check in look(here, there)]
    finally:
        here.close()
        there.close()
    asked.teller.result(checks, view.checked(checks))
    require_fine(checks)


@objects.command("copy")
@FROM
@TO
@click.option(
    "--passes",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="At most so many, ending when one finds nothing.",
)
@VERSIONS
@click.pass_obj
def copy_objects(asked: Asked, source: Path, target: Path, passes: int, versions: bool) -> None:
    """Bring what is new or changed, take away what is gone. Goes on by itself where it was interrupted."""
    from directfanz.migrate.objects.copying import Mover
    from directfanz.migrate.objects.versions import Stories, VersionMover

    with _places(asked, source, target) as (here, there, ledger):
        mover = Mover(here, there, ledger, Progress("objects", SystemClock(), asked.teller.tick))
        if versions:
            made = VersionMover(mover, here, there, Stories(ledger.session, ledger.pair)).until_quiet(passes)
        else:
            made = mover.until_quiet(passes)
    last = made[-1]
    asked.teller.result(
        made, f"{sum(one.copied for one in made)} objects in {len(made)} passes; {last.later} wait for the next one."
    )


@objects.command("verify")
@FROM
@TO
@click.option("--both", is_flag=True, help="Read the source again too.")
@click.option("--repair", is_flag=True, help="Bring again what differs.")
@click.option("--resume", is_flag=True, help="Not again what an interrupted verification found equal.")
@VERSIONS
@click.pass_obj
def check_objects(
    asked: Asked, source: Path, target: Path, both: bool, repair: bool, resume: bool, versions: bool
) -> None:
    """Read every byte of the target and compare it with the ledger."""
    if versions:
        return _check_versions(asked, source, target)
    from directfanz.migrate.objects.copying import Mover
    from directfanz.migrate.objects.verifying import mend, verify_objects

    with _places(asked, source, target) as (here, there, ledger):
        progress = Progress("objects", SystemClock(), asked.teller.tick)
        verdict = verify_objects(here, there, ledger, progress, both=both, resume=resume)
        if repair and not verdict.equal:
            mend(here, there, ledger, verdict)
            Mover(here, there, ledger, progress).until_quiet(3)
            verdict = verify_objects(here, there, ledger, progress, both=both)
    words = f"{verdict.objects} objects are equal." if verdict.equal else "The buckets differ."
    asked.teller.result(verdict, words)
    if not verdict.equal:
        raise Different(
            f"{len(verdict.missing)} missing, {len(verdict.extra)} extra, {len(verdict.differing)} differ, {len(verdict.stale)} stale."
        )
    return None


def _check_versions(asked: Asked, source: Path, target: Path) -> None:
    from directfanz.migrate.objects.versions import Stories, verify_versions

    with _places(asked, source, target) as (here, there, ledger):
        verdict = verify_versions(here, there, Stories(ledger.session, ledger.pair))
    words = f"{verdict.versions} versions and {verdict.markers} marks of deletion are equal, and in their order."
    asked.teller.result(verdict, words if verdict.equal else "The buckets differ.")
    if not verdict.equal:
        raise Different(f"The stories of {len(verdict.differing)} keys differ: {', '.join(verdict.differing[:10])}.")


@click.group()
def cache() -> None:
    """Valkey or Redis: carry what lives there alone, rebuild the rest."""


ADDRESSES = (
    click.option("--from", "source", required=True, metavar="FILE", help="file:///path with redis://..."),
    click.option("--to", "target", required=True, metavar="FILE", help="The same."),
    click.option("--keys", "pattern", default="*", show_default=True, help="Only these."),
)


@contextmanager
def _shelves(source: str, target: str, pattern: str) -> Iterator[tuple[Shelf, Shelf]]:
    from directfanz.migrate.cache.carrying import Shelf

    here, there = Shelf("source", cache_address(source), pattern), Shelf("target", cache_address(target), pattern)
    try:
        yield here, there
    finally:
        here.close()
        there.close()


def cache_address(text: str) -> str:
    return Path(text.removeprefix("file://")).read_text().strip() if text.startswith("file://") else text


def _with_addresses(command: Command) -> Command:
    for option in reversed(ADDRESSES):
        command = option(command)
    return command


@cache.command("carry")
@_with_addresses
@click.pass_obj
def carry_cache(asked: Asked, source: str, target: str, pattern: str) -> None:
    """One pass over the keys; the last one belongs inside the fence."""
    from directfanz.migrate.cache.carrying import carry

    with _shelves(source, target, pattern) as (here, there):
        made = carry(here, there)
    asked.teller.result(made, f"{made.carried} of {made.keys} keys carried, {made.deleted} taken away.")


@cache.command("verify")
@_with_addresses
@click.pass_obj
def check_cache(asked: Asked, source: str, target: str, pattern: str) -> None:
    """Compare value and time to live of every key."""
    from directfanz.migrate.cache.carrying import verify_cache

    with _shelves(source, target, pattern) as (here, there):
        verdict = verify_cache(here, there)
    asked.teller.result(verdict, f"{verdict.keys} keys are equal." if verdict.equal else "The caches differ.")
    if not verdict.equal:
        raise Different(f"{len(verdict.missing)} missing, {len(verdict.extra)} extra, {len(verdict.differing)} differ.")


@cache.command("forever")
@click.option("--from", "source", required=True, metavar="FILE", help="file:///path with redis://...")
@click.pass_obj
def list_forever(asked: Asked, source: str) -> None:
    """List keys that never end: what a rebuild would lose."""
    from directfanz.migrate.cache.carrying import Shelf, forever

    shelf = Shelf("source", cache_address(source), "*")
    try:
        found = forever(shelf)
    finally:
        shelf.close()
    asked.teller.result(found, "\n".join(found) or "Every key ends by itself.")


@cache.command("warm")
@click.option("--to", "target", required=True, metavar="FILE", help="file:///path with redis://...")
@click.option("--query", required=True, help="Gives (key, value), from the target database.")
@click.option("--generation", required=True, help="The prefix that all keys get.")
@click.option("--seconds", type=click.IntRange(1), default=3600, show_default=True)
@click.option("--flip", default="", help="This key then names the generation.")
@click.pass_obj
def warm_cache(asked: Asked, target: str, query: str, generation: str, seconds: int, flip: str) -> None:
    """Fill a new generation of the cache from the database."""
    from directfanz.migrate.cache.carrying import Shelf
    from directfanz.migrate.cache.warming import point_at, warm

    shelf = Shelf("target", cache_address(target), "*")
    try:
        count = warm(
            asked.side("target"), shelf, query, generation, seconds, Progress("cache", SystemClock(), asked.teller.tick)
        )
        if flip:
            point_at(shelf, flip, generation, seconds)
    finally:
        shelf.close()
    asked.teller.result({"keys": count}, f"{count} keys under {generation}.")
