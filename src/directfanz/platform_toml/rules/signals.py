"""Logs, metrics, alarms, promises and budgets."""

from __future__ import annotations

from collections.abc import Iterator

from directfanz.platform_toml.lines import Path
from directfanz.platform_toml.model import Platform
from directfanz.platform_toml.problems import Problem
from directfanz.platform_toml.telling import Alarm, Metric

# The retentions that CloudWatch Logs knows.
RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)


def logs(platform: Platform) -> Iterator[Problem]:
    days = platform.logs.retention_days
    if days not in RETENTION_DAYS:
        nearest = min(RETENTION_DAYS, key=lambda known: abs(known - days))
        reason = f"CloudWatch does not keep logs for {days} days"
        yield Problem(("logs", "retention_days"), reason, f"use {nearest}, the nearest that it knows")


def metrics(platform: Platform) -> Iterator[Problem]:
    for name, metric in platform.metrics.items():
        if (metric.kind == "counter") != name.endswith("_total"):
            reason = "counters, and only counters, end in _total"
            yield Problem(("metrics", name, "kind"), reason, "rename the metric or change its kind")


def alarms(platform: Platform) -> Iterator[Problem]:
    for name, alarm in platform.alarms.items():
        at: Path = ("alarms", name)
        metric = platform.metrics.get(alarm.metric)
        if metric is None:
            yield Problem((*at, "metric"), f"there is no metric {alarm.metric}", "declare it under [metrics]")
        else:
            yield from _percentile(at, alarm, metric)
        yield from _limits(at, alarm)
        yield from _share(at, alarm, platform)


def _percentile(at: Path, alarm: Alarm, metric: Metric) -> Iterator[Problem]:
    if metric.kind == "histogram" and alarm.percentile is None:
        yield Problem(at, f"{alarm.metric} is a histogram, which is many values", "say which percentile, such as 95")
    if metric.kind != "histogram" and alarm.percentile is not None:
        yield Problem((*at, "percentile"), f"{alarm.metric} is a {metric.kind}, which has none", "remove it")


def _limits(at: Path, alarm: Alarm) -> Iterator[Problem]:
    if (alarm.above is None) == (alarm.below is None):
        yield Problem(at, "needs a limit, and only one", "set either above or below")
    if alarm.for_seconds % 60:
        yield Problem((*at, "for_seconds"), "CloudWatch looks once a minute", "use a multiple of 60")


def _share(at: Path, alarm: Alarm, platform: Platform) -> Iterator[Problem]:
    if alarm.as_share_of is None:
        return
    key: Path = (*at, "as_share_of")
    if alarm.as_share_of not in platform.metrics:
        yield Problem(key, f"there is no metric {alarm.as_share_of}", "declare it under [metrics]")
        return
    kinds = {platform.metrics[name].kind for name in (alarm.metric, alarm.as_share_of) if name in platform.metrics}
    if kinds != {"counter"}:
        yield Problem(key, "only a counter has a share of a counter", "name two counters, or remove it")
    if alarm.metric == alarm.as_share_of and not alarm.where:
        yield Problem(key, "all is always the whole of all", "say with where which part is meant")
    if any(limit is not None and limit > 1 for limit in (alarm.above, alarm.below)):
        yield Problem(key, "a share is never over 1", "write 1 % as 0.01")


def promises(platform: Platform) -> Iterator[Problem]:
    for name, slo in platform.slos.items():
        at: Path = ("slos", name)
        if slo.target_percent is None and slo.below_seconds is None:
            yield Problem(at, "promises nothing", "set target_percent or below_seconds")
        if slo.percentile is not None and slo.below_seconds is None:
            yield Problem((*at, "percentile"), "of what is not said", "set below_seconds")
        if slo.target_percent is not None and slo.below_seconds is not None:
            yield Problem((*at, "target_percent"), "is a second promise beside below_seconds", "make two of it")


def budgets(platform: Platform) -> Iterator[Problem]:
    steps = platform.budgets.warn_at_percent
    if list(steps) != sorted(set(steps)):
        yield Problem(("budgets", "warn_at_percent"), "the steps do not rise", "write each once, the lowest first")


RULES = (logs, metrics, alarms, promises, budgets)
