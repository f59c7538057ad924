"""Buckets: every kind of key, objects that change under our hands, a killed copy, and bits that rot."""

from __future__ import annotations

from typing import Any

import pytest

from directfanz.migrate.errors import GateFailed, SideProblem
from directfanz.migrate.objects import hashing, verifying
from directfanz.migrate.objects.place import Address, Listed, Place
from directfanz.migrate.objects.verifying import mend, verify_objects
from directfanz.migrate.objects.versions import Stories, VersionMover, stories, verify_versions
from directfanz.migrate.progress import Progress
from tests.support.two_buckets import PART, Buckets
from tests.support.two_homes import CLOCK

KEYS = (
    "plain.txt",
    "é" * 80,
    "with space/ñ 𝄞.bin",
    "empty",
    "a+b&c=d?e#f%20g",
    "x" * 200 + "/deep/er",
    "quo'te\"s.jpg",
    "k" * 1017 + "/1024",
    "two//steps",
)


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


async def test_every_version_and_every_mark_of_deletion_in_order(buckets: Buckets) -> None:
    """A crash between a version and its line in the ledger; versions that the source forgets; rot in an old one."""
    for place in (buckets.source, buckets.target):
        place.ask("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second", b"third"):
        buckets.put("kept", body, ContentType="text/x", Metadata={"who": "ada"})
    buckets.put("deleted", b"was here")
    buckets.source.ask("delete_object", Key="deleted")
    buckets.put("back", b"one")
    buckets.source.ask("delete_object", Key="back")
    buckets.put("back", b"two")
    told = Stories(buckets.session, "a to b")
    mover = VersionMover(buckets.mover(), buckets.source, buckets.target, told, PART)
    assert mover.one_pass().copied == 8
    assert mover.one_pass().quiet
    assert _read(buckets.target, "kept") == ([b"first", b"second", b"third"], b"third")
    assert _read(buckets.target, "deleted") == ([b"was here"], None)
    assert _read(buckets.target, "back") == ([b"one", b"two"], b"two")
    verdict = verify_versions(buckets.source, buckets.target, told)
    assert (verdict.versions, verdict.markers, verdict.differing) == (6, 2, [])

    buckets.put("kept", b"fourth")
    buckets.target.ask("put_object", Key="kept", Body=b"fourth")  # and there the machine died
    oldest = stories(buckets.source)["kept"][0]
    buckets.source.ask("delete_object", Key="kept", VersionId=oldest.version)
    assert not verify_versions(buckets.source, buckets.target, told).equal
    assert (made := mover.one_pass()).copied == 1
    assert made.deleted == 1
    assert _read(buckets.target, "kept") == ([b"second", b"third", b"fourth"], b"fourth")
    assert verify_versions(buckets.source, buckets.target, told).equal
    buckets.session.execute("UPDATE dfz_migration.object_version SET sha256 = 'rot' WHERE key = 'back' AND number = 1")
    assert verify_versions(buckets.source, buckets.target, told).differing == ["back"]


def _read(place: Place, key: str) -> tuple[list[bytes], bytes | None]:
    """Every version, and what is read without naming one."""
    many = [place.get(key, version=one.version).body for one in stories(place)[key] if not one.marker]
    try:
        return many, place.get(key).body
    except SideProblem:
        return many, None


async def test_versions_need_a_bucket_that_keeps_them(buckets: Buckets) -> None:
    with pytest.raises(GateFailed, match="keeps no versions"):
        VersionMover(buckets.mover(), buckets.source, buckets.target, Stories(buckets.session, "x"))


async def test_a_verification_that_was_interrupted_goes_on(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        buckets.put(f"k{number:02}", bytes([number]) * 10)
    buckets.mover().one_pass()
    real, read = hashing.hash_of, list[str]()

    def dying(place: Place, one: Listed, *words: Any) -> str:
        read.append(one.key)
        if one.key == "k20":
            raise SideProblem("gone")
        return real(place, one, *words)

    monkeypatch.setattr(verifying, "hash_of", dying)
    with pytest.raises(SideProblem):
        buckets.verify()

    def noting(place: Place, one: Listed, *words: Any) -> str:
        read.append(one.key)
        return real(place, one, *words)

    monkeypatch.setattr(verifying, "hash_of", noting)
    read.clear()
    buckets.target.ask("put_object", Key="k03", Body=b"changed since")
    verdict = verify_objects(
        buckets.source, buckets.target, buckets.ledger, Progress("objects", CLOCK), sizes=PART, resume=True
    )
    assert verdict.differing == ["k03"]
    assert verdict.objects == 30
    assert "k03" not in read or len(read) < 30
    assert 10 <= len(read) <= 15
    read.clear()
    buckets.verify()
    assert len(read) >= 29
