"""An environment in words: what it contains, what it costs, and what other choices would cost."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

from directfanz.operate.aws.bill import Line, Load, by_load, idle, total, unverified
from directfanz.operate.aws.environments import Environment, Sizing
from directfanz.operate.aws.prices import table
from directfanz.platform_toml import Platform

# The earlier system's load, which cost it USD 1,270 a month: 2,000 users and 100 streams.
REFERENCE = Load(members=2000, stream_hours=100)
REFERENCE_USD = 1270
BACKENDS = {
    "ffmpeg": "our own service",
    "hybrid": "our own, with segments in S3 to rewind from",
    "medialive": "an encoder of AWS's for each stream, into S3",
    "ivs": "AWS's encoder and its own edge",
}


def bill(platform: Platform, environment: Environment, sizing: Sizing, load: Load) -> dict[str, Any]:
    still = idle(platform, environment, sizing)
    moving = by_load(load, environment.live_backend)
    return {
        "environment": environment.environment,
        "profile": environment.profile,
        "idle": [_told(line) for line in still],
        "load": [_told(line) for line in moving],
        "idle_usd": total(still),
        "load_usd": total(moving),
        "total_usd": round(total(still) + total(moving), 2),
        "thousand_members_usd": _more(load, 1000, 0, environment.live_backend),
        "stream_hour_usd": _more(load, 0, 1, environment.live_backend),
        "budget_usd": _budgets(platform).get(environment.environment),
        "prices_of": table().read_on.isoformat(),
        "unverified": dict(unverified([*still, *moving])),
    }


def _more(load: Load, members: int, hours: float, backend: str) -> float:
    """What comes on top of this load: the first terabyte of the edge is free, so the first members cost less than later ones."""
    more = Load(load.members + members, load.stream_hours + hours)
    return round(total(by_load(more, backend)) - total(by_load(load, backend)), 2)


def lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['environment']}, profile {told['profile']}, list prices of {told['prices_of']} in us-east-1"
    for part, title in (("idle", "While nobody comes"), ("load", "With the load")):
        if not told[part]:
            continue
        yield f"\n{title}"
        yield from (f"  {line['what']:<26}{line['usd']:>10,.2f}  {line['how']}" for line in told[part])
        yield f"  {'':<26}{told[f'{part}_usd']:>10,.2f}"
    yield f"\nTogether USD {told['total_usd']:,.2f} a month" + _under(told)
    yield f"1,000 members more: USD {told['thousand_members_usd']:,.2f}. An hour of one stream: USD {told['stream_hour_usd']:,.2f}."
    if told["unverified"]:
        names = ", ".join(f"{name} ({source})" for name, source in told["unverified"].items())
        yield f"Not verified: {names}."
    yield "Not counted: GuardDuty, Config and Security Hub (they bill by events), support, tax, traffic between zones."


def _under(told: dict[str, Any]) -> str:
    budget = told["budget_usd"]
    if not budget:
        return "."
    return f", {'under' if told['total_usd'] <= budget else 'OVER'} its budget of {budget:,}."


def choices(platform: Platform, environment: Environment, sizing: Sizing, load: Load) -> Iterator[str]:
    """Each is what the load or the part would cost with it instead."""
    yield "Live: an hour of one stream with its viewers, and the load given"
    for backend, words in BACKENDS.items():
        usd, hour = total(by_load(load, backend)), _more(load, 0, 1, backend)
        yield f"  {backend:<26}{usd:>10,.2f}  {hour:,.2f} an hour; {words}" + _chosen(
            backend == environment.live_backend
        )
    yield f"\nThe edge: pay as you go, or CloudFront's flat rates of {table().plans['pro'].source.split(', ')[1]}, for the load given"
    for plan in ("payg", *table().plans):
        usd = sum(line.usd for line in by_load(load, environment.live_backend, plan))
        shown = "  holds not so much" if usd == inf else f"{usd:>10,.2f}"
        yield f"  {'pay as you go' if plan == 'payg' else plan:<26}{shown}" + _chosen(plan == "payg")
    hours, gateway = table().hours_a_month, table()["nat_hour"]
    gateways = min(sizing.nat_gateways, len(environment.zones))
    yield "\nNAT gateways"
    for count, words in ((1, "one: a zone's failure cuts the way out"), (len(environment.zones), "one for each zone")):
        yield f"  {count:<26}{count * gateway * hours:>10,.2f}  {words}" + _chosen(count == gateways)
    yield "\nPromised for a year without paying ahead (not verified), a month less by"
    still = idle(platform, environment, sizing)
    for promise in table().promises.values():
        part = [line for line in still if any(name.startswith(promise.names) for name in line.prices)]
        yield f"  {promise.about:<40}{promise.share * total(part):>10,.2f}  {promise.share:.0%} of {total(part):,.2f}"


def _chosen(is_it: bool) -> str:
    return "  <- now" if is_it else ""


def _told(line: Line) -> dict[str, Any]:
    return {"what": line.what, "usd": round(line.usd, 2), "how": line.how}


def _budgets(platform: Platform) -> dict[str, int]:
    return {str(name): usd for name, usd in platform.budgets.monthly_usd.items()}
