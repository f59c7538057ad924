"""Database, cache, queues, budgets of time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from directfanz.platform_toml.model import Platform
from directfanz.platform_toml.problems import Problem


def database(platform: Platform) -> Iterator[Problem]:
    db = platform.database
    if db.pool_min > db.pool_max:
        yield Problem(("database", "pool_min"), f"{db.pool_min} is more than pool_max, {db.pool_max}", "lower it")
    if db.storage_gib > db.storage_max_gib:
        reason = f"{db.storage_gib} is more than storage_max_gib, {db.storage_max_gib}"
        yield Problem(("database", "storage_gib"), reason, "lower it")
    if db.replicas and not db.backup_retention_days:
        reason = "RDS makes replicas only of a database with backups"
        yield Problem(("database", "backup_retention_days"), reason, "keep them for a day or more")
    twice = [name for index, name in enumerate(db.extensions) if name in db.extensions[:index]]
    if twice:
        yield Problem(("database", "extensions"), f"{twice[0]} is named twice", "name each once")


def patience(platform: Platform) -> Iterator[Problem]:
    """Whoever waits longest must be outermost, or the client gets a cut line in place of an answer."""
    db, limit = platform.database, platform.limits.request_timeout_seconds
    if db.acquire_timeout_seconds + db.statement_timeout_seconds > limit:
        reason = f"with acquire_timeout_seconds it is over limits.request_timeout_seconds, {limit}"
        yield Problem(
            ("database", "statement_timeout_seconds"), reason, "lower one of them or let requests wait longer"
        )
    if platform.cache.timeout_seconds > limit:
        reason = f"is over limits.request_timeout_seconds, {limit}"
        yield Problem(("cache", "timeout_seconds"), reason, "lower it")


def queues(platform: Platform) -> Iterator[Problem]:
    if "default" not in platform.queues:
        yield Problem(("queues",), "there is no queue default, where jobs go that name none", "add [queues.default]")


def media(platform: Platform) -> Iterator[Problem]:
    if "standard" not in platform.media_plans:
        yield Problem(
            ("media_plans",), "there is no plan standard, with which pages begin", "add [media_plans.standard]"
        )
    bucket = platform.buckets.get("uploads")
    for rule in bucket.lifecycle if bucket else ():
        if rule.to == "deleted" and rule.after_days <= platform.media.open_days:
            reason = f"the bucket uploads forgets what came in after {rule.after_days} days"
            yield Problem(
                ("media", "open_days"), reason, f"use {rule.after_days - 1} or less, or let the bucket keep longer"
            )
    for name, plan in platform.media_plans.items():
        if plan.file_gib > plan.storage_gib:
            reason = f"{plan.file_gib} is more than storage_gib, {plan.storage_gib}"
            yield Problem(("media_plans", name, "file_gib"), reason, "lower it or raise storage_gib")


def ladder(platform: Platform) -> Iterator[Problem]:
    rules = platform.processing
    for at, (higher, lower) in enumerate(pairwise(rules.steps)):
        if lower.height >= higher.height or lower.kbps >= higher.kbps:
            reason = f"step {at + 2} is not below the one before it"
            yield Problem(("processing", "steps"), reason, "put the highest first")
    if rules.segment_seconds % rules.keyframe_seconds:
        reason = f"{rules.keyframe_seconds} does not divide segment_seconds, {rules.segment_seconds}"
        yield Problem(("processing", "keyframe_seconds"), reason, "let segments end at key frames")


RULES = (database, patience, queues, media, ladder)
