"""AWS's collector, as far as our configuration reaches: what it accepts, and which CloudWatch figures come of what processes tell.

No collector can be had for these tests, so this is its documentation in code (receivers otlp, processors batch, exporters awsxray and
awsemf): unknown settings are refused as it refuses them, a figure is kept for each declared set of dimensions whose labels are all there,
a set without any dimension is left out, and only exponential histograms become values that percentiles can be taken of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA

MOST_DIMENSIONS = 10


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Http(Strict, frozen=True):
    endpoint: str


class Protocols(Strict, frozen=True):
    http: Http


class Otlp(Strict, frozen=True):
    protocols: Protocols


class Receivers(Strict, frozen=True):
    otlp: Otlp


class Batch(Strict, frozen=True):
    timeout: str


class Processors(Strict, frozen=True):
    batch: Batch


class Xray(Strict, frozen=True):
    region: str


class Declaration(Strict, frozen=True):
    dimensions: tuple[tuple[str, ...], ...]
    metric_name_selectors: tuple[str, ...]


class Emf(Strict, frozen=True):
    region: str
    namespace: str
    log_group_name: str
    dimension_rollup_option: Literal["NoDimensionRollup", "SingleDimensionRollupOnly", "ZeroAndSingleDimensionRollup"]
    metric_declarations: tuple[Declaration, ...]


class Exporters(Strict, frozen=True):
    awsxray: Xray
    awsemf: Emf


class Pipeline(Strict, frozen=True):
    receivers: tuple[Literal["otlp"], ...]
    processors: tuple[Literal["batch"], ...]
    exporters: tuple[Literal["awsxray", "awsemf"], ...]


class Service(Strict, frozen=True):
    pipelines: dict[Literal["traces", "metrics"], Pipeline]


class Config(Strict, frozen=True):
    receivers: Receivers
    processors: Processors
    exporters: Exporters
    service: Service


Dimensions = frozenset[tuple[str, str]]


class Kept(msgspec.Struct, frozen=True):
    """A figure as CloudWatch keeps it."""

    name: str
    dimensions: Dimensions
    percentiles: bool


def read(text: str) -> Config:
    import yaml  # type: ignore[import-untyped]

    config = msgspec.convert(yaml.safe_load(text), Config)
    assert re.fullmatch(r"\d+m?s", config.processors.batch.timeout)
    assert config.service.pipelines["traces"].exporters == ("awsxray",)
    assert config.service.pipelines["metrics"].exporters == ("awsemf",)
    for declaration in config.exporters.awsemf.metric_declarations:
        assert all(len(one) <= MOST_DIMENSIONS for one in declaration.dimensions)
    return config


def figures(config: Config, told: Iterable[ExportMetricsServiceRequest]) -> set[Kept]:
    return {kept for request in told for kept in _kept(config.exporters.awsemf, request)}


def _kept(emf: Emf, request: ExportMetricsServiceRequest) -> Iterator[Kept]:
    metrics = (m for r in request.resource_metrics for s in r.scope_metrics for m in s.metrics)
    for metric in metrics:
        for labels in _labels(metric):
            for declared in emf.metric_declarations:
                if any(re.search(one, metric.name) for one in declared.metric_name_selectors):
                    for names in declared.dimensions:
                        if names and set(names) <= labels.keys():
                            dimensions = frozenset((name, labels[name]) for name in names)
                            yield Kept(metric.name, dimensions, metric.HasField("exponential_histogram"))


def _labels(metric: Any) -> Iterator[dict[str, str]]:
    """Totals since the start would be told as if they were this minute's, of histograms at least: so everything is what came since."""
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind)
    if kind != "gauge":
        assert data.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA, metric.name
    assert kind != "histogram", f"{metric.name}: no percentile can be taken of an explicit histogram"
    for point in data.data_points:
        yield {label.key: label.value.string_value for label in point.attributes}
