"""Stores that say no: too often, from some moment on, or to what a copy would have to carry."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
import pytest

from directfanz.kit.ids import new_id
from directfanz.migrate.errors import GateFailed, SideProblem
from directfanz.migrate.objects import place as place_module
from directfanz.migrate.objects.copying import Mover
from directfanz.migrate.objects.looking import look
from directfanz.migrate.objects.place import Address, Place
from directfanz.migrate.preflight import require_fine
from directfanz.migrate.progress import Progress
from tests.support.aws import aws
from tests.support.front_store import FrontStore, Refusal
from tests.support.two_buckets import PART, Buckets
from tests.support.two_homes import CLOCK


def _mover(buckets: Buckets, source: Place, target: Place) -> Mover:
    return Mover(source, target, buckets.ledger, Progress("objects", CLOCK), PART, inside=False)


def _through(place: Place, front: FrontStore) -> Place:
    return Place(msgspec.structs.replace(place.address, endpoint=front.endpoint), place.side)


async def test_a_storm_of_slow_down_is_waited_out(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_module, "LONGEST_WAIT_SECONDS", 0.05)
    for number in range(8):
        buckets.put(f"k{number}", bytes([number]) * 100)

    def two_of_three(number: int) -> Refusal | None:
        return (503, "SlowDown") if number % 3 else None

    with FrontStore(buckets.source.address.endpoint or "", two_of_three).open() as front:
        source = _through(buckets.source, front)
        made = await asyncio.to_thread(_mover(buckets, source, buckets.target).one_pass)
        source.close()
    assert made.copied == 8
    assert front.refused >= 8
    assert buckets.verify().equal


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidAccessKeyId"])
async def test_credentials_that_end_in_the_middle(buckets: Buckets, side: str, code: str) -> None:
    """It is said whose, and what to do; with fresh ones the copy goes on, and what has arrived is not asked for again."""
    for number in range(60):
        buckets.put(f"k{number:02}", bytes([number]) * 100)
    buckets.put("big", bytes(range(256)) * 60_000)  # three parts, on their way first
    place = buckets.source if side == "source" else buckets.target

    def ended(number: int) -> Refusal | None:
        return (403, code) if number > 30 else None

    def moved() -> int:
        with FrontStore(place.address.endpoint or "", ended).open() as front:
            through = _through(place, front)
            source, target = (through, buckets.target) if side == "source" else (buckets.source, through)
            with pytest.raises(SideProblem, match=f"The {side} says.*{code}.*put good ones into its file"):
                _mover(buckets, source, target).one_pass()
            through.close()
        arrived = len(buckets.ledger.entries())
        assert 0 < arrived < 61
        assert buckets.mover().one_pass().copied == 61 - arrived
        return arrived

    await asyncio.to_thread(moved)
    assert buckets.verify(both=True).equal


@pytest.fixture
def cloud() -> Iterator[tuple[Place, Place]]:
    """Two buckets of a store that knows grants, keys and rules."""
    known = aws()
    both = []
    for side in ("source", "target"):
        address = Address(f"look-{new_id().hex[-12:]}", known.endpoint, known.access_key, known.secret_key)
        both.append(Place(address, "source" if side == "source" else "target"))
        both[-1].ask("create_bucket", ObjectOwnership="ObjectWriter")
    yield both[0], both[1]
    for place in both:
        place.close()


def _told(places: tuple[Place, Place]) -> dict[str, str]:
    return {check.name: check.words for check in look(*places) if check.verdict != "fine"}


async def test_what_a_copy_cannot_carry_is_said_before(cloud: tuple[Place, Place]) -> None:
    source, _ = cloud
    source.ask("put_object", Key="plain", Body=b"x")
    assert _told(cloud) == {}
    source.ask("put_object", Key="shared", Body=b"x", ACL="public-read")
    source.ask("put_object", Key="sealed", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="key-of-theirs")
    source.ask("put_bucket_policy", Policy='{"Version": "2012-10-17", "Statement": []}')
    told = _told(cloud)
    assert told.keys() == {"object-grants", "encryption-keys", "bucket-rules"}
    assert "Of 3 looked at: shared" in told["object-grants"]
    assert "key-of-theirs" in told["encryption-keys"]
    assert told["bucket-rules"].endswith("policy.")
    with pytest.raises(GateFailed, match="object-grants"):
        require_fine([msgspec.structs.replace(check, verdict="failed") for check in look(*cloud) if check.words])


async def test_the_targets_own_key_and_a_bucket_without_grants_are_fine(cloud: tuple[Place, Place]) -> None:
    source, target = cloud
    source.ask("put_object", Key="shared", Body=b"x", ACL="public-read")
    source.ask("put_object", Key="sealed", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="ours")
    key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "ours"}
    rule = {"Rules": [{"ApplyServerSideEncryptionByDefault": key}]}
    target.ask("put_bucket_encryption", ServerSideEncryptionConfiguration=rule)
    assert _told(cloud).keys() == {"object-grants"}
    source.ask(
        "put_bucket_ownership_controls", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    assert _told(cloud) == {}
