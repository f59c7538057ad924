"""What an environment costs: the sum of what it contains, at prices with a date."""

from __future__ import annotations

import re
from datetime import date

import msgspec
import pytest

from directfanz.errors import ConfigurationError
from directfanz.operate.aws.bill import Load, by_load, edge, idle, total
from directfanz.operate.aws.environments import Environment, Sizing, names, read_environment, read_profile
from directfanz.operate.aws.explain import REFERENCE, REFERENCE_USD, bill, choices, lines
from directfanz.operate.aws.prices import table
from directfanz.platform_toml import Platform
from tests.architecture.house import ROOT

INFRA = ROOT / "infra"


def _of(name: str) -> tuple[Environment, Sizing]:
    environment = read_environment(INFRA, name)
    return environment, read_profile(INFRA, environment.profile)


@pytest.mark.parametrize("name", names(INFRA))
def test_every_environment_stays_under_its_budget(name: str, platform: Platform) -> None:
    environment, sizing = _of(name)
    budget = {str(key): usd for key, usd in platform.budgets.monthly_usd.items()}.get(name)
    if budget:
        assert total(idle(platform, environment, sizing)) <= budget


def test_production_beats_the_earlier_system_at_its_load(platform: Platform) -> None:
    environment, sizing = _of("prod")
    assert total(idle(platform, environment, sizing)) + total(by_load(REFERENCE)) < REFERENCE_USD


def test_the_cheap_profile_takes_about_250_while_nobody_comes(platform: Platform) -> None:
    environment, _ = _of("prod")
    cheap = idle(platform, environment, read_profile(INFRA, "cheap"))
    assert 200 < total(cheap) < 260


def test_the_sum_is_what_the_lines_say(platform: Platform) -> None:
    environment, sizing = _of("prod")
    told = bill(platform, environment, sizing, REFERENCE)
    said = sum(line["usd"] for part in ("idle", "load") for line in told[part])
    assert told["total_usd"] == pytest.approx(said, abs=0.2)
    text = "\n".join(lines(told))
    assert f"USD {told['total_usd']:,.2f} a month, under its budget" in text
    assert "Not verified: " in text


def test_a_gateway_less_is_its_price_less(platform: Platform) -> None:
    environment, sizing = _of("prod")
    fewer = msgspec.structs.replace(sizing, nat_gateways=1)
    saved = total(idle(platform, environment, sizing)) - total(idle(platform, environment, fewer))
    hours = table().hours_a_month
    assert saved == pytest.approx(2 * hours * (table()["nat_hour"] + table()["address_hour"]), abs=0.02)


def test_interruptible_tasks_are_cheaper_but_the_first(platform: Platform) -> None:
    environment, sizing = _of("prod")
    worker = next(line for line in idle(platform, environment, sizing) if line.what == "worker tasks")
    several = msgspec.structs.replace(platform.services["worker"], tasks_min=3)
    more = msgspec.structs.replace(platform, services={**platform.services, "worker": several})
    three = next(line for line in idle(more, environment, sizing) if line.what == "worker tasks")
    assert worker.usd < three.usd < 3 * worker.usd


def test_a_plan_that_does_not_hold_the_load_says_so(platform: Platform) -> None:
    environment, sizing = _of("prod")
    assert next(edge(100, 11_000_000, "pro")).usd == float("inf")
    told = "\n".join(choices(platform, environment, sizing, Load(members=50_000, stream_hours=1000)))
    assert re.search(r"pro +holds not so much", told)
    assert re.search(r"medialive +[\d,]+\.\d\d", told)


def test_what_a_promise_saves_is_a_share_of_its_lines(platform: Platform) -> None:
    environment, sizing = _of("prod")
    told = "\n".join(choices(platform, environment, sizing, Load()))
    database = next(line.usd for line in idle(platform, environment, sizing) if line.what == "database")
    assert re.search(rf"reserved database instances, one year +{database * 0.3:,.2f}", told)
    assert "pay as you go" in told
    assert told.count("<- now") == 3


def test_cameras_have_their_balancer_in_the_bill(platform: Platform) -> None:
    environment, sizing = _of("prod")
    other = msgspec.structs.replace(environment, live_backend="ivs")
    saved = total(idle(platform, environment, sizing)) - total(idle(platform, other, sizing))
    hour = table()["network_balancer_hour"] + len(environment.zones) * table()["address_hour"]
    assert saved == pytest.approx(hour * table().hours_a_month, abs=0.02)


def test_more_members_never_cost_less() -> None:
    sums = [total(by_load(Load(members, hours))) for members, hours in ((0, 0), (500, 0), (5000, 10), (50_000, 400))]
    assert sums == sorted(sums)
    assert sums[0] == 0


def test_each_price_says_where_it_is_from_and_when() -> None:
    prices = table()
    assert prices.read_on >= date(2026, 1, 1)
    assert all(price.source for price in prices.prices.values())
    for name, price in prices.prices.items():
        assert price.verified or len(price.source) > 10, name
        assert "from memory" not in price.source or not price.verified, name


def test_a_price_that_is_missing_is_named(platform: Platform) -> None:
    environment, sizing = _of("prod")
    other = msgspec.structs.replace(sizing, cache_node_type="cache.x9.huge")
    with pytest.raises(ConfigurationError, match=r"no price for cache\.x9\.huge"):
        idle(platform, environment, other)
