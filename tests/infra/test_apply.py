"""All of production's stack made on a simulated AWS, read back, used by our own adapters, and removed.

It takes six minutes, nearly all of them the provider's own waiting, so it runs with `make test-infra` (INFRA_FULL=1) alone. A second
plan must find nothing to change, but for what the simulator is known to forget: `known_gaps.json`, which fails too when one of its lines
is no longer true.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from directfanz.backends.cdn.signed import SignedLinks
from directfanz.backends.clock.system import SystemClock
from directfanz.backends.email.ses import SesCarrier
from directfanz.backends.telemetry.metrics import Registry
from directfanz.backends.telemetry.otlp import MetricSender
from directfanz.backends.transcoder import open_transcoder
from directfanz.backends.transcoder.mediaconvert.adapter import MediaConvert
from directfanz.errors import DirectFanzError, Rejected
from directfanz.kit.signing import canned_policy, verify_policy
from directfanz.operate.aws.account import keep_media_key_id, media_public_key
from directfanz.platform_toml import Platform
from directfanz.settings import load
from tests.support import adot
from tests.support.at_home import Home, at_home, letter, ordered_film
from tests.support.collector import collector
from tests.support.infra_cases import REPLICA, real
from tests.support.stand_in_host import stand_in
from tests.support.terraform import Terraform, copied, program_and_plugins

REGION = "us-east-1"
AT_ONCE = "-parallelism=64"  # most of an apply is waiting, which overlaps
GAPS = Path(__file__).with_name("known_gaps.json")

pytestmark = [
    pytest.mark.skipif(not os.environ.get("INFRA_FULL"), reason="the whole apply runs with `make test-infra`"),
    pytest.mark.timeout(3600),
]


@pytest.fixture(scope="module")
def simulated() -> Iterator[str]:
    with stand_in() as endpoint, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield endpoint


@pytest.fixture(scope="module")
def applied(simulated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Production, but for what the simulator cannot do: read replicas. Unprotected, so that it can be removed."""
    program_and_plugins()
    terraform = copied(tmp_path_factory.mktemp("apply") / "infra", "platform", {"AWS_ENDPOINT_URL": simulated})
    case = real("prod") | {"protected": False, "image_tag": "abc1234", "collector_image": "collector:1"}
    case["sizing"]["database"] = {"replicas": 0}
    case["replica"] = REPLICA
    case["vod_backend"] = "mediaconvert"  # its queue and role too
    case["media_public_key"] = asyncio.run(media_public_key("directfanz", REGION, simulated))
    (terraform.folder / "case.auto.tfvars.json").write_text(json.dumps(case))
    terraform.init()
    terraform.must("apply", "-auto-approve", "-input=false", AT_ONCE)
    yield terraform
    # Looked at once more by the second plan, so not again.
    terraform.must("destroy", "-auto-approve", "-input=false", "-refresh=false", AT_ONCE)


def test_a_second_plan_changes_nothing_but_what_the_simulator_forgets(applied: Terraform) -> None:
    applied.must("plan", "-input=false", "-out=second", AT_ONCE)
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
    tasks = list(containers(applied.state()))
    assert len(tasks) >= 6
    for task in tasks:
        assert task["readonlyRootFilesystem"] is True
        if task["name"] == "collector":
            continue
        assert task["user"] == "10001:10001"
        given = {entry["name"]: entry["value"] for entry in task["environment"]}
        given |= {entry["name"]: "postgresql://a:b@c/d-and-long-enough-for-a-key" for entry in task["secrets"]}
        if task["name"] != "pgbouncer":
            settings = load(given)
            assert settings.live_transcode_cpu_percent == (120 if task["name"] == "streaming" else None)
            assert settings.profile == "aws"
            assert settings.transcoder_backend == "mediaconvert"
            assert settings.mediaconvert_role == "arn:aws:iam::123456789012:role/directfanz-prod-mediaconvert"


@pytest.mark.property("P20")
@pytest.mark.property("P21")
def test_what_processes_tell_becomes_the_figures_that_alarms_ask_for(applied: Terraform, platform: Platform) -> None:
    """The collector's configuration as a task gets it, fed by our own sender; every alarm on our figures finds its figure."""
    state = applied.state()
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


@pytest.fixture(scope="module")
def home(applied: Terraform, simulated: str) -> Iterator[Home]:
    """What a process on AWS would have: settings as its task gets them, keys as the task's role."""
    told = json.loads(applied.run("output", "-json").stdout)["platform"]["value"]
    state = applied.state()
    worker = next(task for task in containers(state) if task["name"] == "worker")
    with at_home(simulated, told, {entry["name"]: entry["value"] for entry in worker["environment"]}) as found:
        yield found


async def test_uploads_go_into_the_buckets_and_by_tls_alone(home: Home, platform: Platform) -> None:
    storage = home.storage(platform)
    with pytest.raises(Rejected):  # the simulator speaks plain HTTP, and the buckets are for TLS only
        await storage.bucket("media").put("hello", b"there")
    home.let_plain_http_in()
    for name in platform.buckets:
        bucket = storage.bucket(name)
        await bucket.put("hello", b"there")
        async with httpx.AsyncClient() as browser:
            address = await bucket.presign_put("from-a-browser", timedelta(minutes=1))
            assert (await browser.put(address, content=b"here")).status_code == 200
        assert (await bucket.get("hello"), await bucket.get("from-a-browser")) == (b"there", b"here")
        assert home.told["buckets"][name] == f"directfanz-prod-{name}"
        await bucket.delete("hello", "from-a-browser")
    await storage.close()


async def test_links_are_signed_with_the_key_that_the_edge_knows(home: Home) -> None:
    """The pair that `directfanz aws` makes: its private half signs, its public half lies with CloudFront, under the number in the link."""
    await keep_media_key_id("directfanz", REGION, home.endpoint, home.told["media_key_id"])
    links = SignedLinks(home.told["site"], home.secrets("directfanz"), SystemClock())
    grant = await links.open_file("/media/0a/v/1/index.m3u8", timedelta(minutes=1))
    asked = dict(parse_qsl(urlsplit(grant.url).query))
    known = home.client("cloudfront").get_public_key(Id=asked["Key-Pair-Id"])["PublicKey"]["PublicKeyConfig"]
    policy = canned_policy(grant.url.partition("?")[0], grant.expires_at)
    assert verify_policy(policy, asked["Signature"], known["EncodedKey"].encode())
    assert not verify_policy(policy.replace("/0a/", "/0b/"), asked["Signature"], known["EncodedKey"].encode())
    groups = home.client("cloudfront").list_key_groups()["KeyGroupList"]["Items"]
    assert [asked["Key-Pair-Id"]] in [group["KeyGroup"]["KeyGroupConfig"]["Items"] for group in groups]


async def test_secrets_are_read_as_terraform_wrote_them(home: Home) -> None:
    made = home.secrets("directfanz-prod")
    assert len(await made.get("secret-key")) == 64
    assert (await made.get("database-direct-url")).startswith("postgresql://directfanz_app:")
    assert set(await made.names()) >= {"secret-key", "database-url", "cache-password", "stripe-secret-key"}


def test_an_alert_reaches_whoever_listens(home: Home) -> None:
    """A queue hears the topic here, in the place of a mailbox: an alarm that goes off is told to it."""
    queues, topic = home.client("sqs"), home.told["topics"]["page"]
    listener = queues.create_queue(QueueName="listener")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=listener, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscribed = home.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    home.client("sns").publish(TopicArn=topic, Subject="ALARM", Message="directfanz-prod-errors")
    (heard,) = queues.receive_message(QueueUrl=listener)["Messages"]
    assert json.loads(heard["Body"])["Message"] == "directfanz-prod-errors"
    home.client("sns").unsubscribe(SubscriptionArn=subscribed)
    queues.delete_queue(QueueUrl=listener)


def test_a_record_goes_into_the_zone(home: Home) -> None:
    names, zone = home.client("route53"), home.told["zone_id"]
    record = {"Name": "hello.directfanz.io.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"there"'}]}
    for action in ("CREATE", "DELETE"):
        names.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        )
        known = [one["Name"] for one in names.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]]
        assert ("hello.directfanz.io." in known) is (action == "CREATE")
    assert {"directfanz.io.", "origin.directfanz.io.", "ingest.directfanz.io."} <= set(known)


async def test_letters_leave_for_the_domain_that_was_announced(home: Home) -> None:
    carrier = SesCarrier(REGION, home.endpoint)
    assert await carrier.carry(letter("hello@directfanz.io"))
    with pytest.raises(DirectFanzError):
        await carrier.carry(letter("hello@elsewhere.example"))
    await carrier.close()


async def test_a_film_goes_through_the_queue(home: Home, platform: Platform) -> None:
    """Converted by another ffmpeg than ours, as a job in the queue, from the bucket of uploads into that of media."""
    home.let_plain_http_in()
    storage = home.storage(platform)
    made = open_transcoder(home.settings, platform, storage)
    assert isinstance(made, MediaConvert)
    order = await ordered_film(storage, platform)
    told: list[float] = []

    async def tell(share: float) -> None:
        told.append(share)

    done = await made.transcode(order, tell)
    assert {one.role for one in done.renditions} >= {"playlist", "video", "audio"}
    playlist = await storage.bucket("media").get(f"{order.target}/index.m3u8")
    assert playlist.startswith(b"#EXTM3U")
    assert told[-1] == 1.0
    assert home.settings.mediaconvert_queue == f"arn:aws:mediaconvert:{REGION}:123456789012:queues/directfanz-prod"
    for bucket in ("uploads", "media"):
        keys = [one.key async for one in storage.bucket(bucket).walk()]
        await storage.bucket(bucket).delete(*keys)
    await made.close()
    await storage.close()
