"""Every version of every object, and the marks of deletion, in their order.

A version cannot be put between two others, so a key's story is told from its beginning, one version after the other; many keys side by
side. What has been told is in the ledger with the number that the target gave it. A version that the source has forgotten since is
forgotten in the target too.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import msgspec

from directfanz.migrate.errors import GateFailed, MigrationError, SideProblem
from directfanz.migrate.objects.copying import WORKERS, Mover, Pass
from directfanz.migrate.objects.hashing import Sizes, hash_of
from directfanz.migrate.objects.place import GONE, Listed, Place
from directfanz.migrate.side import Session
from directfanz.migrate.state.tables import SCHEMA

TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.object_version (
    pair text NOT NULL, key text COLLATE "C" NOT NULL, number int NOT NULL, version text NOT NULL, made text NOT NULL,
    marker boolean NOT NULL, size bigint NOT NULL, sha256 text NOT NULL, PRIMARY KEY (pair, key, number));
"""


class Told(msgspec.Struct, frozen=True):
    """One step of a key's story as the ledger has it."""

    number: int
    version: str  # the source's name of it
    made: str  # the target's
    marker: bool
    size: int
    sha256: str


class Stories:
    """The ledger of versions: many threads, one session."""

    def __init__(self, session: Session, pair: str) -> None:
        self._session, self._pair, self._lock = session, pair, threading.Lock()
        session.execute(TABLES)

    def all(self) -> dict[str, list[Told]]:
        with self._lock:
            rows = self._session.rows(
                f"""SELECT key, number, version, made, marker, size, sha256 FROM {SCHEMA}.object_version
                WHERE pair = %s ORDER BY key, number""",
                (self._pair,),
            )
        return {key: [Told(*row[1:]) for row in many] for key, many in groupby(rows, key=lambda row: str(row[0]))}

    def tell(self, key: str, one: Told) -> None:
        with self._lock:
            self._session.execute(
                f"INSERT INTO {SCHEMA}.object_version VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (self._pair, key, one.number, one.version, one.made, one.marker, one.size, one.sha256),
            )

    def forget(self, key: str, one: Told) -> None:
        with self._lock:
            self._session.execute(
                f"DELETE FROM {SCHEMA}.object_version WHERE pair = %s AND key = %s AND number = %s",
                (self._pair, key, one.number),
            )


def require_versioned(*places: Place) -> None:
    for place in places:
        if place.ask("get_bucket_versioning").get("Status") != "Enabled":
            raise GateFailed(
                f"The {place.side}'s bucket keeps no versions: turn versioning on, or copy without --versions."
            )


def stories(place: Place) -> dict[str, list[Listed]]:
    """By key, the oldest first. The store tells the newest first; its clock may give two steps one second."""
    found: dict[str, list[Listed]] = {}
    for one in place.versions():
        found.setdefault(one.key, []).append(one)
    for many in found.values():
        many.reverse()
        many.sort(key=lambda one: (one.at, one.latest))
    return found


class VersionMover:
    def __init__(self, mover: Mover, source: Place, target: Place, told: Stories, sizes: Sizes | None = None) -> None:
        require_versioned(source, target)
        self._mover, self._source, self._target, self._stories = mover, source, target, told
        self._sizes = sizes or Sizes()

    def one_pass(self) -> Pass:
        known, here = self._stories.all(), stories(self._source)
        self._sweep(known)
        keys = sorted(here.keys() | known.keys())
        with ThreadPoolExecutor(WORKERS) as workers:
            made = list(workers.map(lambda key: self._tell(key, here.get(key, []), known.get(key, [])), keys))
        return Pass(*(sum(one[at] for one in made) for at in range(4)))

    def _sweep(self, known: dict[str, list[Told]]) -> None:
        """A version that arrived and was not noted, because we died in between: it goes, and comes again."""
        for key, many in stories(self._target).items():
            noted = {one.made for one in known.get(key, [])}
            for one in many:
                if one.version not in noted:
                    self._target.ask("delete_object", Key=key, VersionId=one.version)

    def until_quiet(self, passes: int) -> list[Pass]:
        made: list[Pass] = []
        while len(made) < passes and not (made and made[-1].quiet):
            made.append(self.one_pass())
        return made

    def _tell(self, key: str, here: list[Listed], known: list[Told]) -> tuple[int, int, int, int]:
        """Copied, bytes, deleted, later."""
        versions = [one.version for one in here]
        gone = [one for one in known if one.version not in versions]
        for one in gone:
            self._target.ask("delete_object", Key=key, VersionId=one.made)
            self._stories.forget(key, one)
        there = {one.version for one in known}
        number, copied, size = max((one.number for one in known), default=0), 0, 0
        for listed in here:
            if listed.version in there:
                continue
            try:
                made = self._bring(listed, number + 1)
            except SideProblem as error:
                if error.sqlstate in (*GONE, "NoSuchVersion"):
                    return copied, size, len(gone), 1
                raise
            self._stories.tell(key, made)
            number, copied, size = number + 1, copied + 1, size + listed.size
        return copied, size, len(gone), 0

    def _bring(self, one: Listed, number: int) -> Told:
        if one.marker:
            made = self._target.ask("delete_object", Key=one.key).get("VersionId", "")
            return Told(number, one.version, made, True, 0, "")
        sha256 = self._mover.bring(one)
        made = self._target.ask("head_object", Key=one.key).get("VersionId", "")
        if not made:
            raise MigrationError(f"The target did not name the version that it made of {one.key}.")
        return Told(number, one.version, made, False, one.size, sha256)


class VersionVerdict(msgspec.Struct, frozen=True):
    versions: int
    markers: int
    differing: list[str]

    @property
    def equal(self) -> bool:
        return not self.differing


def verify_versions(source: Place, target: Place, told: Stories, sizes: Sizes | None = None) -> VersionVerdict:
    """The same story on both sides, in the same order, and of every version every byte."""
    known, here, there = told.all(), stories(source), stories(target)
    sizes, differing, versions, markers = sizes or Sizes(), set(here.keys() ^ there.keys()), 0, 0
    todo: list[tuple[Listed, Told]] = []
    for key in here.keys() & there.keys():
        steps = {one.version: one for one in known.get(key, [])}
        wanted = [steps[one.version].made if one.version in steps else "?" for one in here[key]]
        if wanted != [one.version for one in there[key]]:
            differing.add(key)
            continue
        versions, markers = versions + len(wanted), markers + sum(one.marker for one in here[key])
        by_name = {one.made: one for one in steps.values()}
        todo += [(one, by_name[one.version]) for one in there[key] if not one.marker]
    with ThreadPoolExecutor(WORKERS) as workers:
        same = workers.map(
            lambda pair: hash_of(target, pair[0], pair[1].sha256, sizes, pair[0].version) == pair[1].sha256, todo
        )
        differing |= {one.key for (one, _), equal in zip(todo, same, strict=True) if not equal}
    return VersionVerdict(versions - markers, markers, sorted(differing))
