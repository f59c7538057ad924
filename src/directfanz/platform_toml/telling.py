"""What the platform tells of itself, and what it promises."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from directfanz.platform_toml.kinds import Label, MetricName, Percent, Share, Words

Usd = Annotated[int, Meta(ge=1, le=10_000_000)]
Limit = Annotated[float, Meta(ge=0, le=1_000_000_000_000)]
Below = Annotated[float, Meta(gt=0, le=86_400)]
Environment = Literal["dev", "staging", "prod"]


class Logs(Struct, frozen=True, kw_only=True):
    """What processes write as they go."""

    retention_days: Annotated[int, Meta(ge=1, le=3653, description="Lines are found for so long.")]


class Metric(Struct, frozen=True, kw_only=True):
    """One thing that is measured."""

    kind: Annotated[
        Literal["counter", "gauge", "histogram"],
        Meta(description="Only grows; goes up and down; spread of many values."),
    ]
    unit: Annotated[Label, Meta(description="What is counted.")]
    about: Annotated[Words, Meta(description="In one sentence.")]


class Alarm(Struct, frozen=True, kw_only=True):
    """A limit on a metric, and who hears when it is crossed."""

    metric: Annotated[MetricName, Meta(description="A metric; a counter is counted over the time given.")]
    where: Annotated[dict[MetricName, Label], Meta(description="Only series with these labels.")] = field(
        default_factory=dict
    )
    as_share_of: Annotated[MetricName | None, Meta(description="Divide by this counter.")] = None
    percentile: Annotated[Share | None, Meta(description="Of a histogram, such as 95.")] = None
    above: Annotated[Limit | None, Meta(description="Alarm over this.")] = None
    below: Annotated[Limit | None, Meta(description="Alarm under this.")] = None
    for_seconds: Annotated[int, Meta(ge=60, le=86_400, description="So long; whole minutes.")]
    severity: Annotated[Literal["page", "warn"], Meta(description="Wakes someone; waits for the morning.")]
    about: Annotated[Words, Meta(description="In one sentence.")]


class Slo(Struct, frozen=True, kw_only=True):
    """A promise."""

    target_percent: Annotated[Share | None, Meta(description="Share that must be good.")] = None
    percentile: Annotated[Share | None, Meta(description="Which percentile must stay below.")] = None
    below_seconds: Annotated[Below | None, Meta(description="Below what.")] = None
    about: Annotated[Words, Meta(description="In one sentence.")]


class Budgets(Struct, frozen=True, kw_only=True):
    """What it may cost on AWS."""

    monthly_usd: Annotated[dict[Environment, Usd], Meta(min_length=1, description="Per environment.")]
    warn_at_percent: Annotated[tuple[Percent, ...], Meta(min_length=1, description="Tell someone at each of these.")]
