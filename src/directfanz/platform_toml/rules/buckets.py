"""Buckets and the ageing of what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from directfanz.platform_toml.lines import Path
from directfanz.platform_toml.model import Platform
from directfanz.platform_toml.problems import Problem
from directfanz.platform_toml.stores import LifecycleRule

# Objects move one way: from here to the next, never back, and nothing moves once it is deleted.
ORDER = ("infrequent", "tiered", "archive", "deleted")
# S3 moves nothing to Infrequent Access before this age, nor out of it before as many days more.
INFREQUENT_DAYS = 30


def kinds(platform: Platform) -> Iterator[Problem]:
    for name, bucket in platform.buckets.items():
        if bucket.replicated and not bucket.versioned:
            reason = "S3 copies only versioned buckets to another region"
            yield Problem(("buckets", name, "replicated"), reason, "make it versioned too, or do not copy it")
        if bucket.public and bucket.presigned:
            reason = "what anyone may read must not be written by browsers"
            yield Problem(("buckets", name, "presigned"), reason, "make the bucket private")


def ageing(platform: Platform) -> Iterator[Problem]:
    for name, bucket in platform.buckets.items():
        for index, rule in enumerate(bucket.lifecycle):
            at: Path = ("buckets", name, "lifecycle", index)
            if rule.noncurrent and not bucket.versioned:
                yield Problem((*at, "noncurrent"), "the bucket is not versioned, so it has none", "remove the rule")
            yield from _alone(at, rule)
            yield from _against_earlier(at, rule, bucket.lifecycle[:index])


def _alone(at: Path, rule: LifecycleRule) -> Iterator[Problem]:
    if rule.to == "infrequent" and rule.after_days < INFREQUENT_DAYS:
        reason = f"S3 moves nothing to infrequent before {INFREQUENT_DAYS} days"
        yield Problem((*at, "after_days"), reason, f"use {INFREQUENT_DAYS} or more")


def _against_earlier(at: Path, rule: LifecycleRule, earlier: Sequence[LifecycleRule]) -> Iterator[Problem]:
    for other in earlier:
        if other.noncurrent != rule.noncurrent or not _overlap(other.prefix, rule.prefix):
            continue
        before, after = ORDER.index(other.to), ORDER.index(rule.to)
        if before == after and other.prefix != rule.prefix:
            continue  # a prefix may age faster than the rest
        problem = _order(other, rule, before, after)
        if problem:
            yield Problem((*at, problem[0]), problem[1], problem[2])
            return


def _order(other: LifecycleRule, rule: LifecycleRule, before: int, after: int) -> tuple[str, str, str] | None:
    if before == after:
        return "to", f"an earlier rule moves the same objects to {rule.to}", "keep one of them"
    if other.to == "deleted":
        if rule.after_days >= other.after_days:
            return "to", f"the objects are deleted after {other.after_days} days already", "move them before that"
        return "to", "it comes before the rule above it", "write the rules in order of age"
    if after < before:
        return "to", f"objects in {other.to} do not go back to {rule.to}", "write the rules in order of age"
    least = other.after_days + (INFREQUENT_DAYS if (other.to, rule.to) == ("infrequent", "archive") else 1)
    if rule.after_days < least:
        reason = f"objects move to {other.to} only after {other.after_days} days"
        return "after_days", reason, f"use {least} or more"
    return None


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


RULES = (kinds, ageing)
