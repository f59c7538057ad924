"""Buckets: every kind of key, objects that change under our hands, a killed copy, and bits that rot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from directfanz.kit.ids import new_id
from directfanz.migrate.errors import SideProblem
from directfanz.migrate.objects.copying import Mover
from directfanz.migrate.objects.hashing import Sizes
from directfanz.migrate.objects.ledger import Ledger
from directfanz.migrate.objects.place import Address, Place
from directfanz.migrate.objects.verifying import ObjectVerdict, mend, verify_objects
from directfanz.migrate.progress import Progress
from directfanz.migrate.side import Session, Side
from tests.support.engines import Engines
from tests.support.two_homes import CLOCK

PART = Sizes(part=5 << 20)
KEYS = (
    "plain.txt",
    "é" * 80,
    "with space/ñ 𝄞.bin",
    "empty",
    "a+b&c=d?e#f%20g",
    "x" * 200 + "/deep/er",
    "quo'te\"s.jpg",
)


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


@pytest.fixture
def buckets(engines: Engines) -> Iterator[Buckets]:
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


@pytest.mark.requirement("C11.2")
@pytest.mark.parametrize("inside", [False, True], ids=["through us", "inside one store"])
async def test_every_key_byte_and_word_arrives(buckets: Buckets, inside: bool) -> None:
    for number, key in enumerate(KEYS):
        buckets.put(
            key,
            key.encode() * number,
            ContentType="image/x",
            CacheControl="no-store",
            Metadata={"who": "ada"},
            Tagging="a=b&c=d",
        )
    buckets.put("big", bytes(range(256)) * (50_000), ContentType="video/mp4")
    first = buckets.mover(inside=inside).one_pass()
    assert (first.copied, first.later) == (len(KEYS) + 1, 0)
    assert buckets.mover().one_pass().quiet
    for key in KEYS:
        there = buckets.target.ask("get_object", Key=key)
        with there["Body"] as body:
            assert body.read() == key.encode() * KEYS.index(key)
        assert (there["ContentType"], there["CacheControl"], there["Metadata"]) == (
            "image/x",
            "no-store",
            {"who": "ada"},
        )
        assert buckets.target.tags(key) == "a=b&c=d"
    assert buckets.target.ask("head_object", Key="big")["ContentType"] == "video/mp4"
    verdict = buckets.verify(both=True)
    assert verdict.equal
    assert verdict.objects == len(KEYS) + 1


async def test_changes_follow_until_a_pass_finds_nothing(buckets: Buckets) -> None:
    for key in ("stays", "changes", "goes"):
        buckets.put(key, b"first")
    buckets.mover().one_pass()
    buckets.put("changes", b"second")
    buckets.put("comes", b"new")
    buckets.source.ask("delete_object", Key="goes")
    assert buckets.verify().stale == ["changes", "comes"]
    passes = buckets.mover().until_quiet(5)
    assert [(one.copied, one.deleted) for one in passes] == [(2, 1), (0, 0)]
    assert buckets.verify().equal


async def test_an_object_that_changes_while_it_is_read_waits_for_the_next_pass(buckets: Buckets) -> None:
    buckets.put("hot", b"first")
    (listed,) = buckets.source.listed()
    buckets.put("hot", b"second")
    assert not buckets.mover()._move(listed)
    buckets.source.ask("delete_object", Key="hot")
    assert not buckets.mover()._move(listed)


async def test_a_killed_copy_of_a_big_object_goes_on_with_its_parts(buckets: Buckets) -> None:
    buckets.put("big", bytes(range(256)) * 80_000)
    buckets.target.left = 2
    with pytest.raises(ConnectionError):
        buckets.mover().one_pass()
    buckets.target.left = 2  # four parts in all: two are there, two are left
    assert buckets.mover().one_pass().copied == 1
    assert buckets.verify().equal


@pytest.mark.property("P36")
async def test_rot_is_found_and_mended(buckets: Buckets) -> None:
    for number in range(12):
        buckets.put(f"k{number}", bytes([number]) * 1000)
    buckets.mover().one_pass()
    buckets.target.ask("put_object", Key="k3", Body=bytes([3]) * 999 + b"!")  # the same size, one bit
    buckets.target.ask("put_object", Key="k4", Body=b"short")
    buckets.target.ask("delete_object", Key="k5")
    buckets.target.ask("put_object", Key="k99", Body=b"nobody's")
    verdict = buckets.verify()
    assert (verdict.differing, verdict.missing, verdict.extra) == (["k3", "k4"], ["k5"], ["k99"])
    mend(buckets.source, buckets.target, buckets.ledger, verdict)
    buckets.mover().one_pass()
    assert buckets.verify().equal


async def test_a_store_that_says_no_is_named(buckets: Buckets) -> None:
    wrong = Place(Address("no-such-bucket-here", endpoint=buckets.source.address.endpoint,
                          access_key="who", secret_key="knows"), "source")  # fmt: skip
    with pytest.raises(SideProblem, match="The source says"):
        list(wrong.listed())
    wrong.close()
