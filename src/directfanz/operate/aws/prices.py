"""The dated price table."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files

import msgspec

from directfanz.errors import ConfigurationError


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    usd: float
    source: str
    verified: bool = True


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    usd: float
    million_requests: float
    terabytes: float
    source: str


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What costs less when it is promised for long: every line whose prices begin with these names."""

    share: float
    names: tuple[str, ...]
    about: str
    source: str


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    read_on: date
    region: str
    hours_a_month: int
    prices: dict[str, Price]
    plans: dict[str, Plan]
    promises: dict[str, Promise]
    assumptions: dict[str, float]

    def __getitem__(self, name: str) -> float:
        if name not in self.prices:
            raise ConfigurationError(f"There is no price for {name}. Add it to prices.toml, with its source and date.")
        return self.prices[name].usd


@lru_cache(maxsize=1)
def table() -> Table:
    text = files("directfanz.operate.aws").joinpath("prices.toml").read_text()
    return msgspec.convert(tomllib.loads(text), Table)
