"""`objects preflight`: what a copy of bytes and headers does not carry, asked before it begins. Only looks.

The bucket's own rules are asked one by one; grants and keys belong to each object, and asking each would cost as much as copying it, so
some are asked, spread over the whole listing, and the words say how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from directfanz.migrate.errors import SideProblem
from directfanz.migrate.objects.place import GONE, UNKNOWN, Listed, Place
from directfanz.migrate.preflight import Check, judged

SAMPLE = 200
LISTED = 100_000  # the sample is spread over so many
WORKERS = 16
# Rules of the bucket itself, by the question that tells them and the part of the answer that is not empty when there are some.
RULES = {
    "policy": ("get_bucket_policy", "Policy"),
    "CORS": ("get_bucket_cors", "CORSRules"),
    "lifecycle": ("get_bucket_lifecycle_configuration", "Rules"),
    "website": ("get_bucket_website", "IndexDocument"),
    "replication": ("get_bucket_replication", "ReplicationConfiguration"),
    "object lock": ("get_object_lock_configuration", "ObjectLockConfiguration"),
}


def look(source: Place, target: Place) -> list[Check]:
    some = _some(source)
    return [*_rules(source), *_grants(source, some), *_keys(source, target, some)]


def _some(source: Place) -> list[Listed]:
    every = list(islice(source.listed(), LISTED))
    return every[:: max(1, len(every) // SAMPLE)][:SAMPLE]


def _asked(place: Place, what: str, **words: Any) -> dict[str, Any]:
    """Nothing where the store has none or does not know the question; who may not ask is told so."""
    try:
        return place.ask(what, **words)
    except SideProblem as error:
        if error.sqlstate in UNKNOWN:
            raise
        return {}


def _rules(source: Place) -> Iterator[Check]:
    found = [name for name, (question, part) in RULES.items() if _asked(source, question).get(part)]
    words = "The bucket's own rules stay behind; set them in the target: {}."
    yield judged("bucket-rules", "source", found, words, warning=True)


def _grants(source: Place, some: list[Listed]) -> Iterator[Check]:
    rules = _asked(source, "get_bucket_ownership_controls").get("OwnershipControls", {}).get("Rules", [])
    if any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules):
        return  # grants of objects mean nothing here
    with ThreadPoolExecutor(WORKERS) as workers:
        shared = list(workers.map(lambda one: _is_shared(source, one), some))
    words = f"Grants of objects (ACLs) stay behind; make them a policy of the target's bucket. Of {len(some)} looked at: {{}}."
    yield judged(
        "object-grants",
        "source",
        [one.key for one, open_ in zip(some, shared, strict=True) if open_],
        words,
        warning=True,
    )


def _is_shared(source: Place, one: Listed) -> bool:
    """With anybody but its owner."""
    said = _asked(source, "get_object_acl", Key=one.key)
    owner = said.get("Owner", {}).get("ID")
    return any(grant.get("Grantee", {}).get("ID") != owner for grant in said.get("Grants", ()))


def _keys(source: Place, target: Place, some: list[Listed]) -> Iterator[Check]:
    with ThreadPoolExecutor(WORKERS) as workers:
        said = list(workers.map(lambda one: _encryption(source, one), some))
    sealed = [one.key for one, how in zip(some, said, strict=True) if how is None]
    yield judged("customer-keys", "source", sealed, "Nobody can read these without their customer's key (SSE-C): {}.")
    there = _default(target)
    others = sorted({how for how in said if how} - {there})
    words = f"Objects are encrypted with these keys of their own: {{}}. In the target its bucket decides: {there or 'no key'}."
    yield judged("encryption-keys", "target", others, words, warning=True)


def _encryption(source: Place, one: Listed) -> str | None:
    """The name of its key, or nothing special; None: it needs a key that only its customer has."""
    try:
        head = source.ask("head_object", Key=one.key)
    except SideProblem as error:
        if error.sqlstate in ("400", "BadRequest", "InvalidRequest"):
            return None
        if error.sqlstate in GONE:
            return ""
        raise
    return str(head.get("SSEKMSKeyId", ""))


def _default(target: Place) -> str:
    rules = _asked(target, "get_bucket_encryption").get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    keys = [rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID") for rule in rules]
    return next((str(key) for key in keys if key), "")
