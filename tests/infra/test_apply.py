"""All of production's stack made on a simulated AWS, read back, used by our own adapters, and removed.

It takes ten minutes, so it runs with `make test-infra` (INFRA_FULL=1) alone. A second plan must find nothing to change, but for what
the simulator is known to forget: `known_gaps.json`, which fails too when one of its lines is no longer true.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.secrets.aws import AwsSecrets
from directfanz.backends.storage import open_storage
from directfanz.backends.telemetry import open_telemetry
from directfanz.backends.telemetry.metrics import Registry
from directfanz.backends.telemetry.otlp import MetricSender
from directfanz.errors import Rejected
from directfanz.kit.signing import new_key_pair
from directfanz.platform_toml import Platform
from directfanz.settings import load
from tests.support import adot
from tests.support.collector import collector
from tests.support.infra_cases import REPLICA, real
from tests.support.plain_settings import plain_settings
from tests.support.stand_in_host import stand_in
from tests.support.terraform import Terraform, copied, program_and_plugins

GAPS = Path(__file__).with_name("known_gaps.json")

pytestmark = [
    pytest.mark.skipif(not os.environ.get("INFRA_FULL"), reason="the whole apply runs with `make test-infra`"),
    pytest.mark.timeout(3600),
]


@pytest.fixture(scope="module")
def simulated() -> Iterator[str]:
    with stand_in() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def applied(simulated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Production, but for what the simulator cannot do: read replicas. Unprotected, so that it can be removed."""
    program_and_plugins()
    terraform = copied(tmp_path_factory.mktemp("apply") / "infra", "platform", {"AWS_ENDPOINT_URL": simulated})
    case = real("prod") | {"protected": False, "image_tag": "abc1234", "collector_image": "collector:1"}
    case["sizing"]["database"] = {"replicas": 0}
    case["replica"] = REPLICA
    case["media_public_key"] = new_key_pair()[1].decode()
    (terraform.folder / "case.auto.tfvars.json").write_text(json.dumps(case))
    terraform.init()
    terraform.must("apply", "-auto-approve", "-input=false", "-parallelism=20")
    yield terraform
    terraform.must("destroy", "-auto-approve", "-input=false", "-parallelism=20")


def test_a_second_plan_changes_nothing_but_what_the_simulator_forgets(applied: Terraform) -> None:
    applied.must("plan", "-input=false", "-out=second", "-parallelism=20")
    shown = json.loads(applied.run("show", "-json", "second").stdout)
    found = set(differences(shown))
    gaps = [(entry["address"], entry["attribute"]) for entry in json.loads(GAPS.read_text())]
    strange = [one for one in sorted(found) if not any(_fits(gap, one) for gap in gaps)]
    assert not strange, f"a second plan would change {strange}"
    closed = [gap for gap in gaps if not any(_fits(gap, one) for one in found)]
    assert not closed, f"these gaps are gone; take them out of {GAPS.name}: {closed}"


def differences(shown: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for change in shown["resource_changes"]:
        if change["change"]["actions"] in (["no-op"], ["read"]):
            continue
        before, after = change["change"]["before"] or {}, change["change"]["after"] or {}
        unknown = change["change"]["after_unknown"] or {}
        for name in sorted(set(before) | set(after)):
            if before.get(name) != after.get(name) and not unknown.get(name):
                yield re.sub(r"\[[^\]]*\]", "", change["address"]), name


def _fits(gap: tuple[str, str], found: tuple[str, str]) -> bool:
    return re.fullmatch(gap[0], found[0]) is not None and re.fullmatch(gap[1], found[1]) is not None


def test_tasks_write_nowhere_and_start_with_what_the_settings_know(applied: Terraform) -> None:
    """What a task is given is known only after the apply; here it is read by the settings themselves."""
    tasks = list(containers(json.loads(applied.run("show", "-json").stdout)["values"]["root_module"]))
    assert len(tasks) >= 6
    for task in tasks:
        assert task["readonlyRootFilesystem"] is True
        if task["name"] == "collector":
            continue
        assert task["user"] == "10001:10001"
        given = {entry["name"]: entry["value"] for entry in task["environment"]}
        given |= {entry["name"]: "postgresql://a:b@c/d-and-long-enough-for-a-key" for entry in task["secrets"]}
        if task["name"] != "pgbouncer":
            assert load(given).profile == "aws"


def test_what_processes_tell_becomes_the_figures_that_alarms_ask_for(applied: Terraform, platform: Platform) -> None:
    """The collector's configuration as a task gets it, fed by our own sender; every alarm on our figures finds its figure."""
    state = json.loads(applied.run("show", "-json").stdout)["values"]["root_module"]
    given = {
        entry["value"] for task in containers(state) if task["name"] == "collector" for entry in task["environment"]
    }
    (text,) = given
    config = adot.read(text)
    asked = {
        adot.Kept(one["metric_name"], frozenset((one["dimensions"] or {}).items()), bool(one["extended_statistic"]))
        for one in _alarms(state)
        if one["namespace"] == config.exporters.awsemf.namespace
    }
    assert len(asked) >= 5
    with collector() as heard:
        _tell_everything(platform, heard.endpoint)
    kept = adot.figures(config, heard.metrics)
    for alarm in asked:
        assert any(
            (one.name, one.dimensions) == (alarm.name, alarm.dimensions) and one.percentiles >= alarm.percentiles
            for one in kept
        ), f"no figure for {alarm}"
    assert {one.name for one in kept} == set(platform.metrics), "every declared figure is kept"


def _tell_everything(platform: Platform, endpoint: str) -> None:
    registry = Registry(platform.metrics)
    for name, metric in platform.metrics.items():
        for labels in [{}, *({"status": "5xx"} for _ in range(metric.kind == "counter"))]:
            if metric.kind == "counter":
                registry.counter(name).add(1, **labels)
            elif metric.kind == "gauge":
                registry.gauge(name).set(1)
            else:
                registry.histogram(name).record(0.15)
    MetricSender(endpoint, platform.name, "web", registry, every_seconds=3600).close()


def _alarms(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in module.get("resources", []):
        if resource["type"] == "aws_cloudwatch_metric_alarm":
            values = resource["values"]
            yield values | {"namespace": values["namespace"] or None}
            for query in values["metric_query"] or []:
                for metric in query["metric"]:
                    yield {**metric, "extended_statistic": ""}
    for child in module.get("child_modules", []):
        yield from _alarms(child)


def containers(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in module.get("resources", []):
        if resource["type"] == "aws_ecs_task_definition":
            yield from json.loads(resource["values"]["container_definitions"])
    for child in module.get("child_modules", []):
        yield from containers(child)


async def test_our_adapters_use_what_terraform_made(
    applied: Terraform, simulated: str, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    told = json.loads(applied.run("output", "-json").stdout)["platform"]["value"]
    settings = plain_settings(
        storage_endpoint=simulated,
        storage_access_key="test",
        storage_secret_key="test",
        storage_prefix="directfanz-prod-",
    )
    storage = open_storage(settings, platform, SystemClock(), open_telemetry(settings, platform, "test"))
    with pytest.raises(Rejected):  # the simulator speaks plain HTTP, and the buckets are for TLS only
        await storage.bucket("media").put("hello", b"there")
    _let_plain_http_in(simulated, told["buckets"].values())
    for name in platform.buckets:
        await storage.bucket(name).put("hello", b"there")
        assert await storage.bucket(name).get("hello") == b"there"
        assert told["buckets"][name] == f"directfanz-prod-{name}"
    for name in platform.buckets:
        await storage.bucket(name).delete("hello")
    await storage.close()
    made = AwsSecrets("directfanz-prod", "us-east-1", simulated)
    assert len(await made.get("secret-key")) == 64
    assert (await made.get("database-direct-url")).startswith("postgresql://directfanz_app:")
    topics = boto3.client("sns", region_name="us-east-1", endpoint_url=simulated)
    assert topics.publish(TopicArn=told["topics"]["page"], Message="an alarm")["MessageId"]
    topics.close()


def _let_plain_http_in(simulated: str, buckets: Iterable[str]) -> None:
    s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=simulated)
    for bucket in buckets:
        s3.delete_bucket_policy(Bucket=bucket)
    s3.close()
