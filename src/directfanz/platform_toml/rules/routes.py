"""Routes and what the edge may keep of them."""

from __future__ import annotations

from collections.abc import Iterator

from directfanz.platform_toml.lines import Path
from directfanz.platform_toml.model import Platform
from directfanz.platform_toml.problems import Problem
from directfanz.platform_toml.serving import CachePolicy, Route

# Paths that the edge answers itself.
RESERVED = "/_edge/"


def paths(platform: Platform) -> Iterator[Problem]:
    bare: dict[str, str] = {}
    for path in platform.routes:
        at: Path = ("routes", path)
        if path.startswith(RESERVED) or path + "/" == RESERVED:
            yield Problem(at, "the edge itself answers there", "choose another path")
        if any(part in (".", "..") for part in path.split("/")):
            yield Problem(at, "no request keeps a . or .. part on its way", "write the path it leads to")
        other = bare.setdefault(path.rstrip("/"), path)
        if other != path:
            yield Problem(at, f"{other} covers the same requests", "keep one of the two")
    root = platform.routes.get("/")
    if root is None:
        yield Problem(("routes",), "nothing answers for /", 'add "/" with a service')
    elif root.service is None:
        yield Problem(("routes", "/"), "what no other route takes needs a service to answer", "give it a service")


def targets(platform: Platform) -> Iterator[Problem]:
    for path, route in platform.routes.items():
        at: Path = ("routes", path)
        named = [key for key in ("service", "bucket", "local") if getattr(route, key) is not None]
        if len(named) != 1:
            reason = "names no target" if not named else f"names {' and '.join(named)}"
            yield Problem(at, reason, "name one of service, bucket and local")
        for key, known in (("service", platform.services), ("bucket", platform.buckets)):
            target = getattr(route, key)
            if target is not None and target not in known:
                reason, advice = f"there is no {key} {target}", f"use one of {', '.join(sorted(known))}"
                yield Problem((*at, key), reason, advice)
        if route.cache not in platform.cache_policies:
            advice = f"use one of {', '.join(sorted(platform.cache_policies))}"
            yield Problem((*at, "cache"), f"there is no cache policy {route.cache}", advice)


def who_may_read(platform: Platform) -> Iterator[Problem]:
    for path, route in platform.routes.items():
        at: Path = ("routes", path)
        if route.signed and route.local is not None:
            yield Problem((*at, "signed"), "only buckets and services are opened by signatures", "remove it")
        bucket = platform.buckets.get(route.bucket or "")
        if bucket is None:
            continue
        if bucket.public and route.signed:
            reason = f"bucket {route.bucket} is public, so a signature protects nothing"
            yield Problem((*at, "signed"), reason, "make the bucket private or the route open")
        if not bucket.public and not route.signed:
            reason = f"anyone could read bucket {route.bucket}, which is not public"
            yield Problem(at, reason, "add signed = true or make the bucket public")


def uses(platform: Platform) -> Iterator[Problem]:
    """What a route says about itself must suit its target and its policy."""
    for path, route in platform.routes.items():
        at: Path = ("routes", path)
        if route.websocket and route.service is None:
            yield Problem((*at, "websocket"), "only a service speaks WebSocket", "remove it or name a service")
        if route.bucket is not None and route.body_limit_mib is not None:
            yield Problem((*at, "body_limit_mib"), "a bucket's route is only read", "remove it")
        policy = platform.cache_policies.get(route.cache)
        if policy is not None:
            yield from _suits(at, route, policy)


def _suits(at: Path, route: Route, policy: CachePolicy) -> Iterator[Problem]:
    if route.websocket and policy.max_seconds:
        yield Problem((*at, "cache"), "a WebSocket cannot be kept", "use a policy whose max_seconds is 0")
    if route.local is not None and policy.max_seconds:
        yield Problem(
            (*at, "cache"), "what a local helper says changes with every look", "use one with max_seconds = 0"
        )
    if policy.shared and route.service is not None and not route.signed:
        reason = f"{route.cache} gives everyone the same answer, but {route.service} answers each person differently"
        yield Problem((*at, "cache"), reason, "use a policy that is not shared, or a bucket, or sign the route")


def policies(platform: Platform) -> Iterator[Problem]:
    for name, policy in platform.cache_policies.items():
        at: Path = ("cache_policies", name)
        if policy.ttl_seconds > policy.max_seconds:
            reason = f"{policy.ttl_seconds} is longer than max_seconds, {policy.max_seconds}"
            yield Problem((*at, "ttl_seconds"), reason, "lower it or raise max_seconds")
        if policy.max_seconds == 0:
            for key in ("stale_seconds", "shared", "vary_on_query"):
                if getattr(policy, key):
                    yield Problem((*at, key), "means nothing when max_seconds is 0", "remove it or keep something")


RULES = (paths, targets, who_may_read, uses, policies)
