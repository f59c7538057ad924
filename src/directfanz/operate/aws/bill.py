"""What an environment costs a month: idle from what it contains, and by load from what members and streams take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from directfanz.operate.aws.environments import Environment, ServiceSize, Sizing
from directfanz.operate.aws.prices import Table, table
from directfanz.platform_toml import Platform, Service

SECRETS = 13  # with the key of media links and its id
HEALTH_CHECKS = 4
FIREWALL_RULES = 7


class Line(msgspec.Struct, frozen=True):
    what: str
    usd: float
    how: str
    prices: tuple[str, ...]


class Load(msgspec.Struct, frozen=True):
    """Of a month."""

    members: int = 0
    stream_hours: float = 0


def idle(platform: Platform, environment: Environment, sizing: Sizing) -> list[Line]:
    prices = table()
    made = (
        *_tasks(platform, sizing, prices),
        *_network(platform, environment, sizing, prices),
        *_database(platform, sizing, prices),
        _cache(platform, sizing, prices),
        *_around(platform, sizing, environment, prices),
    )
    return [line for line in made if line.usd > 0]


def total(lines: list[Line]) -> float:
    return round(sum(line.usd for line in lines), 2)


def size_of(service: Service, sized: ServiceSize | None) -> tuple[float, float, int, int]:
    """Cores, gigabytes, least tasks, share on interruptible capacity."""

    def chosen(name: str) -> int:
        own = getattr(sized, name) if sized else None
        return int(own if own is not None else getattr(service, name))

    return chosen("cpu_units") / 1024, chosen("memory_mib") / 1024, chosen("tasks_min"), chosen("spot_percent")


def task_hour(prices: Table, cores: float, gigabytes: float) -> float:
    return cores * prices["fargate_arm_vcpu_hour"] + gigabytes * prices["fargate_arm_gb_hour"]


def _tasks(platform: Platform, sizing: Sizing, prices: Table) -> Iterator[Line]:
    named = ("fargate_arm_vcpu_hour", "fargate_arm_gb_hour")
    for name, service in platform.services.items():
        cores, gigabytes, tasks, spot = size_of(service, sizing.services.get(name))
        # The first task stands on capacity that nobody takes away.
        cheaper = (tasks - 1) * spot / 100 * (1 - prices.assumptions["spot_share"])
        usd = (tasks - cheaper) * task_hour(prices, cores, gigabytes) * prices.hours_a_month
        yield Line(f"{name} tasks", usd, f"{tasks} of {cores:g} cores and {gigabytes:g} GB", named)
    if sizing.pgbouncer_tasks:
        usd = sizing.pgbouncer_tasks * task_hour(prices, 0.25, 0.5) * prices.hours_a_month
        yield Line("connection pool", usd, f"{sizing.pgbouncer_tasks} of 0.25 cores and 0.5 GB", named)


def _network(platform: Platform, environment: Environment, sizing: Sizing, prices: Table) -> Iterator[Line]:
    hours, zones = prices.hours_a_month, len(environment.zones)
    gateways = min(sizing.nat_gateways, zones)
    units = prices.assumptions["balancer_units"]
    yield Line("NAT gateways", gateways * prices["nat_hour"] * hours, f"{gateways}", ("nat_hour",))
    balancer = (prices["balancer_hour"] + units * prices["balancer_unit_hour"]) * hours
    yield Line("load balancer", balancer, f"with {units:g} unit", ("balancer_hour", "balancer_unit_hour"))
    cameras = bool(platform.ingest) and environment.live_backend == "ffmpeg"  # as modules/platform decides it
    yield Line(
        "balancer for cameras", cameras * prices["network_balancer_hour"] * hours, "idle", ("network_balancer_hour",)
    )
    addresses = zones + gateways + cameras * zones
    yield Line("public addresses", addresses * prices["address_hour"] * hours, f"{addresses}", ("address_hour",))
    doors = len(sizing.interface_endpoints) * zones
    yield Line("interface endpoints", doors * prices["endpoint_hour"] * hours, f"{doors}", ("endpoint_hour",))


def _database(platform: Platform, sizing: Sizing, prices: Table) -> Iterator[Line]:
    database: dict[str, Any] = msgspec.to_builtins(platform.database)
    database |= {key: value for key, value in msgspec.to_builtins(sizing.database).items() if value is not None}
    instance, replicas = database["instance"], database["replicas"]
    copies = (2 if database["multi_az"] else 1) + replicas
    told = f"{instance}, {'two zones' if database['multi_az'] else 'one zone'}, {replicas} replica{'' if replicas == 1 else 's'}"
    yield Line("database", copies * prices[instance] * prices.hours_a_month, told, (instance,))
    disk = "database_gb_two_zones" if database["multi_az"] else "database_gb"
    usd = database["storage_gib"] * (prices[disk] + replicas * prices["database_gb"])
    yield Line("database disk", usd, f"{database['storage_gib']} GB", (disk, "database_gb"))


def _cache(platform: Platform, sizing: Sizing, prices: Table) -> Line:
    if sizing.cache_mode == "serverless":
        least = prices["serverless_cache_gb_least"]
        usd = least * prices["serverless_cache_gb_hour"] * prices.hours_a_month
        return Line("cache", usd, "serverless, at its least", ("serverless_cache_gb_hour", "serverless_cache_gb_least"))
    node = sizing.cache_node_type or platform.cache.node_type
    nodes = platform.cache.shards * (1 + platform.cache.replicas_per_shard)
    return Line("cache", nodes * prices[node] * prices.hours_a_month, f"{nodes} {node}", (node,))


def _around(platform: Platform, sizing: Sizing, environment: Environment, prices: Table) -> Iterator[Line]:
    tellers = prices.assumptions["tellers_a_figure"] if sizing.figures_by_service else 0
    own = sizing.database.replicas
    replicas = platform.database.replicas if own is None else own
    secrets = SECRETS + bool(replicas)
    alarms = len(platform.alarms) + 3 * len(platform.services) + 3 + replicas
    figures = len(platform.metrics) * (1 + tellers)
    yield Line("secrets and key", secrets * prices["secret"] + prices["key"], f"{secrets} secrets", ("secret", "key"))
    yield Line("alarms", alarms * prices["alarm"], f"{alarms}", ("alarm",))
    yield Line("figures", figures * prices["figure"], f"{figures:g} kept by CloudWatch", ("figure",))
    logs = prices.assumptions["log_gb_idle"]
    yield Line("logs", logs * prices["log_gb"], f"{logs:g} GB", ("log_gb",))
    if environment.environment == "dr":
        return
    rules = FIREWALL_RULES + bool(environment.blocked_countries)
    usd = prices["firewall"] + rules * prices["firewall_rule"]
    yield Line("firewall", usd, f"{rules} rules", ("firewall", "firewall_rule"))
    checks = HEALTH_CHECKS if environment.protected else 0
    usd = prices["zone"] + checks * prices["health_check"]
    yield Line("names and health checks", usd, f"{checks} checks", ("zone", "health_check"))


def by_load(load: Load, live_backend: str = "ffmpeg", plan: str = "payg") -> list[Line]:
    prices = table()
    told = prices.assumptions
    thousands = load.members / 1000
    viewer_hours = load.stream_hours * told["viewers_a_stream"]
    gigabytes = load.members * told["gb_a_member"]
    requests = load.members * told["requests_a_member"]
    if live_backend != "ivs":  # IVS brings its own edge
        gigabytes += viewer_hours * told["viewer_gb_an_hour"]
        requests += viewer_hours * told["viewer_requests_an_hour"]
    stored = load.members * told["stored_gb_a_member"]
    lines = [
        *edge(gigabytes, requests, plan),
        Line("objects", stored * prices["object_gb"], f"{stored:g} GB", ("object_gb",)),
        Line("logs", thousands * told["logs_gb_a_thousand"] * prices["log_gb"], "by members", ("log_gb",)),
        _encoding(load.stream_hours, viewer_hours, live_backend, prices),
    ]
    return [line for line in lines if line.usd > 0]


def edge(gigabytes: float, requests: float, plan: str) -> Iterator[Line]:
    """Pay as you go, or a flat rate as long as it holds."""
    prices = table()
    told = f"{gigabytes:,.0f} GB, {requests / 1e6:.1f} M requests"
    if plan != "payg":
        flat = prices.plans[plan]
        if requests > flat.million_requests * 1e6 or gigabytes > flat.terabytes * 1000:
            yield Line("edge", float("inf"), f"{told}: more than the plan {plan} holds", ())
            return
        yield Line("edge", flat.usd, f"{told}, plan {plan}", ())
        return
    paid = max(gigabytes - prices["edge_gb_free"], 0)
    usd = paid * prices["edge_gb"] + requests / 1e4 * prices["edge_ten_thousand"]
    yield Line(
        "edge", usd, f"{told}, the first {prices['edge_gb_free']:,.0f} GB free", ("edge_gb", "edge_ten_thousand")
    )
    yield Line("firewall by requests", requests / 1e6 * prices["firewall_million"], told, ("firewall_million",))


def _encoding(hours: float, viewer_hours: float, backend: str, prices: Table) -> Line:
    told = prices.assumptions
    if backend == "medialive":
        return Line("encoding", hours * prices["medialive_hour"], f"MediaLive, {hours:g} h", ("medialive_hour",))
    if backend == "ivs":
        usd = hours * prices["ivs_hour"] + viewer_hours * prices["ivs_viewer_hour_hd"]
        return Line("encoding and viewers", usd, f"IVS, {hours:g} h", ("ivs_hour", "ivs_viewer_hour_hd"))
    usd = hours * task_hour(prices, told["encoder_vcpu"], told["encoder_gb"])
    named: tuple[str, ...] = ("fargate_arm_vcpu_hour", "fargate_arm_gb_hour")
    if backend == "hybrid":  # the same, with each segment in the store while the stream lasts
        usd += hours * told["hybrid_puts_an_hour"] / 1000 * prices["object_put_thousand"]
        return Line("encoding", usd, f"ffmpeg on Fargate, segments in S3, {hours:g} h", (*named, "object_put_thousand"))
    return Line("encoding", usd, f"ffmpeg on Fargate, {hours:g} h", named)


def unverified(lines: list[Line]) -> Mapping[str, str]:
    """Prices in it that nobody could look up, with where they come from."""
    prices = table()
    used = {name for line in lines for name in line.prices}
    return {name: prices.prices[name].source for name in sorted(used) if not prices.prices[name].verified}
