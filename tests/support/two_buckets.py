"""Two buckets of the tests' own store, and the ledger between them: what tests of moved objects share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from directfanz.kit.ids import new_id
from directfanz.migrate.objects.copying import Mover
from directfanz.migrate.objects.hashing import Sizes
from directfanz.migrate.objects.ledger import Ledger
from directfanz.migrate.objects.place import Address, Place
from directfanz.migrate.objects.verifying import ObjectVerdict, verify_objects
from directfanz.migrate.progress import Progress
from directfanz.migrate.side import Session, Side
from tests.support.engines import Engines
from tests.support.two_homes import CLOCK

PART = Sizes(part=5 << 20)


class DyingPlace(Place):
    """The network goes away after so many parts."""

    left = 1_000_000

    def put_part(self, key: str, upload: str, number: int, body: bytes) -> str:
        self.left -= 1
        if self.left < 0:
            raise ConnectionError("gone")
        return super().put_part(key, upload, number, body)


@dataclass
class Buckets:
    source: Place
    target: DyingPlace
    ledger: Ledger
    session: Session

    def mover(self, *, inside: bool = False) -> Mover:
        return Mover(self.source, self.target, self.ledger, Progress("objects", CLOCK), PART, inside=inside)

    def verify(self, *, both: bool = False) -> ObjectVerdict:
        return verify_objects(self.source, self.target, self.ledger, Progress("objects", CLOCK), both=both, sizes=PART)

    def put(self, key: str, body: bytes, **words: Any) -> None:
        self.source.ask("put_object", Key=key, Body=body, **words)


@contextlib.contextmanager
def two_buckets(engines: Engines) -> Iterator[Buckets]:
    name = f"move-{new_id().hex[-12:]}"
    with psycopg.connect(engines.postgres_url(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    places = [
        Address(f"{name}-{side}", engines.storage_endpoint, engines.storage_access_key, engines.storage_secret_key)
        for side in ("from", "to")
    ]
    source, target = Place(places[0], "source"), DyingPlace(places[1], "target")
    for place in (source, target):
        place.ask("create_bucket")
    with Side("target", engines.postgres_url(name)).session("objects") as session:
        yield Buckets(source, target, Ledger(session, "a to b"), session)
    source.close()
    target.close()
    with psycopg.connect(engines.postgres_url(), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
