"""Options of every verb that moves writers: who leads applications over, and what is carried along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from directfanz.migrate import extra_cli
from directfanz.migrate.cutover.carriers import CacheCarrier, Carrier
from directfanz.migrate.cutover.switches import Switch, switch_of
from directfanz.migrate.errors import SideName, WrongUse
from directfanz.migrate.side import read_address
from directfanz.migrate.work import Work

SWITCH = click.option(
    "--switch", default="", metavar="KIND:WHERE", help="file:PATH or command:PROGRAM; leads applications over."
)
APP_SOURCE = click.option("--application-source", default="", help="The source's address as applications use it.")
APP_TARGET = click.option("--application-target", default="", help="The target's address as applications use it.")
CACHE_FROM = click.option(
    "--cache-from", default="", metavar="FILE", help="Carry its keys with the writes: file:///path with redis://..."
)
CACHE_TO = click.option("--cache-to", default="", metavar="FILE", help="The same, of the target.")
CACHE_KEYS = click.option("--cache-keys", default="*", show_default=True, help="Only these, such as 'session:*'.")
CARRYING = (CACHE_FROM, CACHE_TO, CACHE_KEYS)
LEADING = (SWITCH, APP_SOURCE, APP_TARGET, *CARRYING)


def leading(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every verb that moves writers."""
    for option in reversed(LEADING):
        command = option(command)
    return command


def _carriers(cache_from: str, cache_to: str, cache_keys: str) -> tuple[Carrier, ...]:
    if bool(cache_from) != bool(cache_to):
        raise WrongUse("Say both --cache-from and --cache-to, or neither.")
    return (
        (CacheCarrier(extra_cli.cache_address(cache_from), extra_cli.cache_address(cache_to), cache_keys),)
        if cache_from
        else ()
    )


def lead(work: Work, given: dict[str, str]) -> Switch:
    work.carriers = _carriers(*(given.pop(name) for name in ("cache_from", "cache_to", "cache_keys")))
    return _switch(**given)


def _switch(switch: str, application_source: str, application_target: str) -> Switch:
    given: dict[SideName, str] = {}
    if application_source:
        given["source"] = read_address(application_source)
    if application_target:
        given["target"] = read_address(application_target)
    return switch_of(switch, given)
