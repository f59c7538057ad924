"""What each value may be by itself stands in the structs; these are the rules between values."""

from __future__ import annotations

from collections.abc import Iterator

from directfanz.platform_toml.model import Platform
from directfanz.platform_toml.problems import Problem
from directfanz.platform_toml.rules import buckets, routes, services, signals, stores

RULES = (*services.RULES, *routes.RULES, *stores.RULES, *buckets.RULES, *signals.RULES)


def broken_rules(platform: Platform) -> Iterator[Problem]:
    for rule in RULES:
        yield from rule(platform)
